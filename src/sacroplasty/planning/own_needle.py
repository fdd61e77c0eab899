"""A needle that the operator draws: measured, judged and guided like one that the search found."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import SacrumModel, Side, Structure
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.findings import Finding
from sacroplasty.geometry import Points, Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.planning.clearance import measure_needle, skin_is_imaged
from sacroplasty.planning.clearance_fields import ClearanceFields, build_clearance_fields
from sacroplasty.planning.comparison import approach_for
from sacroplasty.planning.judgement import (
    check_anatomy,
    check_apart,
    check_cement,
    judge_needle,
)
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.placement_error import PlacementDraws
from sacroplasty.planning.risk_assessment import assess_risk
from sacroplasty.planning.setting_up import guide_needle
from sacroplasty.planning.settings import ApproachChoice, PlanningSettings
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan

# An entry may lie a little inside or outside the imaged skin: a finger dents it.
_SKIN_TOLERANCE_MM = 5.0


@dataclass(frozen=True, eq=False, slots=True)
class OwnNeedle:
    """Entry and target as drawn, single points in the scanner frame, and by which approach.

    approach: AUTO counts as the short axis, which crosses nothing.
    """

    entry: Points
    target: Points
    approach: ApproachChoice = ApproachChoice.AUTO


def plan_own_needles(
    ct: CTVolume,
    sacrum: SacrumModel,
    own: tuple[OwnNeedle, ...],
    settings: PlanningSettings,
    vessels: Volume[np.uint8] | None = None,
) -> TrajectoryPlan:
    """A plan of needles that the operator drew; margins that they break are findings that fail.

    Raises `AnatomyNotTrusted` as `plan_trajectories`, and `BadInput` for what is no needle: a
    target outside bone, an entry inside the body, a path longer than a needle.
    """
    require_same_frame(ct, sacrum)
    _require_nothing_to_search(own, settings)
    findings: list[Finding] = [check_anatomy(sacrum, settings.accept_anatomy)]
    fields = build_clearance_fields(sacrum, ct, vessels)
    has_skin = skin_is_imaged(fields)
    needles: list[PlannedNeedle] = []
    for drawn in own:
        _require_target_in_bone(sacrum, drawn.target)
        name = _name(fields.side_of(drawn.target), drawn.approach, needles)
        needle = describe_needle(fields, sacrum, drawn, settings, name)
        _require_a_needle(fields, needle, settings)
        needles.append(needle)
        findings += judge_needle(sacrum, fields, needle, settings.margins, has_skin)
    findings += check_apart(needles)
    findings += check_cement(settings, tuple(needle.side for needle in needles))
    return TrajectoryPlan(tuple(needles), settings.margins, tuple(findings), (), settings.seed)


def _require_nothing_to_search(own: tuple[OwnNeedle, ...], settings: PlanningSettings) -> None:
    if not own:
        raise BadUsage("There is no needle to measure; give an entry and a target.")
    if settings.body_needle or settings.needles_per_side != 1:
        raise BadUsage(
            "Own needles are measured as drawn; a body needle or two needles per side belong to a "
            "search. Leave them out, or draw those needles too."
        )


def describe_needle(
    fields: ClearanceFields,
    sacrum: SacrumModel,
    own: OwnNeedle,
    settings: PlanningSettings,
    name: str,
) -> PlannedNeedle:
    """What is measured, risked and read off for any needle, whoever chose it; nothing is judged."""
    needle = Needle(own.entry, own.target, NeedleGauge.of(settings.gauge))
    side = fields.side_of(needle.tip)
    approach = approach_for(own.approach, sacrum, side)
    measured = measure_needle(fields, needle, approach.passage)
    draws = PlacementDraws.drawn(settings.draws, np.random.default_rng(settings.seed))
    basis = f"{settings.cement_ml_per_needle:g} mL per needle as set"
    return PlannedNeedle(
        name=name,
        side=side,
        approach=approach.name,
        level=approach.level,
        needle=needle,
        cement_ml=settings.cement_ml_per_needle,
        clearance_mm=measured.clearance_mm,
        bone_entry_depth_mm=measured.bone_entry_depth_mm or 0.0,
        risk=assess_risk(fields, approach, needle, draws, settings.placement),
        guidance=guide_needle(sacrum, side, needle, measured, basis),
        reason="Drawn by the operator.",
    )


def _name(side: Side, approach: ApproachChoice, earlier: list[PlannedNeedle]) -> str:
    name = f"{side} own {approach}"
    number = 1 + sum(needle.name.startswith(name) for needle in earlier)
    return name if number == 1 else f"{name} {number}"


def _require_target_in_bone(sacrum: SacrumModel, target: Points) -> None:
    x, y, z = target.single
    grid = sacrum.labels.grid
    if not grid.contains(target)[0]:
        raise BadInput(f"The target ({x:.0f}, {y:.0f}, {z:.0f}) mm lies outside the scan.")
    found = Structure(int(sacrum.labels.at(target, order=0)[0]))
    if found is not Structure.SACRUM:
        raise BadInput(
            f"The target ({x:.0f}, {y:.0f}, {z:.0f}) mm lies in {found.label.replace('_', ' ')}, "
            "not in sacral bone; move it into the sacrum. Points are LPS mm."
        )


def _require_a_needle(
    fields: ClearanceFields, planned: PlannedNeedle, settings: PlanningSettings
) -> None:
    """On a side that was asked for, entry at the skin where that is imaged, no longer than a needle."""
    needle = planned.needle
    if planned.side not in settings.sides:
        asked = " and ".join(settings.sides)
        raise BadUsage(
            f"The target of {planned.name!r} lies on the patient's {planned.side}, and only the "
            f"{asked} was asked for; check left and right (points are LPS mm), or the sides."
        )
    if needle.length_mm > settings.max_needle_length_mm:
        raise BadInput(
            f"The drawn needle {planned.name!r} is {needle.length_mm:.0f} mm long, above the limit "
            f"of {settings.max_needle_length_mm:.0f} mm; draw a shorter path."
        )
    gap_mm = measure_needle(fields, needle).skin_gap_mm
    if gap_mm is not None and abs(gap_mm) > _SKIN_TOLERANCE_MM:
        where = "inside" if gap_mm > 0 else "outside"
        raise BadInput(
            f"The entry of {planned.name!r} lies {abs(gap_mm):.0f} mm {where} the body, measured "
            f"along the needle (limit {_SKIN_TOLERANCE_MM:.0f} mm); move it to the skin."
        )
