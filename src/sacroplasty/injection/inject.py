"""Inject a plan: needles one after the other, each into what the earlier ones left open."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.cement import (
    CementField,
    CementRecipe,
    cannula_pressure_drop_mpa,
    dead_volume_mm3,
)
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.bone_medium import BoneMedium, build_medium
from sacroplasty.injection.flow_grid import flow_grid
from sacroplasty.injection.front_flow import Feed, FrontFlow, NeedleFlow
from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.run_findings import (
    box_finding,
    leak_finding,
    mass_finding,
    needle_findings,
)
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.injection.tip_source import tip_source
from sacroplasty.leaks import classify_leaks
from sacroplasty.planning import Needle, PlannedNeedle, TrajectoryPlan
from sacroplasty.reference import constant
from sacroplasty.units import mm3_from_ml, mpa_s_from_pa_s

Progress = Callable[[float], None]


def inject(
    ct: CTVolume,
    sacrum: SacrumModel,
    plan: TrajectoryPlan,
    recipe: CementRecipe,
    settings: InjectionSettings,
    progress: Progress | None = None,
) -> InjectionRun:
    """Simulate the planned injection in this patient's bone.

    The medium comes from the CT and the sacrum model at the median of the permeability prior: one
    run is one plausible course, not a forecast. A needle stops early at the syringe's pressure
    limit; the cement of a needle has set before the next one starts. `progress` hears the share
    done, 0…1. Raises `BadInput` for a needle tip outside the CT or outside the sacrum,
    `FrameMismatch` for parts of two patients.
    """
    require_same_frame(ct, sacrum)
    if not plan.needles:
        raise BadInput("The plan holds no needle; plan at least one before injecting.")
    for planned in plan.needles:
        require_same_frame(ct, planned.needle)
        _require_tip_in_sacrum(sacrum, planned)
    tips = Points(np.vstack([p.needle.tip.xyz for p in plan.needles]), ct.frame)
    most = mm3_from_ml(max(p.cement_ml for p in plan.needles))
    medium = build_medium(ct, sacrum, flow_grid(ct.grid, tips, most, settings.grid_mm))
    return run_needles(medium, sacrum, plan, recipe, settings, progress or (lambda _: None))


def run_needles(
    medium: BoneMedium,
    sacrum: SacrumModel,
    plan: TrajectoryPlan,
    recipe: CementRecipe,
    settings: InjectionSettings,
    progress: Progress,
) -> InjectionRun:
    """The same in a medium that is already built (or drawn from a prior)."""
    flow = FrontFlow(medium)
    planned_mm3 = mm3_from_ml(math.fsum(p.cement_ml for p in plan.needles))
    results: list[NeedleFlow] = []
    started = before = 0.0
    for planned in plan.needles:
        feed = _feed(planned, recipe, settings)
        told = partial(_tell, progress, before, planned_mm3)
        results.append(_one_needle(flow, planned.needle, feed, started, told))
        flow.let_set()
        before += results[-1].delivered_mm3
        started += results[-1].delivered_mm3 / mm3_from_ml(settings.rate_ml_per_s)
        started += settings.pause_between_needles_s
    progress(1.0)
    return _record(flow, sacrum, plan, recipe, settings, results)


def _tell(progress: Progress, before: float, planned: float, done: float) -> None:
    progress((before + done) / planned)


def _require_tip_in_sacrum(sacrum: SacrumModel, planned: PlannedNeedle) -> None:
    label = int(sacrum.labels.at(planned.needle.tip, order=0)[0])
    if label != Structure.SACRUM:
        where = Structure(label).label.replace("_", " ")
        raise BadInput(
            f"The tip of needle {planned.name!r} lies in {where}, not in the sacrum; move its target."
        )


def cannula_length_mm(needle: Needle) -> float:
    """Length of the cannula that is used: the usual one, or the path where that is longer."""
    return max(needle.length_mm, constant("cannula_length").value)


def needle_drop_mpa(needle: Needle, recipe: CementRecipe, rate_mm3_per_s: float) -> float:
    """Pressure that the cannula of this needle eats."""
    return cannula_pressure_drop_mpa(
        recipe.nominal_viscosity_pa_s,
        needle.gauge.inner_diameter_mm,
        cannula_length_mm(needle),
        rate_mm3_per_s,
    )


def _feed(planned: PlannedNeedle, recipe: CementRecipe, settings: InjectionSettings) -> Feed:
    """What the operator does at this needle; the cannula's share of the pressure is taken off."""
    rate = mm3_from_ml(settings.rate_ml_per_s)
    return Feed(
        rate_mm3_per_s=rate,
        volume_mm3=mm3_from_ml(planned.cement_ml),
        viscosity_mpa_s=mpa_s_from_pa_s(recipe.nominal_viscosity_pa_s),
        most_tip_pressure_mpa=settings.max_syringe_pressure_mpa
        - needle_drop_mpa(planned.needle, recipe, rate),
    )


def _one_needle(
    flow: FrontFlow, needle: Needle, feed: Feed, started_s: float, told: Progress
) -> NeedleFlow:
    opening = needle.gauge.inner_diameter_mm / 2.0
    source = tip_source(flow.medium, flow.open_space, needle.tip, opening)
    if source is None:
        empty = np.zeros(0)
        return NeedleFlow(empty, empty, empty, 0.0, "no space")
    return flow.inject(source, feed, started_s, told)


def _record(
    flow: FrontFlow, sacrum: SacrumModel, plan: TrajectoryPlan, recipe: CementRecipe,
    settings: InjectionSettings, results: list[NeedleFlow],
) -> InjectionRun:  # fmt: skip
    grid = flow.medium.grid
    cement = CementField(Volume((flow.cement_mm3 / grid.voxel_mm3).astype(np.float32), grid))
    injected = tuple(result.delivered_mm3 for result in results)
    total = math.fsum(injected)
    error = abs(total - cement.volume_mm3) / total if total > 0 else 0.0
    leaks = classify_leaks(cement, sacrum)
    findings = [
        finding
        for planned, result in zip(plan.needles, results, strict=True)
        for finding in needle_findings(
            planned, result, settings, dead_volume_mm3(
                planned.needle.gauge.inner_diameter_mm, cannula_length_mm(planned.needle)))
    ]  # fmt: skip
    findings += [mass_finding(error), box_finding(cement), leak_finding(leaks)]
    return InjectionRun(
        arrival_time_s=Volume(flow.arrival_time_s.astype(np.float32), grid),
        porosity=Volume(flow.medium.porosity.values.astype(np.float32), grid),
        cement=cement,
        timeline=_timeline(plan, recipe, settings, results),
        leaks=leaks,
        injected_mm3=injected,
        mass_error=error,
        findings=tuple(findings),
    )


def _timeline(
    plan: TrajectoryPlan, recipe: CementRecipe, settings: InjectionSettings,
    results: list[NeedleFlow],
) -> Timeline:  # fmt: skip
    rate = mm3_from_ml(settings.rate_ml_per_s)
    before = np.concatenate([[0.0], np.cumsum([r.delivered_mm3 for r in results])])
    drops = [needle_drop_mpa(p.needle, recipe, rate) for p in plan.needles]
    return Timeline(
        time_s=np.concatenate([r.time_s for r in results]),
        needle=np.concatenate([np.full(r.time_s.size, n) for n, r in enumerate(results)]),
        volume_mm3=np.concatenate(
            [r.volume_mm3 + b for r, b in zip(results, before, strict=False)]
        ),
        tip_pressure_mpa=np.concatenate([r.tip_pressure_mpa for r in results]),
        syringe_pressure_mpa=np.concatenate(
            [r.tip_pressure_mpa + d for r, d in zip(results, drops, strict=True)]
        ),
    )
