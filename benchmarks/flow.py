"""Injection: how much faster than the patient's own clock, in a lognormal medium.

The cement ages, thins when sheared and yields; 5 mL go through an 11 G needle into uneven bone.
"""

from functools import partial

import numpy as np
from clock import Row, median_seconds

from sacroplasty.cement import PreparedCement, recipe
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.driving import Feed
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.needle_course import NeedleCourse
from sacroplasty.injection.needle_tip import NeedleTip
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.planning import Needle, NeedleGauge

VOLUME_MM3, RATE_MM3_PER_S, HALF_MM = 5000.0, 50.0, 25.0
FRAME = Frame("1.2.3")


def measure() -> list[Row]:
    """Seconds of computing for one needle of 5 mL; the ratio is to the injection's own 100 s."""
    clinical = VOLUME_MM3 / RATE_MM3_PER_S
    rows = []
    for spacing_mm, repeats in ((1.0, 5), (0.5, 1)):
        medium = _medium(spacing_mm)
        seconds = median_seconds(partial(_inject, medium), repeats=repeats)
        rows.append(
            Row(f"injection of 5 mL, {spacing_mm:g} mm grid, uneven bone: ours", seconds, seconds)
        )
        rows.append(Row("… the same injection in the patient", clinical, seconds, "real time"))
    return rows


def _medium(spacing_mm: float) -> BoneMedium:
    n = round(2 * HALF_MM / spacing_mm) + 1
    grid = Grid.axis_aligned((n, n, n), (-HALF_MM,) * 3, (spacing_mm,) * 3, FRAME)
    rng = np.random.default_rng(1)
    permeability = 1e-3 * np.exp(0.5 * rng.standard_normal(grid.shape))
    return BoneMedium(Volume(np.full(grid.shape, 0.9), grid), Volume(permeability, grid))


def _inject(medium: BoneMedium) -> None:
    cement = PreparedCement(recipe("medium viscosity"), waited_s=150.0)
    ageing = float(cement.recipe.rheology.ageing_rate(37.0))
    flow = FrontFlow(medium, PoreLaw.of(cement.recipe.rheology), ageing)
    needle = Needle(
        Points.at([0.0, 60.0, 0.0], FRAME), Points.at([0.0, 0.0, 0.0], FRAME), NeedleGauge.of(11)
    )
    feed = Feed(RATE_MM3_PER_S, VOLUME_MM3, lambda _rate, _age: 0.0)
    course = NeedleCourse(
        flow, NeedleTip(needle, 0.0, 20.0), feed, lambda s: float(cement.age_in_syringe(s))
    )
    delivered = course.run(lambda _: None).delivered_mm3
    assert abs(delivered - VOLUME_MM3) < 1e-3 * VOLUME_MM3
