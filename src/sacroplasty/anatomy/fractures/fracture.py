"""A fracture of the sacrum: its limbs, the cleft, and how far it is trusted."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sacroplasty.anatomy.fractures.limb import FractureLimb
from sacroplasty.anatomy.structures import Level, Side
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Volume, require_same_frame


class FractureSource(StrEnum):
    """Who says that there is a fracture."""

    USER = "user"
    SUGGESTED = "suggested"


class SacralFracturePattern(StrEnum):
    """The shape that the limbs make together, as seen from the front."""

    NONE = "none"
    UNILATERAL_ALA = "unilateral ala"
    BILATERAL_ALA = "bilateral ala"
    HORIZONTAL = "horizontal"
    H = "H"
    U = "U"
    T = "T"
    ONE_SIDE_AND_HORIZONTAL = "one side and horizontal"


@dataclass(frozen=True, eq=False, slots=True)
class Fracture:
    """All limbs of one patient's sacral fracture.

    cleft: 0 none, n the voxels of `limbs[n - 1]`, on the sacrum model's working grid. score: that
    of the most certain limb, 0…1, or None where the user drew it. A suggestion becomes
    `confirmed` only by the user (`confirm_fracture`).
    """

    limbs: tuple[FractureLimb, ...]
    cleft: Volume[np.uint8]
    pattern: SacralFracturePattern
    source: FractureSource
    score: float | None = None
    confirmed: bool = False

    def __post_init__(self) -> None:
        if not self.limbs:
            raise BadInput("A fracture without a limb; where there is none, there is no Fracture.")
        for limb in self.limbs:
            require_same_frame(self.cleft, limb.cleft)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The broken sides, left first; a limb across the midline breaks both."""
        return tuple(s for s in Side if any(limb.side in (s, None) for limb in self.limbs))

    @property
    def zones(self) -> tuple[int, ...]:
        """Denis zones that are crossed, 1 to 3."""
        return tuple(sorted({zone for limb in self.limbs for zone in limb.zones}))

    @property
    def horizontal_levels(self) -> tuple[Level | None, ...]:
        """One entry per horizontal limb; None where the foramina give no level."""
        return tuple(limb.level for limb in self.limbs if limb.horizontal)

    @property
    def displacement_mm(self) -> float | None:
        """The largest shift of the cortex across a limb, or None where none was measured."""
        measured = [x.displacement_mm for x in self.limbs if x.displacement_mm is not None]
        return max(measured, default=None)


@dataclass(frozen=True, eq=False, slots=True)
class FractureCandidate:
    """A limb that the detector marks: a suggestion, never a diagnosis.

    score: 0…1, 0.5 at the detector's own working point; evidence: what spoke for it, as sums over
    the sheet (see `find_fractures`).
    """

    limb: FractureLimb
    score: float
    evidence: float
