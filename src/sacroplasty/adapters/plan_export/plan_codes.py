"""The codes that DICOM objects of a plan use: DCM and SNOMED CT as pydicom's dictionaries list them.

What neither has (clearance to a structure, chance of a breach, cement in a bone) is coded privately
and says in words what it is.
"""

from typing import Any

from sacroplasty.adapters.label_export.derived_object import PRIVATE_SCHEME
from sacroplasty.anatomy import Side
from sacroplasty.planning import TrajectoryPlan
from sacroplasty.provenance import digest

Code = tuple[str, str, str]

PHYSICAL: Code = ("260787004", "SCT", "Physical object")
NEEDLE: Code = ("79068005", "SCT", "Needle")
SACRUM: Code = ("54735007", "SCT", "Sacrum")
LATERALITY: dict[Side, Code] = {
    Side.LEFT: ("7771000", "SCT", "Left"),
    Side.RIGHT: ("24028007", "SCT", "Right"),
}
CEMENT_ZONE: Code = ("cement_zone", PRIVATE_SCHEME, "Planned cement zone")
PLANNED_PATH: Code = ("needle_path", PRIVATE_SCHEME, "Planned needle path")
CEMENT_VOLUME: Code = ("cement_volume", PRIVATE_SCHEME, "Planned cement volume")
OFF_TARGET: Code = ("off_target", PRIVATE_SCHEME, "Probability of missing the target bone")
ANY_BREACH: Code = ("any_breach", PRIVATE_SCHEME, "Probability of any breach")
LOWER_BOUND: Code = ("ci95_lower", PRIVATE_SCHEME, "Lower bound of 95 % confidence interval")
UPPER_BOUND: Code = ("ci95_upper", PRIVATE_SCHEME, "Upper bound of 95 % confidence interval")
MILLIMETRE: Code = ("mm", "UCUM", "mm")
MILLILITRE: Code = ("mL", "UCUM", "mL")
NO_UNIT: Code = ("1", "UCUM", "no units")
GAUGE_UNIT: Code = ("{gauge}", "UCUM", "gauge")


def clearance_code(structure: str) -> Code:
    """Surface-to-surface distance from needle to a structure of the plan."""
    words = structure.replace("_", " ")
    return f"clr_{structure}"[:16], PRIVATE_SCHEME, f"Needle clearance to {words}"


def breach_code(structure: str) -> Code:
    """Chance that a needle set by hand touches a structure of the plan."""
    words = structure.replace("_", " ")
    return f"brc_{structure}"[:16], PRIVATE_SCHEME, f"Breach probability, {words}"


def planned_content(plan: TrajectoryPlan) -> str:
    """A digest of what an exported plan says; UIDs are derived from it."""
    needles: tuple[Any, ...] = tuple(
        (
            planned.name,
            planned.side,
            planned.needle.entry.xyz,
            planned.needle.tip.xyz,
            planned.needle.gauge,
            planned.cement_ml,
            planned.clearance_mm,
            planned.risk,
        )
        for planned in plan.needles
    )
    return digest(needles)
