"""What the plan page says in words: depths, angles, sides, and what a needle crosses."""

from sacroplasty.adapters.report.depth_ticks import DepthMark
from sacroplasty.adapters.report.sentences import side_phrase
from sacroplasty.anatomy import Side
from sacroplasty.findings import Finding, Verdict
from sacroplasty.planning import (
    PLAIN_NAMES,
    Bone,
    CArmAngles,
    Chance,
    PlannedNeedle,
    TrajectoryPlan,
    passage_of,
)

# Approaches from behind, whose way on from the target leads to the front of the sacrum.
_FROM_BEHIND = ("short-axis", "s1-body")
# A structure that lies off the map has no distance worth printing.
_OFF_THE_MAP_MM = 1000.0
_PERCENT = 100.0


def entry_word(plan: TrajectoryPlan, planned: PlannedNeedle) -> str:
    """Whether the entry is imaged skin or only assumed to be skin."""
    found = finding_of(plan, f"{planned.name}: skin entry")
    return "skin" if found is None or found.verdict is Verdict.PASS else "assumed skin"


def depth_marks(plan: TrajectoryPlan, planned: PlannedNeedle) -> tuple[DepthMark, ...]:
    """Skin, cortex, target, and where bone ends beyond it, by depth."""
    depth = planned.guidance.depth
    passage = passage_of(planned.approach)
    through_ilium = passage.bone is Bone.PELVIC_RING
    marks = [
        DepthMark(0.0, entry_word(plan, planned)),
        DepthMark(depth.dorsal_cortex_mm, "iliac cortex" if through_ilium else "cortex"),
        DepthMark(depth.target_mm, "target"),
    ]
    if depth.anterior_cortex_mm is not None:
        ahead = "anterior cortex" if planned.approach in _FROM_BEHIND else "bone ends"
        marks.append(DepthMark(depth.anterior_cortex_mm, ahead))
    return tuple(marks)


def finding_of(plan: TrajectoryPlan, check: str) -> Finding | None:
    """The plan's finding of that name."""
    return next((finding for finding in plan.findings if finding.check == check), None)


def crossed(planned: PlannedNeedle) -> list[str]:
    """What the approach runs through on purpose, in words."""
    passage = passage_of(planned.approach)
    return sorted(PLAIN_NAMES[key] for key in passage.crosses)


def slice_text(planned: PlannedNeedle) -> str:
    """The axial slice of the entry by its table position."""
    return f"slice z {planned.guidance.table_position_mm:.1f} mm".replace("-", "−")


def beside_midline(planned: PlannedNeedle) -> str:
    """Where the entry lies beside the midline, and on whose side."""
    away = planned.guidance.lateral_offset_mm
    other = Side.RIGHT if planned.side is Side.LEFT else Side.LEFT
    if abs(away) < 0.5:
        return "on the midline"
    side = planned.side if away > 0 else other
    return f"{abs(away):.0f} mm from the midline on the {side_phrase(side)}"


def axial_angle(planned: PlannedNeedle) -> str:
    """The angle in the axial slice, in words."""
    angle = planned.guidance.axial_angle_deg
    towards = "away from" if angle > 0 else "towards"
    return f"{abs(angle):.0f}° from vertical" + (
        f", tip {towards} the midline" if abs(angle) >= 0.5 else ""
    )


def sagittal_angle(planned: PlannedNeedle) -> str:
    """The angle seen from the side, in words."""
    angle = planned.guidance.sagittal_angle_deg
    return f"{abs(angle):.0f}° from the axial plane" + (
        f", tip towards the {'head' if angle > 0 else 'feet'}" if abs(angle) >= 0.5 else ""
    )


def carm_phrase(angles: CArmAngles) -> str:
    """Where the detector goes from straight above the back of the prone patient."""
    turned = _turn(angles.rotation_deg, "patient's left", "patient's right")
    tilted = _turn(angles.cranial_deg, "head", "feet")
    return ", ".join(part for part in (turned, tilted) if part) or "straight above the back"


def _turn(angle_deg: float, positive: str, negative: str) -> str:
    if abs(angle_deg) < 0.5:
        return ""
    return f"{abs(angle_deg):.0f}° to the {positive if angle_deg > 0 else negative}"


def distance_text(value_mm: float) -> str:
    """A distance in mm as it deserves to be printed."""
    if abs(value_mm) >= _OFF_THE_MAP_MM:
        return "not near"
    return f"{value_mm:.1f} mm".replace("-", "−")


def percent_text(share: float) -> str:
    """A share as per cent; one digit below ten."""
    percent = _PERCENT * share
    return f"{percent:.0f} %" if percent >= 10 or percent == 0 else f"{percent:.1f} %"


def chance_text(chance: Chance) -> str:
    """A chance with its 95 % interval."""
    low, high = _PERCENT * chance.low, _PERCENT * chance.high
    return f"{percent_text(chance.share)} ({low:.1f}–{high:.1f})"
