"""What the planner is asked for."""

from dataclasses import dataclass, field

from sacroplasty.errors import BadUsage
from sacroplasty.planning.needle import KNOWN_GAUGES
from sacroplasty.reference import constant


def _reference(name: str) -> float:
    return field(default_factory=lambda: constant(name).value)


@dataclass(frozen=True, slots=True)
class Margins:
    """Least surface-to-surface distances in mm; project defaults, no published standard exists."""

    neural_mm: float = _reference("margin_neural")
    si_joint_mm: float = _reference("margin_si_joint")
    anterior_cortex_mm: float = _reference("margin_anterior_cortex")


@dataclass(frozen=True, slots=True)
class PlanningSettings:
    """One needle per side, short-axis, S1 ala (version 1)."""

    margins: Margins = field(default_factory=Margins)
    gauge: int = 11
    cement_ml_per_needle: float = 3.0

    def __post_init__(self) -> None:
        if self.gauge not in KNOWN_GAUGES:
            known = ", ".join(str(g) for g in KNOWN_GAUGES)
            raise BadUsage(f"There is no {self.gauge} G needle here; known gauges are {known}.")
        if not 0 < self.cement_ml_per_needle <= 10:
            raise BadUsage(
                f"{self.cement_ml_per_needle} mL of cement per needle is outside 0–10 mL; "
                "published volumes are 2–6 mL per side."
            )
