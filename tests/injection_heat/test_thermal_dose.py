"""Dose, damage and time above a limit, at temperatures that stand still."""

import math

import numpy as np
import pytest
from heat_cases import OCTANT, SEALED, ball, radii, uniform

from sacroplasty.cement import cure_kinetics
from sacroplasty.injection import HeatFlow

LI = cure_kinetics("Li")


def held_at(celsius: float, seconds: float) -> HeatFlow:
    flow = HeatFlow(uniform((1, 1, 1), 1.0, SEALED), LI, 37.0, celsius, 0.5, 1.0, necrosis_c=47.0)
    flow.advance(seconds)
    return flow


@pytest.mark.parametrize(
    ("celsius", "minutes"),
    [(43.0, 10.0), (45.0, 40.0), (48.0, 320.0), (42.0, 2.5), (40.0, 10.0 / 64.0), (38.9, 0.0)],
)
def test_ten_minutes_count_double_per_degree_above_43_and_a_quarter_below(
    celsius: float, minutes: float
) -> None:
    assert held_at(celsius, 600.0).dose_min[0, 0, 0] == pytest.approx(minutes, rel=1e-9)


@pytest.mark.parametrize("celsius", [44.0, 47.0, 53.0, 60.0])
def test_the_damage_integral_is_that_of_its_formula(celsius: float) -> None:
    # Worked out in logarithms, because 1e98 times e^-230 is a number and neither factor is.
    power = 98.0 * math.log(10.0) - 7.5e4 / (celsius + 273.15)
    flow = held_at(celsius, 60.0)
    expected = 60.0 * math.exp(power)
    assert flow.damage[0, 0, 0] == pytest.approx(expected, rel=1e-9)
    assert (expected >= 1.0) == (celsius > 53.0)


def test_time_above_a_limit_counts_seconds() -> None:
    assert held_at(47.5, 90.0).above_s[0, 0, 0] == pytest.approx(90.0)
    assert held_at(46.9, 90.0).above_s[0, 0, 0] == 0.0


def test_more_heat_is_never_less_dose() -> None:
    doses = [held_at(c, 60.0).dose_min[0, 0, 0] for c in np.arange(39.0, 70.0, 0.5)]
    assert doses == sorted(doses)


def test_a_curing_ball_warms_its_surroundings_alike_on_two_grids() -> None:
    """3 mL in bone: what a nerve 3 and 6 mm from it gets does not hang on the voxel."""
    radius = (3000.0 * 3.0 / (4.0 * math.pi)) ** (1.0 / 3.0)
    found = []
    for spacing in (1.5, 0.75):
        n = round(30.0 / spacing)
        medium = uniform((n, n, n), spacing, OCTANT, 96.8 * ball(n, spacing, radius), 1000.0)
        kinetics = cure_kinetics("Borzacchiello 1")
        flow = HeatFlow(medium, kinetics, 37.0, 37.0, 1e-4)
        flow.advance(500.0)
        r, peak = radii(n, spacing).ravel(), flow.peak_c.ravel()
        order = np.argsort(r)
        smooth = np.polynomial.Polynomial.fit
        near = [
            float(smooth(r[order][here], peak[order][here], 2)(at))
            for at in (radius + 3.0, radius + 6.0)
            for here in [np.abs(r[order] - at) < 1.5]
        ]
        found.append((float(peak.max()), *near))
    assert found[0][0] == pytest.approx(found[1][0], abs=0.7)
    assert found[0][1:] == pytest.approx(found[1][1:], abs=0.15)
    assert found[1][1] > 39.0
