"""A leak, by the site codes of the project's taxonomy (not a validated grade)."""

from dataclasses import dataclass
from enum import StrEnum

from sacroplasty.anatomy import Level, Side


class LeakSite(StrEnum):
    """Compartments outside the sacral bone."""

    FORAMEN = "foramen"
    CANAL = "canal"
    SI_JOINT = "si_joint"
    DISC_L5S1 = "disc_L5S1"
    L5 = "L5"
    ILIUM = "ilium"
    PRESACRAL = "presacral"
    POSTERIOR = "posterior"
    VEIN = "vein"
    NEEDLE_TRACT = "needle_tract"


class LeakPath(StrEnum):
    """Through which gap cement left the sacrum."""

    FRACTURE_CLEFT = "fracture_cleft"
    CORTICAL_DEFECT = "cortical_defect"
    INTACT_CORTEX = "intact_cortex"
    FORAMEN_WALL = "foramen_wall"
    CANAL_WALL = "canal_wall"
    JOINT = "joint"
    ENDPLATE = "endplate"
    VEIN = "vein"
    NEEDLE_TRACT = "needle_tract"


class NeuralContact(StrEnum):
    """What the leak does to a nerve's space."""

    NONE = "none"
    ABUTS = "abuts"
    ENCROACHES = "encroaches"


@dataclass(frozen=True, slots=True)
class LeakOnset:
    """When and how a simulated leak began; a leak that is found on a CT has none.

    time_s since the first drop, tip pressure and rate at that time, the needle that was open, and
    the gap; path is None where the cement came out at the needle's own opening.
    """

    time_s: float
    tip_pressure_mpa: float
    rate_mm3_per_s: float
    needle: str
    path: LeakPath | None


@dataclass(frozen=True, slots=True)
class Leak:
    """Cement in one compartment.

    extent_mm: longest straight distance inside the leak. confidence: 0…1; a simulated leak above
    the resolution of its grid is 1. `side` is None for a midline site, `level` for one without levels.
    onset: of a simulated leak.
    """

    site: LeakSite
    side: Side | None
    level: Level | None
    volume_mm3: float
    extent_mm: float
    neural_contact: NeuralContact
    confidence: float
    onset: LeakOnset | None = None


@dataclass(frozen=True, eq=False, slots=True)
class LeakReport:
    """All leaks of one cement field, and where the rest of it is (mm³).

    by_zone_mm3: cement inside the sacrum per Denis zone 1–3; left and right are split by the
    sacral midline plane. Inside plus all leaks is the total.
    """

    leaks: tuple[Leak, ...]
    total_mm3: float
    inside_bone_mm3: float
    left_mm3: float
    right_mm3: float
    by_zone_mm3: dict[int, float]
