"""What the planner is asked for."""

from dataclasses import dataclass, field

from sacroplasty.anatomy import Side
from sacroplasty.errors import BadUsage
from sacroplasty.planning.needle import KNOWN_GAUGES
from sacroplasty.reference import constant


def _reference(name: str) -> float:
    return field(default_factory=lambda: constant(name).value)


@dataclass(frozen=True, slots=True)
class Margins:
    """Least surface-to-surface distances in mm; project defaults, no published standard exists.

    `neural_mm` holds for the foraminal canals and the sacral canal; `ilium_mm` only keeps the
    shaft out of the posterior iliac spine.
    """

    neural_mm: float = _reference("margin_neural")
    si_joint_mm: float = _reference("margin_si_joint")
    anterior_cortex_mm: float = _reference("margin_anterior_cortex")
    cranial_cortex_mm: float = _reference("margin_cranial_cortex")
    disc_mm: float = _reference("margin_disc")
    ilium_mm: float = _reference("margin_ilium")


@dataclass(frozen=True, slots=True)
class PlanningSettings:
    """One needle per side, short-axis, S1 ala (version 1).

    sides: which sides get a needle; a selected side without a safe path refuses the whole plan, so
        planning one side only is the operator's explicit choice.
    accept_anatomy: plan although the sacrum model failed its checks; the plan then carries a failed
        finding that says so.
    max_needle_length_mm: entry to tip. max_tilt_deg: greatest angle between the needle and the
        vertical over a prone patient.
    """

    margins: Margins = field(default_factory=Margins)
    gauge: int = 11
    cement_ml_per_needle: float = _reference("cement_per_side")
    sides: tuple[Side, ...] = (Side.LEFT, Side.RIGHT)
    accept_anatomy: bool = False
    max_needle_length_mm: float = _reference("needle_length_limit")
    max_tilt_deg: float = _reference("needle_tilt_limit")

    def __post_init__(self) -> None:
        if self.gauge not in KNOWN_GAUGES:
            known = ", ".join(str(g) for g in KNOWN_GAUGES)
            raise BadUsage(f"There is no {self.gauge} G needle here; known gauges are {known}.")
        if not 0 < self.cement_ml_per_needle <= 10:
            raise BadUsage(
                f"{self.cement_ml_per_needle} mL of cement per needle is outside 0–10 mL; "
                "published volumes are 2–6 mL per side."
            )
        if not self.sides or len(set(self.sides)) != len(self.sides):
            named = ", ".join(self.sides) or "none"
            raise BadUsage(f"Choose left, right or both sides, each once; got {named}.")
        if not 30 <= self.max_needle_length_mm <= 300:
            raise BadUsage(
                f"A needle length limit of {self.max_needle_length_mm} mm is outside 30–300 mm."
            )
        if not 0 < self.max_tilt_deg <= 80:
            raise BadUsage(f"A needle tilt limit of {self.max_tilt_deg}° is outside 0–80°.")
