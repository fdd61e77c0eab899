"""The heat of an injection: from the last drop until the cement is cold."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel
from sacroplasty.cement import CementRecipe, final_degree
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.injection.heat.cure_clock import degree_at_age
from sacroplasty.injection.heat.cure_findings import budget_finding, cure_finding, margin_finding
from sacroplasty.injection.heat.flow import HeatFlow
from sacroplasty.injection.heat.heat_run import HeatCourse, HeatRun
from sacroplasty.injection.heat.nerve_roots import NerveSpaces, root_findings
from sacroplasty.injection.heat.settings import HeatSettings
from sacroplasty.injection.heat.tissue import (
    Tissue,
    heat_medium,
    start_temperature_c,
    tissue_around,
)
from sacroplasty.injection.injection_run import InjectionRun

Floats = NDArray[np.float64]
Progress = Callable[[float], None]

_RECORD_EVERY_S = 5.0
# Cement that has come this far on its way to where it stops has set.
_SET_SHARE = 0.99


def cure_heat(
    run: InjectionRun,
    sacrum: SacrumModel,
    recipe: CementRecipe,
    settings: HeatSettings,
    progress: Progress | None = None,
) -> HeatRun:
    """Let the cement of an injection cure where it lies.

    The run starts when the injection ends: every voxel of cement with the degree of cure of its own
    age (`degree_at_age`), cement at `settings.cement_temperature_c`, all else at the temperature
    of the body. Heat that was released before is left out, and a finding says how much that was.
    `progress` hears the share done, 0…1. Raises `BadInput` without cement or for cement that has
    set, `FrameMismatch` for parts of two patients.
    """
    require_same_frame(run.cement, sacrum)
    tissue = tissue_around(run.cement, run.porosity, sacrum, settings.margin_mm)
    medium = heat_medium(tissue, recipe, settings)
    degree = _start_degree(run, recipe, tissue)
    flow = HeatFlow(
        medium, recipe.cure, settings.body_temperature_c,
        start_temperature_c(tissue, medium, settings), degree,
        settings.longest_step_s, settings.necrosis_temperature_c,
    )  # fmt: skip
    start = flow.mean_degree
    flow.watch_faces(tissue.interface)
    spaces = NerveSpaces(tissue, sacrum)
    course = _follow(flow, spaces, settings, progress or (lambda _: None))
    return _record(flow, tissue, spaces, settings, course, start)


def _start_degree(run: InjectionRun, recipe: CementRecipe, tissue: Tissue) -> Floats:
    """Degree of cure (k, j, i) on the heat grid; 1 where there is no cement, which nothing reads."""
    holds = tissue.fraction > 0
    ages = run.age_s.on(tissue.grid, order=0).values[holds].astype(np.float64)
    if not (np.isfinite(ages) & (ages >= 0)).all():
        raise BadInput(
            "The age of some cement is not a number of seconds from mixing; inject again."
        )
    degree = np.ones(holds.shape)
    degree[holds] = degree_at_age(recipe, ages)
    stops = final_degree(recipe.cure, recipe.rheology.reference_temperature_c)
    if degree[holds].min() >= _SET_SHARE * stops:
        raise BadInput(
            f"Cement {recipe.name!r} has set: its youngest part is {ages.min():.0f} s old and cured "
            f"to {degree[holds].min():.0%}; its heat is to be computed before it sets."
        )
    return degree


def _follow(
    flow: HeatFlow, spaces: NerveSpaces, settings: HeatSettings, progress: Progress
) -> HeatCourse:
    moments = max(1, round(settings.duration_s / _RECORD_EVERY_S))
    rows, roots = [], []
    for moment in range(moments + 1):
        if moment > 0:
            flow.advance(settings.duration_s / moments)
        now = flow.temperature_c
        rows.append((flow.now_s, float(now.max()), flow.face_mean_c, flow.mean_degree))
        roots.append(spaces.hottest_c(now, settings.body_temperature_c))
        progress(moment / moments)
    time, hottest, interface, degree = np.array(rows).T
    return HeatCourse(time, hottest, interface, degree, np.array(roots))


def _record(
    flow: HeatFlow, tissue: Tissue, spaces: NerveSpaces, settings: HeatSettings,
    course: HeatCourse, start_degree: float,
) -> HeatRun:  # fmt: skip
    grid, body_c = tissue.grid, settings.body_temperature_c
    roots = spaces.heat(flow.peak_c, flow.dose_min, body_c)
    before = float(np.interp(course.time_s[-1] - 60.0, course.time_s, course.degree))
    findings = root_findings(roots)
    findings += [
        budget_finding(flow.budget),
        margin_finding(flow.budget),
        cure_finding(start_degree, flow.mean_degree, flow.mean_degree - before),
    ]
    faces = flow.face_peak_c
    return HeatRun(
        peak_c=Volume(flow.peak_c.astype(np.float32), grid),
        cem43_min=Volume(flow.dose_min.astype(np.float32), grid),
        damage=Volume(flow.damage.astype(np.float32), grid),
        above_s=Volume(flow.above_s.astype(np.float32), grid),
        necrosis_temperature_c=settings.necrosis_temperature_c,
        cement=Volume(tissue.is_cement, grid),
        bone=Volume(tissue.is_bone & ~tissue.is_cement, grid),
        interface_peak_c=float(faces.max()) if faces.size else None,
        interface_mean_peak_c=float(faces.mean()) if faces.size else None,
        roots=roots,
        course=course,
        start_degree=start_degree,
        end_degree=flow.mean_degree,
        budget=flow.budget,
        findings=tuple(findings),
    )
