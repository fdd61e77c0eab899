"""What was measured in cadavers, women, pigs and goats, and where the model lies outside."""

import math

import pytest

from sacroplasty.bench import CuredBall, HeatBall, HeatRow, published_heat_rows
from sacroplasty.cement import cure_kinetics, kinetics_names

EARLIER = {"Borzacchiello 1": (80.0, 47.0), "Borzacchiello 2": (112.0, 52.0), "Li": (93.0, 51.0)}


def cured(name: str, cement_ml: float = 3.0) -> CuredBall:
    ball = HeatBall(cement_ml, 0.88, cure_kinetics(name), 25.0, 0.0, waited_s=0.0)
    return CuredBall(ball, dwell_above_c=50.0)


@pytest.mark.parametrize("name", kinetics_names())
def test_three_millilitres_get_as_hot_as_in_an_earlier_run_along_a_radius(name: str) -> None:
    """An independent one-dimensional program, in spherical symmetry, gave these two numbers."""
    centre_c, interface_c = EARLIER[name]
    ball = cured(name)
    assert ball.centre_c == pytest.approx(centre_c, rel=0.01)
    assert ball.interface_c == pytest.approx(interface_c, abs=2.5)
    assert ball.dwell_s(0.0) > 60.0


def test_more_cement_is_hotter_and_it_is_cooler_farther_out() -> None:
    small, large = cured("Borzacchiello 1", 1.0), cured("Borzacchiello 1", 4.0)
    assert small.radius_mm == pytest.approx((3000.0 / 0.88 / (4 * math.pi)) ** (1 / 3))
    assert large.centre_c > small.centre_c
    assert large.interface_c > small.interface_c
    peaks = [large.peak_c(depth) for depth in (0.0, 5.0, 10.0, 12.0, 15.0, 20.0)]
    assert peaks == sorted(peaks, reverse=True)


@pytest.mark.parametrize(
    ("modelled", "verdict"),
    [((41.0, 44.0), "inside"), ((44.0, 50.0), "overlaps"), ((46.0, 50.0), "outside")],
)
def test_a_row_says_where_the_model_lies(modelled: tuple[float, float], verdict: str) -> None:
    row = HeatRow("a study", "foramen", "°C", "range", (40.0, 45.0), modelled)
    assert row.verdict == verdict


@pytest.mark.slow
def test_the_published_temperatures_are_met_where_the_docs_say_so() -> None:
    rows = published_heat_rows()
    verdicts = [(row.study.split()[0], row.quantity, row.verdict) for row in rows]
    assert verdicts == [
        ("Belkoff", "centre", "overlaps"),
        ("Belkoff", "anterior cortex", "overlaps"),
        ("Belkoff", "canal", "overlaps"),
        ("Belkoff", "centre above 50 °C", "overlaps"),
        ("Anselmetti", "in the cement, hot cements", "overlaps"),
        ("Anselmetti", "in the cement, warm cements", "outside"),
        ("Anselmetti", "in the cement, cool cements", "outside"),
        ("Cement", "centre", "outside"),
        ("Cement", "anterior cortex", "inside"),
        ("Cement", "posterior cortex", "inside"),
        ("Cement", "foramen", "inside"),
        ("Cement", "centre above 45 °C", "inside"),
        ("Temperature", "cement-bone interface", "overlaps"),
        ("Temperature", "epidural space", "outside"),
        ("Heat", "canal", "inside"),
    ]
