"""A virtual patient that nobody scans: the anatomy alone, as fine as it is asked for.

A scan costs more than everything else, and a study of paths through true bone needs none.
"""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.geometry import Frame, Grid, Volume, require_same_frame
from sacroplasty.phantom.laid_patient import LaidPatient, lay_patient
from sacroplasty.phantom.mirror import mirrored_model, renamed
from sacroplasty.phantom.render import render
from sacroplasty.phantom.request import PatientRequest
from sacroplasty.phantom.truth import build_truth
from sacroplasty.phantom.virtual_patient import virtual_uid

# The body is widest at the hips, by this factor of the width at the endplate.
_HIPS = 1.12
_BESIDE_SKIN_MM = 14.0


@dataclass(frozen=True, eq=False, slots=True)
class UnscannedPatient:
    """The patient that `make_virtual_patient` makes of the same request and seed, before the scan."""

    laid: LaidPatient
    frame: Frame

    @classmethod
    def of(cls, request: PatientRequest, seed: int) -> "UnscannedPatient":
        """The patient of a seed, in the frame of its scan."""
        return cls(
            lay_patient(request, seed), Frame(virtual_uid(request, seed, "frame of reference"))
        )

    def model(self, working_mm: float) -> SacrumModel:
        """The ground truth on a working grid of this spacing that reaches the skin of the flanks."""
        laid = self.laid
        half_mm = _HIPS * laid.shape.skin_half_width + _BESIDE_SKIN_MM
        truth, _ = build_truth(
            laid.shape, laid.curve, laid.placement, self.frame, working_mm, half_mm
        )
        return mirrored_model(truth) if laid.mirrored else truth

    def labels_on(self, grid: Grid) -> Volume[np.uint8]:
        """`Structure` at the points of any grid of the patient's frame, turned ones too.

        Each point is asked of the solids themselves: nothing is interpolated between voxels.
        """
        require_same_frame(self, grid)
        place = self.laid.real_placement
        _, labels, _ = render(self.laid.shape, grid, place.rotation, place.centre, labels_only=True)
        return Volume(renamed(labels) if self.laid.mirrored else labels, grid)
