"""A CT as read: Hounsfield units on a grid in patient axes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Volume

AIR_HU = -1024


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How the scan was made, without anything that names the patient.

    `source_digest` is the SHA-256 of the input's content; `repairs` lists every change that was
    made on request ("sheared back a gantry tilt of 12.0°"), `notes` every harmless reading
    decision ("skipped 1 localiser image").
    """

    source_digest: str
    source_format: str
    series_uid: str = ""
    kvp: float | None = None
    kernel: str = ""
    manufacturer: str = ""
    patient_position: str = ""
    slice_thickness_mm: float | None = None
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class CTVolume:
    """`hu` (k, j, i) int16 in Hounsfield units on `grid` (LPS mm).

    Voxels that the scanner never measured (padding) read AIR_HU. Use `volume` for sampling and
    resampling: ``ct.volume.on(grid, order=1, outside=AIR_HU)``.
    """

    hu: NDArray[np.int16]
    grid: Grid
    acquisition: Acquisition

    def __post_init__(self) -> None:
        bad = np.count_nonzero(~np.isfinite(self.hu)) if self.hu.dtype.kind == "f" else 0
        if bad:
            raise BadInput(
                f"The CT holds {bad} voxels that are not a number; mark what was not scanned with "
                f"{AIR_HU} HU."
            )
        object.__setattr__(
            self, "hu", Volume(self.hu.astype(np.int16, copy=False), self.grid).values
        )

    @property
    def volume(self) -> Volume[np.int16]:
        """The same voxels as a plain volume."""
        return Volume(self.hu, self.grid)

    @property
    def frame(self) -> Frame:
        """The scanner's frame of reference."""
        return self.grid.frame
