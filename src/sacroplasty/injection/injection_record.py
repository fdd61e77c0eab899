"""What is written down of an injection."""

import math

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.cement import CementField, dead_volume_mm3
from sacroplasty.geometry import Volume
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.leak_onsets import Course, Passages, with_onsets
from sacroplasty.injection.needle_course import NeedleFlow
from sacroplasty.injection.run_findings import (
    box_finding,
    leak_finding,
    mass_finding,
    needle_findings,
    stop_findings,
)
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.injection.stop_event import StopEvent
from sacroplasty.leaks import LeakReport, locate_leaks
from sacroplasty.planning import Needle, TrajectoryPlan
from sacroplasty.reference import constant


def cannula_length_mm(needle: Needle) -> float:
    """Length of the cannula that is used: the usual one, or the path where that is longer."""
    return max(needle.length_mm, constant("cannula_length").value)


def injection_record(
    flow: FrontFlow, sacrum: SacrumModel, plan: TrajectoryPlan, settings: InjectionSettings,
    results: list[NeedleFlow], labels: Volume[np.uint8], events: tuple[StopEvent, ...] = (),
) -> InjectionRun:  # fmt: skip
    """The run of a plan, of which each needle has its result. labels: on the flow grid."""
    grid = flow.medium.grid
    cement = CementField(Volume((flow.cement_mm3 / grid.voxel_mm3).astype(np.float32), grid))
    injected = tuple(result.delivered_mm3 for result in results)
    total = math.fsum(injected)
    error = abs(total - cement.volume_mm3) / total if total > 0 else 0.0
    timeline = _timeline(results)
    names = tuple(planned.name for planned in plan.needles)
    leaks = _leaks(flow, cement, sacrum, labels, timeline, names)
    findings = [
        finding
        for planned, result in zip(plan.needles, results, strict=True)
        for finding in needle_findings(
            planned, result, settings, dead_volume_mm3(
                planned.needle.gauge.inner_diameter_mm, cannula_length_mm(planned.needle)))
    ]  # fmt: skip
    findings += stop_findings(settings.stop_rule, events, names)
    findings += [mass_finding(error), box_finding(cement), leak_finding(leaks)]
    return InjectionRun(
        arrival_time_s=Volume(flow.arrival_time_s.astype(np.float32), grid),
        porosity=Volume((flow.pore_mm3 / grid.voxel_mm3).astype(np.float32), grid),
        age_s=Volume(flow.age_s.astype(np.float32), grid),
        cement=cement,
        timeline=timeline,
        leaks=leaks,
        injected_mm3=injected,
        mass_error=error,
        findings=tuple(findings),
        stop_events=events,
    )


def _leaks(
    flow: FrontFlow, cement: CementField, sacrum: SacrumModel, labels: Volume[np.uint8],
    timeline: Timeline, needles: tuple[str, ...],
) -> LeakReport:  # fmt: skip
    """The leaks with their onsets."""
    passages = _passages(flow)
    located = locate_leaks(cement, sacrum, vein=passages.vein, tract=passages.tract)
    permeability = flow.medium.permeability_mm2.values
    course = Course(flow.arrival_time_s, permeability, labels.values, timeline, needles, passages)
    return with_onsets(located, course)


def _passages(flow: FrontFlow) -> Passages:
    """Known gaps: those of the medium, and what a needle that was drawn back has left open."""
    medium = flow.medium
    drawn = flow.pore_mm3 > medium.porosity.values * medium.grid.voxel_mm3 * (1.0 + 1e-9)
    return Passages(medium.vein, Volume(medium.tract.values | drawn, medium.grid), medium.cleft)


def _timeline(results: list[NeedleFlow]) -> Timeline:
    before = np.concatenate([[0.0], np.cumsum([r.delivered_mm3 for r in results])])
    return Timeline(
        time_s=np.concatenate([r.time_s for r in results]),
        needle=np.concatenate([np.full(r.time_s.size, n) for n, r in enumerate(results)]),
        volume_mm3=np.concatenate(
            [r.volume_mm3 + b for r, b in zip(results, before, strict=False)]
        ),
        tip_pressure_mpa=np.concatenate([r.tip_pressure_mpa for r in results]),
        syringe_pressure_mpa=np.concatenate([r.syringe_pressure_mpa for r in results]),
        rate_mm3_per_s=np.concatenate([r.rate_mm3_per_s for r in results]),
    )
