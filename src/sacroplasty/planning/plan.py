"""The plan of one session: one needle per side, measured, judged, or refused."""

from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.errors import NoSafeCorridor
from sacroplasty.findings import Finding
from sacroplasty.geometry import require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.planning.approaches import ShortAxis
from sacroplasty.planning.clearance import NeedleMeasurement, measure_needle
from sacroplasty.planning.clearance_fields import ClearanceFields, build_clearance_fields
from sacroplasty.planning.corridor_search import Corridor, find_corridor, limits_mm
from sacroplasty.planning.judgement import (
    PLAIN_NAMES,
    check_anatomy,
    check_cement,
    check_side,
    check_skin,
    judge_clearances,
)
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.settings import PlanningSettings
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan
from sacroplasty.units import deg_from_rad


def plan_trajectories(
    ct: CTVolume, sacrum: SacrumModel, settings: PlanningSettings
) -> TrajectoryPlan:
    """One short-axis needle into the S1 ala of each selected side, with clearances and findings.

    Deterministic. Raises `AnatomyNotTrusted` if the sacrum model failed its checks (unless
    `settings.accept_anatomy`) or left and right disagree, `FrameMismatch` if CT and model are not
    of one scan, and `NoSafeCorridor` if on a selected side no path keeps every margin: half a
    bilateral plan is refused too, because which side to leave out is the operator's decision.
    """
    require_same_frame(ct, sacrum)
    findings: list[Finding] = [check_anatomy(sacrum, settings.accept_anatomy)]
    fields = build_clearance_fields(sacrum)
    needles: list[PlannedNeedle] = []
    refusals: dict[Side, str] = {}
    for side in settings.sides:
        approach = ShortAxis.on(sacrum, side)
        corridor = find_corridor(fields, approach, settings)
        if corridor.needle is None or not corridor.is_safe:
            refusals[side] = _refusal(approach, corridor, settings)
            continue
        planned, said = _planned(fields, approach, corridor, corridor.needle, settings)
        needles.append(planned)
        findings.extend(said)
    if refusals:
        raise NoSafeCorridor(_all_refusals(refusals, settings))
    findings.extend(check_cement(settings))
    return TrajectoryPlan(tuple(needles), settings.margins, tuple(findings))


def _planned(
    fields: ClearanceFields,
    approach: ShortAxis,
    corridor: Corridor,
    needle: Needle,
    settings: PlanningSettings,
) -> tuple[PlannedNeedle, tuple[Finding, ...]]:
    name = f"{approach.side} {approach.level} {approach.name}"
    measured = measure_needle(fields, needle)
    planned = PlannedNeedle(
        name=name,
        side=approach.side,
        approach=approach.name,
        level=approach.level,
        needle=needle,
        cement_ml=settings.cement_ml_per_needle,
        clearance_mm=measured.clearance_mm,
        bone_entry_depth_mm=measured.bone_entry_depth_mm or 0.0,
        reason=_reason(approach, corridor, measured, settings),
    )
    findings = (
        check_side(name, approach.sacrum, needle, approach.side),
        check_skin(name, corridor.on_skin),
        *judge_clearances(name, measured, settings.margins),
    )
    return planned, findings


def _reason(
    approach: ShortAxis,
    corridor: Corridor,
    measured: NeedleMeasurement,
    settings: PlanningSettings,
) -> str:
    limits = limits_mm(settings.margins)
    clearance = measured.clearance_mm
    nearest = min(clearance, key=lambda key: clearance[key] / max(limits[key], 0.1))
    parts = [
        f"Of {corridor.considered} {approach.name} paths {corridor.safe} keep every margin; this "
        f"one has the best balance: tightest at {PLAIN_NAMES[nearest]} with "
        f"{clearance[nearest]:.1f} mm (limit {limits[nearest]:.1f} mm)",
        f"{measured.in_bone_mm:.0f} mm in bone",
        f"opened {corridor.lateral_deg:.0f}° laterally and tilted {corridor.cranial_deg:.0f}° "
        "cranially to the sacrum",
    ]
    if approach.joint_rad is not None:
        off_deg = abs(corridor.lateral_deg - deg_from_rad(approach.joint_rad))
        parts.append(f"{off_deg:.0f}° off the plane of the SI joint")
    return ", ".join(parts) + "."


def _refusal(approach: ShortAxis, corridor: Corridor, settings: PlanningSettings) -> str:
    """What stands in the way on one side."""
    if corridor.considered == 0:
        return f"no bone of the S1 ala was found on the {approach.side}"
    if corridor.needle is None:
        return (
            f"none of {corridor.considered} paths on the {approach.side} reaches the S1 ala from "
            f"the back within {settings.max_needle_length_mm:.0f} mm of needle and "
            f"{settings.max_tilt_deg:.0f}° of tilt"
        )
    limits = limits_mm(settings.margins)
    short = {k: v for k, v in corridor.clearance_mm.items() if v < limits[k]}
    worst = sorted(short, key=lambda key: short[key] - limits[key])
    blocked = ", ".join(
        f"{short[key]:.1f} mm from {PLAIN_NAMES[key]} (limit {limits[key]:.1f} mm)" for key in worst
    )
    return f"on the {approach.side} the best of {corridor.considered} paths comes within {blocked}"


def _all_refusals(refusals: dict[Side, str], settings: PlanningSettings) -> str:
    said = "; ".join(refusals.values())
    possible = [side for side in settings.sides if side not in refusals]
    advice = (
        f"A safe path exists on the {possible[0]}: plan that side alone if it is the one to treat."
        if possible
        else "Another approach, a thinner needle or other margins are the operator's decision."
    )
    return f"No safe corridor: {said}. {advice}"
