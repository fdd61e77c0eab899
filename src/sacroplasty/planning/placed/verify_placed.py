"""Are the needles where they were planned? From an intra-procedural CT to the answer."""

from dataclasses import dataclass

from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import BadInput
from sacroplasty.findings import Finding, Verdict
from sacroplasty.imaging import CTVolume
from sacroplasty.planning.clearance import NeedleMeasurement, measure_needle
from sacroplasty.planning.clearance_fields import ClearanceFields, build_clearance_fields
from sacroplasty.planning.judgement import judge_clearances
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.placed.deviation import (
    judge_deviation,
    measure_deviation,
    nameless_needle,
    placed_needle,
)
from sacroplasty.planning.placed.finding import find_needles
from sacroplasty.planning.placed.found_needle import FoundNeedle
from sacroplasty.planning.placed.naming import Naming, name_needles
from sacroplasty.planning.placed.placed_report import PlacedNeedle, PlacedReport
from sacroplasty.planning.placed.registering import lay_scan_on_plan
from sacroplasty.planning.placed.sides import check_side, side_by_sacrum
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan
from sacroplasty.reference import constant

_NAMELESS_WAY_MM = 80.0


@dataclass(frozen=True, eq=False, slots=True)
class Planned:
    """What was planned, and on what: the planning CT, its sacrum and the plan."""

    ct: CTVolume
    sacrum: SacrumModel
    plan: TrajectoryPlan


def verify_placed(scan: CTVolume, planned: Planned) -> PlacedReport:
    """Find the needles of an intra-procedural CT, name them and measure them against the plan.

    Raises `BadInput` where there is no needle in the scan, `FrameMismatch` where it is not of this
    patient. A needle that cannot be named, one too many and one too few are findings.
    """
    search = find_needles(scan)
    if not search.needles:
        raise BadInput(_no_needle(search.longest_mm, search.others))
    laid = lay_scan_on_plan(scan, planned.ct, planned.sacrum, planned.plan)
    found = tuple(needle.carried(laid.planning_from_scan) for needle in search.needles)
    naming = name_needles(found, planned.plan.needles)
    fields = build_clearance_fields(planned.sacrum, planned.ct)
    findings: list[Finding] = [*laid.findings, _check_count(found, planned.plan)]
    needles = []
    for i, (needle, in_scan) in enumerate(zip(found, search.needles, strict=True)):
        placed, said = _placed(i, needle, naming, planned, fields)
        needles.append(placed)
        findings.extend(said)
        if placed.planned is not None:
            side = placed.planned.side
            findings.append(check_side(placed.name, side, planned.sacrum, (needle, in_scan), scan))
    missing = tuple(planned.plan.needles[i] for i in naming.missing)
    findings.extend(_missing(one) for one in missing)
    return PlacedReport(laid, tuple(needles), missing, search.others, tuple(findings))


def _no_needle(longest_mm: float, others: tuple[str, ...]) -> str:
    least = constant("placed_least_length").value
    seen = f" ({'; '.join(others)})" if others else ""
    return (
        f"There is no needle in this scan: the longest straight metal measures {longest_mm:.0f} mm, "
        f"and a needle shows at least {least:.0f} mm and leaves the body{seen}; give the CT that was "
        "made with the needles in."
    )


def _placed(
    i: int, found: FoundNeedle, naming: Naming, planned: Planned, fields: ClearanceFields
) -> tuple[PlacedNeedle, list[Finding]]:
    """One needle with all that is said of it but its side."""
    needles, index = planned.plan.needles, naming.planned[i]
    own = None if index is None else needles[index]
    name = own.name if own else f"needle {i + 1} of the scan"
    thickest = max((p.needle.gauge for p in needles), key=lambda gauge: gauge.outer_diameter_mm)
    needle = _measured_as(found, own, thickest)
    deviation = measure_deviation(found, own.needle) if own else None
    findings = [_check_name(name, own, naming, i, needles)]
    if deviation:
        findings.extend(judge_deviation(name, deviation))
    measured, said = _clearances(name, needle, planned.plan, fields)
    findings.extend(said)
    side, _ = side_by_sacrum(planned.sacrum, found.tip)
    return PlacedNeedle(
        number=i + 1,
        side=side,
        planned=own,
        found=found,
        needle=needle,
        deviation=deviation,
        clearance_mm=dict(measured.clearance_mm) if measured else {},
        absent=dict(measured.absent) if measured else {},
    ), findings


def _measured_as(found: FoundNeedle, own: PlannedNeedle | None, thickest: NeedleGauge) -> Needle:
    if own is not None:
        return placed_needle(found, own.needle)
    return nameless_needle(found, thickest, _NAMELESS_WAY_MM)


def _clearances(
    name: str, needle: Needle, plan: TrajectoryPlan, fields: ClearanceFields
) -> tuple[NeedleMeasurement | None, tuple[Finding, ...]]:
    try:
        measured = measure_needle(fields, needle)
    except BadInput as beyond:
        says = f"The clearances were not measured: {beyond}"
        return None, (Finding(f"{name}: clearances", Verdict.NOT_CHECKED, says),)
    return measured, judge_clearances(name, measured, plan.margins)


def _check_name(
    name: str,
    own: PlannedNeedle | None,
    naming: Naming,
    i: int,
    needles: tuple[PlannedNeedle, ...],
) -> Finding:
    check, rivals = f"{name}: which needle", naming.rivals[i]
    apart = f"{naming.distance_mm[i]:.1f} mm from the nearest planned needle"
    if own is not None:
        says = "Every other naming fits clearly worse."
        return Finding(check, Verdict.PASS, says, apart, None)
    gap = constant("placed_naming_gap").value
    if rivals is not None:
        first, second = rivals
        other = needles[second].name if second != first else "none of the planned ones"
        says = f"This needle could be {needles[first].name} or {other}: look at it."
        return Finding(check, Verdict.FAIL, says, apart, f"any other {gap:.0f} mm worse")
    reach = constant("placed_naming_reach").value
    says = "This needle is none of the planned ones: look at it."
    return Finding(check, Verdict.FAIL, says, apart, f"at most {reach:.0f} mm")


def _check_count(found: tuple[FoundNeedle, ...], plan: TrajectoryPlan) -> Finding:
    same = len(found) == len(plan.needles)
    says = (
        "The scan holds as many needles as were planned."
        if same
        else "The scan does not hold as many needles as were planned."
    )
    return Finding(
        "number of needles",
        Verdict.PASS if same else Verdict.FAIL,
        says,
        f"{len(found)} in the scan",
        f"{len(plan.needles)} planned",
    )


def _missing(planned: PlannedNeedle) -> Finding:
    says = f"{planned.name} is not in the scan, or lies far from where it was planned."
    return Finding(f"{planned.name}: placed", Verdict.FAIL, says, "not seen", "seen")
