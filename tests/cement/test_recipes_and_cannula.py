"""Cements on the shelf, and what a cannula does to them."""

import math

import pytest

from sacroplasty.cement import (
    cannula_pressure_drop_mpa,
    class_names,
    dead_volume_mm3,
    recipe,
    recipe_names,
)
from sacroplasty.errors import BadInput, BadUsage


def test_every_name_on_the_shelf_is_a_cement_and_they_go_from_thin_to_thick() -> None:
    viscosities = [recipe(name).nominal_viscosity_pa_s for name in class_names()]
    assert viscosities == sorted(viscosities)
    assert "medium viscosity" in recipe_names()
    assert all(recipe(name).name == name for name in recipe_names())


def test_an_unknown_cement_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(BadUsage, match="medium viscosity"):
        recipe("chewing gum")


@pytest.mark.parametrize(("inner_mm", "expected_mpa"), [(2.38, 1.59), (1.80, 4.85)])
def test_poiseuille_gives_the_tabulated_pressure_drop(inner_mm: float, expected_mpa: float) -> None:
    # 200 Pa·s, 125 mm, 0.05 mL/s through 11 G and 13 G.
    assert cannula_pressure_drop_mpa(200.0, inner_mm, 125.0, 50.0) == pytest.approx(
        expected_mpa, abs=0.006
    )


def test_poiseuille_agrees_with_the_integral_of_its_own_velocity_profile() -> None:
    # Q = ∫ u 2πr dr with u = (Δp / 4μL)(R² − r²): summed on rings, a second route to the formula.
    drop, radius, length, viscosity = 1.6, 1.195, 125.0, 200e-6
    rings = 20000
    r = [(n + 0.5) * radius / rings for n in range(rings)]
    flow = sum(
        drop / (4 * viscosity * length) * (radius**2 - x**2) * 2 * math.pi * x for x in r
    ) * (radius / rings)
    assert cannula_pressure_drop_mpa(200.0, 2 * radius, length, flow) == pytest.approx(
        drop, rel=1e-6
    )


def test_fifteen_centimetres_of_11_gauge_hold_two_thirds_of_a_millilitre() -> None:
    assert dead_volume_mm3(2.39, 150.0) == pytest.approx(670.0, abs=5.0)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan")])
def test_a_cannula_without_a_bore_is_refused(bad: float) -> None:
    with pytest.raises(BadInput, match="inner_diameter_mm"):
        dead_volume_mm3(bad, 125.0)
