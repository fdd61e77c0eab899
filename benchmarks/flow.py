"""Injection: how much faster than the patient's own clock, in a lognormal medium.

The cement ages, thins when sheared and yields; 5 mL go through an 11 G needle into uneven bone.
"""

import time
from functools import partial

import numpy as np
from clock import Row, median_seconds

from sacroplasty.cement import PreparedCement, recipe
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.injection import FINE, QUICK, BoneMedium, FlowAccuracy
from sacroplasty.injection.driving import Feed
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.needle_course import NeedleCourse
from sacroplasty.injection.needle_tip import NeedleTip
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.planning import Needle, NeedleGauge

VOLUME_MM3, RATE_MM3_PER_S, HALF_MM = 5000.0, 50.0, 25.0
STEP_S, STEP_LIMIT_S = 0.05, 0.025
FRAME = Frame("1.2.3")


def measure() -> list[Row]:
    """Seconds of computing for one needle of 5 mL; the ratio is to the injection's own 100 s."""
    clinical = VOLUME_MM3 / RATE_MM3_PER_S
    rows = []
    for spacing_mm, accuracy, name, repeats in (
        (1.0, FINE, "", 5), (1.0, QUICK, ", quick (as in the odds)", 5), (0.5, FINE, "", 1),
    ):  # fmt: skip
        medium = uneven_bone(spacing_mm)
        seconds = median_seconds(partial(injected, medium, accuracy), repeats=repeats)
        title = f"injection of 5 mL, {spacing_mm:g} mm grid, uneven bone{name}: ours"
        rows.append(Row(title, seconds, seconds))
        rows.append(Row("… the same injection in the patient", clinical, seconds, "real time"))
    late = late_step_seconds()
    title = "one step of 50 ms at 1 mm, 95th percentile over 5 mL: ours"
    rows += [Row(title, late, late), Row("… what interaction allows", STEP_LIMIT_S, late)]
    return rows


def uneven_bone(spacing_mm: float) -> BoneMedium:
    """A lognormal medium of 50 mm."""
    n = round(2 * HALF_MM / spacing_mm) + 1
    grid = Grid.axis_aligned((n, n, n), (-HALF_MM,) * 3, (spacing_mm,) * 3, FRAME)
    rng = np.random.default_rng(1)
    permeability = 1e-3 * np.exp(0.5 * rng.standard_normal(grid.shape))
    return BoneMedium(Volume(np.full(grid.shape, 0.9), grid), Volume(permeability, grid))


def injected(medium: BoneMedium, accuracy: FlowAccuracy = FINE) -> tuple[FrontFlow, float]:
    """The flow after 5 mL, and what went in (mm³)."""
    course = _course(medium, accuracy)
    delivered = course.run(lambda _: None).delivered_mm3
    assert abs(delivered - VOLUME_MM3) < 1e-3 * VOLUME_MM3
    return course.flow, delivered


def late_step_seconds() -> float:
    """95th percentile of the seconds that 50 ms of injection take, from the first drop to 5 mL."""
    injected(uneven_bone(1.0))
    course = _course(uneven_bone(1.0), FINE)
    taken = []
    while not course.is_over:
        start, end_s = time.perf_counter(), course.flow.now_s + STEP_S
        while not course.is_over and end_s - course.flow.now_s > 1e-6:
            course.step(end_s - course.flow.now_s)
        taken.append(time.perf_counter() - start)
    return float(np.percentile(taken, 95))


def _course(medium: BoneMedium, accuracy: FlowAccuracy) -> NeedleCourse:
    cement = PreparedCement(recipe("medium viscosity"), waited_s=150.0)
    ageing = float(cement.recipe.rheology.ageing_rate(37.0))
    flow = FrontFlow(medium, PoreLaw.of(cement.recipe.rheology), ageing, accuracy)
    needle = Needle(
        Points.at([0.0, 60.0, 0.0], FRAME), Points.at([0.0, 0.0, 0.0], FRAME), NeedleGauge.of(11)
    )
    feed = Feed(RATE_MM3_PER_S, VOLUME_MM3, lambda _rate, _age: 0.0)
    return NeedleCourse(
        flow, NeedleTip(needle, 0.0, 20.0), feed, lambda s: float(cement.age_in_syringe(s))
    )
