"""Cement on the table: mixed in a room, and how old it is when it leaves the needle."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sacroplasty.cement import HandlingTimes, PreparedCement, class_names, recipe, recipe_names
from sacroplasty.errors import BadInput
from sacroplasty.reference import constant

LOW = recipe("low viscosity")


def test_in_a_room_at_the_reference_temperature_the_clock_is_the_age() -> None:
    mixed = PreparedCement(LOW, 240.0)
    np.testing.assert_allclose(mixed.age_in_syringe([0.0, 60.0]), [240.0, 300.0])
    assert mixed.worked_in_s == pytest.approx(LOW.handling.working_s - 240.0)
    assert mixed.set_in_s == pytest.approx(LOW.handling.setting_s - 240.0)


def test_a_warm_room_ages_cement_and_shortens_its_window() -> None:
    cool, warm = (PreparedCement(LOW, 240.0, room) for room in (18.0, 27.0))
    assert float(warm.age_in_syringe(30.0)) > 270.0 > float(cool.age_in_syringe(30.0))
    assert warm.worked_in_s < cool.worked_in_s
    # The rule of thumb: 5 °C more shorten the window by about a third.
    clock = [240.0 + PreparedCement(LOW, 240.0, room).worked_in_s for room in (22.0, 27.0)]
    assert 0.6 < clock[1] / clock[0] < 0.8


def test_waiting_and_injecting_age_cement_alike() -> None:
    assert float(PreparedCement(LOW, 300.0, 25.0).age_in_syringe(60.0)) == pytest.approx(
        float(PreparedCement(LOW, 240.0, 25.0).age_in_syringe(120.0))
    )


@pytest.mark.parametrize("name", recipe_names())
def test_set_cement_is_refused_and_just_usable_cement_is_not(name: str) -> None:
    made = recipe(name)
    room = made.rheology.reference_temperature_c
    sets = made.handling.setting_s
    assert PreparedCement(made, 0.99 * sets, room).set_in_s > 0
    with pytest.raises(BadInput, match="has set") as refused:
        PreparedCement(made, 1.01 * sets, room)
    assert f"{sets:.0f} s" in str(refused.value)


def test_cement_past_its_working_time_has_none_left() -> None:
    late = PreparedCement(LOW, LOW.handling.working_s + 60.0)
    assert late.worked_in_s == 0.0
    assert late.set_in_s > 0


@pytest.mark.parametrize(
    ("waited_s", "room_c", "says"),
    [
        (-1.0, 22.0, "-1 s"),
        (math.nan, 22.0, "nan"),
        (math.inf, 22.0, "inf"),
        (200.0, -5.0, "-5 °C"),
        (200.0, 295.0, "Celsius"),
        (200.0, math.nan, "nan"),
    ],
)
def test_a_time_or_room_that_cannot_be_is_refused(
    waited_s: float, room_c: float, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        PreparedCement(LOW, waited_s, room_c)


def test_cement_is_not_asked_for_before_the_injection() -> None:
    with pytest.raises(BadInput, match="0 s"):
        PreparedCement(LOW, 200.0).age_in_syringe(-0.1)


@pytest.mark.parametrize("times", [(300.0, 200.0, 900.0), (-1.0, 200.0, 900.0), (0.0, 9.0, 8.0)])
def test_a_leaflet_out_of_order_is_refused(times: tuple[float, float, float]) -> None:
    with pytest.raises(BadInput, match="dough"):
        HandlingTimes(*times)


@pytest.mark.parametrize("name", class_names())
def test_the_window_of_viscosity_and_that_of_the_clock_are_one(name: str) -> None:
    made = recipe(name)
    thin, thick = made.viscosity_window_pa_s
    grown = made.rheology.viscosity_pa_s(1.0, [made.handling.doughing_s, made.handling.working_s])
    assert 0.5 * thin < grown[0] < thick
    assert thin < grown[1] < 2.0 * thick


def test_low_viscosity_cement_is_handled_as_long_as_published() -> None:
    until = constant("cement_handled_until")
    low = constant("cement_working_low")
    assert low.low <= until.value <= low.high
    assert until.low <= LOW.handling.working_s <= until.high


@pytest.mark.parametrize(
    ("name", "minutes"), [("CMW 1", 8.7), ("Palacos R", 13.0), ("Cemex Isoplastic", 13.0)]
)
def test_a_product_is_cured_when_published_and_in_half_the_time_at_body_heat(
    name: str, minutes: float
) -> None:
    made = recipe(name)
    flow, cured_s = made.rheology, 60.0 * minutes
    assert made.handling.setting_s == cured_s
    for celsius, share in ((25.0, 1.0), (37.0, 0.5)):
        age = share * cured_s * float(flow.ageing_rate(celsius))
        assert float(flow.viscosity_pa_s(1.0, age)) == pytest.approx(75e3, rel=0.02)
        assert float(flow.viscosity_pa_s(1.0, 0.8 * age)) < 0.5 * 75e3
    assert "Nicholas 2007" in made.source_note


def test_medium_viscosity_cement_is_set_when_it_is_hard_in_the_bath() -> None:
    made = recipe("medium viscosity")
    rate = float(made.rheology.ageing_rate(constant("cement_bath_temperature").value))
    hard = constant("cement_hardening_in_bath").value * rate
    assert made.handling.setting_s == pytest.approx(hard, rel=0.02)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"barium_sulfate_mass_fraction": 0.7}, "0.7"),
        ({"density_g_per_ml": 9.0}, "9.0 g/mL"),
        ({"powder_to_liquid_g_per_ml": 0.0}, "powder"),
        ({"viscosity_window_pa_s": (500.0, 50.0)}, "window"),
    ],
)
def test_a_recipe_that_nobody_mixes_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        replace(LOW, **change)
