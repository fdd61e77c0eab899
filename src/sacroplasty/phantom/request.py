"""What a virtual patient is asked to be, and what one is."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.phantom.dimensions import PatientDimensions
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.variants import SacralVariant

_AGES = (40, 105)


class FracturePattern(StrEnum):
    """Insufficiency fractures of the ala (Denis zone I)."""

    NONE = "none"
    BILATERAL_ALA = "bilateral ala"
    LEFT_ALA = "left ala"
    RIGHT_ALA = "right ala"

    @property
    def sides(self) -> tuple[Side, ...]:
        """The fractured sides."""
        return {
            FracturePattern.NONE: (),
            FracturePattern.BILATERAL_ALA: (Side.LEFT, Side.RIGHT),
            FracturePattern.LEFT_ALA: (Side.LEFT,),
            FracturePattern.RIGHT_ALA: (Side.RIGHT,),
        }[self]


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """The CT scanner: sampling, blur and noise.

    in_plane_mm and slice_mm are spacings (slices are contiguous: each averages its thickness);
    blur_fwhm_mm is the in-plane point spread; noise_hu the SD of the noise;
    table_rotation_deg turns the patient about the long axis (positive: left side down).
    field_mm is the reconstructed box, patient left-right, front-back, head-foot.
    """

    in_plane_mm: float = 1.0
    slice_mm: float = 1.0
    blur_fwhm_mm: float = 1.1
    noise_hu: float = 14.0
    table_rotation_deg: float = 0.0
    field_mm: tuple[float, float, float] = (420.0, 300.0, 256.0)

    def __post_init__(self) -> None:
        limits = {
            "in_plane_mm": (0.5, 3.0),
            "slice_mm": (0.5, 5.0),
            "blur_fwhm_mm": (0.0, 4.0),
            "noise_hu": (0.0, 100.0),
            "table_rotation_deg": (-30.0, 30.0),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadUsage(f"Virtual scanner: {name} {value} lies outside {low}–{high}.")
        if not all(100.0 <= f <= 600.0 for f in self.field_mm):
            raise BadUsage(f"Virtual scanner: field {self.field_mm} mm must be 100–600 mm a side.")


@dataclass(frozen=True, slots=True)
class PatientRequest:
    """Who is wanted. A right-sided fracture is the mirror image of the left-sided patient."""

    sex: Sex = Sex.FEMALE
    age_years: int = 78
    fracture: FracturePattern = FracturePattern.BILATERAL_ALA
    scanner: ScannerSettings = field(default_factory=ScannerSettings)
    variant: SacralVariant = SacralVariant.TYPICAL

    def __post_init__(self) -> None:
        if not _AGES[0] <= self.age_years <= _AGES[1]:
            raise BadUsage(
                f"A virtual patient aged {self.age_years} years: choose {_AGES[0]}–{_AGES[1]}."
            )


@dataclass(frozen=True, eq=False, slots=True)
class VirtualFracture:
    """The fracture that was made.

    clefts: 0 none, 1 cleft in the left ala, 2 in the right, on the truth's working grid.
    """

    pattern: FracturePattern
    clefts: Volume[np.uint8]

    @property
    def voxels(self) -> int:
        """Voxels that a cleft runs through."""
        return int(np.count_nonzero(self.clefts.values))


@dataclass(frozen=True, eq=False, slots=True)
class VirtualPatient:
    """A CT and the anatomy and fracture that made it.

    truth lies on its own 1 mm working grid around the sacrum; labels_on_ct are the same structures
    on the whole CT grid; dimensions are the drawn sizes.
    """

    ct: CTVolume
    truth: SacrumModel
    labels_on_ct: Volume[np.uint8]
    fracture: VirtualFracture
    dimensions: PatientDimensions
    request: PatientRequest
    seed: int

    def __post_init__(self) -> None:
        require_same_frame(self.ct, self.truth)
        if self.labels_on_ct.grid != self.ct.grid:
            raise BadInput("The labels of a virtual patient must lie on its CT's grid.")
        if self.fracture.clefts.grid != self.truth.labels.grid:
            raise BadInput("The fracture of a virtual patient must lie on its truth's grid.")
