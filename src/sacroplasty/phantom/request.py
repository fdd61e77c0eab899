"""What a virtual patient is asked to be, and what one is."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.phantom.dimensions import PatientDimensions
from sacroplasty.phantom.fracture_pattern import FracturePattern, FractureZones, Limb
from sacroplasty.phantom.incidental import Incidental
from sacroplasty.phantom.scanner_settings import ScannerSettings
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.variants import SacralVariant

_AGES = (40, 105)
_RANGES = {"aperture_mm": (0.2, 4.0), "displacement_mm": (0.0, 15.0), "t_score": (-6.0, 3.0)}


@dataclass(frozen=True, slots=True)
class PatientRequest:
    """Who is wanted. A right-sided fracture is the mirror image of the left-sided patient.

    zones: the Denis zones that the fracture crosses; None means zone I for the alar patterns and
    I-II-III for those with a horizontal limb (no other is possible for these).
    aperture_mm (0.2–4) is the mean width of the clefts, displacement_mm (0–15) how far the lateral
    fragment is moved; None means that they are drawn. t_score is the osteodensitometric T-score (−6…3);
    None draws the density of people with insufficiency fractures.
    """

    sex: Sex = Sex.FEMALE
    age_years: int = 78
    fracture: FracturePattern = FracturePattern.BILATERAL_ALA
    scanner: ScannerSettings = field(default_factory=ScannerSettings)
    zones: FractureZones | None = None
    aperture_mm: float | None = None
    displacement_mm: float | None = None
    t_score: float | None = None
    incidentals: frozenset[Incidental] = frozenset()
    variant: SacralVariant = SacralVariant.TYPICAL

    def __post_init__(self) -> None:
        if not _AGES[0] <= self.age_years <= _AGES[1]:
            raise BadUsage(
                f"A virtual patient aged {self.age_years} years: choose {_AGES[0]}–{_AGES[1]}."
            )
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadUsage(f"Virtual patient: {name} {value} lies outside {low}–{high}.")
        if self.zones is not None and self.zones not in _possible_zones(self.fracture):
            raise BadUsage(
                f"A virtual fracture of pattern {self.fracture.value!r} cannot cross zones "
                f"{self.zones.value}; choose from "
                f"{', '.join(z.value for z in _possible_zones(self.fracture))}."
            )

    @property
    def fracture_zones(self) -> FractureZones:
        """The zones that the fracture crosses, the default filled in."""
        return self.zones or _possible_zones(self.fracture)[0]

    def document(self) -> dict[str, Any]:
        """The request as plain JSON values, in an order that does not depend on hashing."""
        plain = asdict(self)
        plain["incidentals"] = sorted(i.value for i in self.incidentals)
        return plain


def _possible_zones(pattern: FracturePattern) -> tuple[FractureZones, ...]:
    if pattern is FracturePattern.NONE:
        return (FractureZones.NONE,)
    if pattern.has_horizontal_limb:
        return (FractureZones.I_II_III,)
    return (FractureZones.I, FractureZones.II, FractureZones.I_II)


@dataclass(frozen=True, eq=False, slots=True)
class VirtualFracture:
    """The fracture that was made.

    clefts: 0 none, 1 vertical limb on the left, 2 on the right, 3 horizontal limb, on the truth's
    working grid (see `Limb`). aperture_mm and displacement_mm are 0 where nothing is broken.
    """

    pattern: FracturePattern
    clefts: Volume[np.uint8]
    zones: FractureZones = FractureZones.NONE
    aperture_mm: float = 0.0
    displacement_mm: float = 0.0

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides with a vertical limb."""
        return self.pattern.sides

    @property
    def limbs(self) -> tuple[Limb, ...]:
        """The limbs that there are voxels of."""
        present = np.unique(self.clefts.values)
        return tuple(limb for limb in Limb if limb.value_in_clefts in present)

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
