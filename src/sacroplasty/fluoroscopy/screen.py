"""How one view is laid on the screen: levelled and windowed by the patient alone, then held.

A trunk differs far more in thickness than a sacrum does in bone: in a large woman's outlet view the
line integral runs from 1 beside the thighs to 11 through the abdomen, and bone against its
surroundings is 0.3. So every fluoroscope takes the broad changes of thickness off before it
windows, and measures the brightness over the part that is treated. Here the sacrum is in the middle
of every named view, and what is measured is a disc about it. Nothing but the picture on the screen
is changed; line integrals, frames and DICOM files are not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.display import Window, level_of, window_of
from sacroplasty.fluoroscopy.radiograph import Radiograph

# By eye, on AP, lateral, inlet and outlet of a large woman's scan and of virtual patients.
_LEVELLED, _SACRUM, _DARK_SPANS = 0.9, 0.4, 1.3
# Rays that met less than this part of what the middle met run beside the trunk, through air, clothes
# or the table seen edge-on, or leave by the end of the scan.
_BESIDE = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class Screen:
    """`level` (rows, columns) is taken off a picture before it is shown in `window`.

    Both come from the view of the patient with nothing in him, so what is put into him changes no
    grey beside it.
    """

    level: NDArray[np.float32]
    window: Window

    @classmethod
    def of(cls, patient: Radiograph, lit: NDArray[np.bool_] | None = None) -> "Screen":
        """For a view of the patient alone; `lit`: rays within the shutters, None for all.

        Nothing of the patient lies below black, and beside the trunk all of him is black: what is
        put in there shows by its own shadow. Raises `BadInput` where nothing stops the beam.
        """
        integrals = patient.line_integrals
        within = np.ones(patient.pose.shape, dtype=bool) if lit is None else lit
        rows, columns = (slice(n // 3, n - n // 3) for n in patient.pose.shape)
        middle = float(np.median(integrals[rows, columns]))
        trunk = within & (integrals > _BESIDE * middle)
        if not trunk.any():
            raise BadInput("Nothing stopped the beam in this picture; there is nothing to show.")
        level = level_of(patient, trunk, share=_LEVELLED)
        levelled = Radiograph(integrals - level, patient.pose)
        window = window_of(levelled, trunk, measured_radius=_SACRUM, dark_spans=_DARK_SPANS)
        black = integrals - np.float32(window.low)
        return cls(np.where(trunk, np.minimum(level, black), black), window)

    def shown(self, picture: Radiograph) -> Radiograph:
        """The picture to be windowed by `window`."""
        return Radiograph(picture.line_integrals - self.level, picture.pose)
