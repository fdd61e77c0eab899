"""What the planner is asked for."""

from dataclasses import dataclass, field
from enum import StrEnum

from sacroplasty.anatomy import Side
from sacroplasty.errors import BadUsage
from sacroplasty.planning.clearance_fields import (
    ANTERIOR,
    CANAL,
    CRANIAL,
    DISC,
    FORAMINA,
    ILIUM,
    SI_JOINT,
    VESSELS,
)
from sacroplasty.planning.needle import KNOWN_GAUGES
from sacroplasty.planning.placement_error import PlacementError
from sacroplasty.reference import constant_default, kept_defaults


@dataclass(frozen=True, slots=True)
class Margins:
    """Least surface-to-surface distances in mm; project defaults, no published standard exists.

    `neural_mm` holds for the foraminal canals and the sacral canal; `ilium_mm` only keeps the
    shaft out of the posterior iliac spine.
    """

    neural_mm: float = constant_default("margin_neural")
    si_joint_mm: float = constant_default("margin_si_joint")
    anterior_cortex_mm: float = constant_default("margin_anterior_cortex")
    cranial_cortex_mm: float = constant_default("margin_cranial_cortex")
    disc_mm: float = constant_default("margin_disc")
    ilium_mm: float = constant_default("margin_ilium")
    vessel_mm: float = constant_default("margin_vessel")

    @property
    def limits_mm(self) -> dict[str, float]:
        """The margin of each of `OBSTACLES`, by its key in `clearance_mm`."""
        return {
            FORAMINA: self.neural_mm,
            CANAL: self.neural_mm,
            SI_JOINT: self.si_joint_mm,
            ANTERIOR: self.anterior_cortex_mm,
            CRANIAL: self.cranial_cortex_mm,
            DISC: self.disc_mm,
            ILIUM: self.ilium_mm,
            VESSELS: self.vessel_mm,
        }


class ApproachChoice(StrEnum):
    """Which way to the sacrum is asked for; AUTO compares those into the ala."""

    AUTO = "auto"
    SHORT_AXIS = "short-axis"
    LONG_AXIS = "long-axis"
    TRANSILIAC = "transiliac"
    S1_BODY = "s1-body"


@dataclass(frozen=True, slots=True)
class PlanningSettings:
    """What to plan: approach, sides, needles, and what is asked of each of them.

    sides: which sides get a needle; a selected side without a safe path refuses the whole plan,
    so planning one side only is the operator's explicit choice. needles_per_side: one, or two
    whose tips are apart (at S1 and S2 by the short axis). body_needle: one more, into the S1
    body, for a horizontal limb or the bar of an H. accept_anatomy: plan although the sacrum
    model failed its checks; the plan then carries a failed finding that says so.
    max_needle_length_mm: entry to tip. max_tilt_deg: greatest angle between the needle and the
    vertical over a prone patient; None leaves it to the approach. placement: how far a hand
    misses; draws: how many placements are drawn; seed: of those draws.
    """

    margins: Margins = field(default_factory=Margins)
    approach: ApproachChoice = ApproachChoice.AUTO
    gauge: int = 11
    cement_ml_per_needle: float = constant_default("cement_per_side")
    sides: tuple[Side, ...] = (Side.LEFT, Side.RIGHT)
    needles_per_side: int = 1
    body_needle: bool = False
    accept_anatomy: bool = False
    max_needle_length_mm: float = constant_default("needle_length_limit")
    max_tilt_deg: float | None = None
    placement: PlacementError = field(default_factory=PlacementError)
    draws: int = 2000
    seed: int = 0

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
        if self.max_tilt_deg is not None and not 0 < self.max_tilt_deg <= 90:
            raise BadUsage(f"A needle tilt limit of {self.max_tilt_deg}° is outside 0–90°.")
        if self.needles_per_side not in (1, 2):
            raise BadUsage(
                f"One or two needles per side can be planned; got {self.needles_per_side}."
            )
        if not 100 <= self.draws <= 100_000:
            raise BadUsage(f"{self.draws} placements are outside 100–100,000; 2,000 is usual.")

    @property
    def numbers_used(self) -> tuple[str, ...]:
        """The `reference` rows whose value stands here, in a margin or in the placement error."""
        groups = (self, self.margins, self.placement)
        return tuple(sorted(name for group in groups for name in kept_defaults(group)))
