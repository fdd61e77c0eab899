"""Cement is injected from when it is mixed, dough, and within its window."""

import dataclasses

import pytest
from leaky_patient import MEDIUM, injected

from box_patient import toy_ct, toy_needle, toy_sacrum
from sacroplasty.anatomy import Side
from sacroplasty.cement import CementRecipe, cannula_drop_mpa, class_names, recipe, recipe_names
from sacroplasty.errors import BadInput
from sacroplasty.planning import NeedleGauge
from sacroplasty.reference import constant


@pytest.mark.parametrize("name", recipe_names())
def test_no_cement_is_injected_before_it_is_dough_or_too_thin(name: str) -> None:
    cement = recipe(name)
    wait = cement.usual_wait_s
    assert wait >= cement.handling.doughing_s
    assert wait >= constant("cement_usual_wait").value
    assert wait < cement.handling.working_s
    thin, thick = cement.viscosity_window_pa_s
    assert thin <= float(cement.rheology.viscosity_pa_s(1.0, wait)) <= thick


def test_the_latest_of_the_three_decides() -> None:
    assert recipe("low viscosity").usual_wait_s == 240.0  # dough
    assert recipe("medium viscosity").usual_wait_s == 150.0  # mixed and drawn up
    late = dataclasses.replace(MEDIUM, viscosity_window_pa_s=(400.0, 1000.0))
    assert float(late.rheology.viscosity_pa_s(1.0, late.usual_wait_s)) == pytest.approx(400.0)


def test_a_warm_room_makes_dough_sooner_but_no_quicker_hands() -> None:
    low = recipe("low viscosity")
    assert low.usual_wait_at(18.0) > low.usual_wait_at(22.0) > low.usual_wait_at(26.0)
    assert low.usual_wait_at(60.0) == constant("cement_usual_wait").value
    oil = CementRecipe.of_constant_viscosity("oil", 100.0, 0.3, 1.5)
    assert oil.usual_wait_s == constant("cement_usual_wait").value


@pytest.mark.parametrize(
    ("name", "at_11g", "at_13g"),
    [
        ("low viscosity", 0.13, 0.26),
        ("medium viscosity", 0.22, 0.45),
        ("high viscosity", 0.41, 0.75),
        ("ultra-high viscosity", 1.55, 2.87),
    ],
)
def test_what_the_cannula_takes_then_is_what_the_docs_say(
    name: str, at_11g: float, at_13g: float
) -> None:
    assert name in class_names()
    cement = recipe(name)
    for gauge, expected in ((11, at_11g), (13, at_13g)):
        bore = NeedleGauge.of(gauge).inner_diameter_mm
        found = cannula_drop_mpa(cement.rheology, cement.usual_wait_s, bore, 125.0, 50.0)
        assert found == pytest.approx(expected, abs=0.006)


def test_the_default_run_waits_as_long_as_the_cement_does() -> None:
    sacrum = toy_sacrum()
    ct, needle = toy_ct(sacrum), toy_needle(Side.LEFT, 0.5)
    usual = injected(ct, sacrum, needle)
    told = injected(ct, sacrum, needle, waited_s=MEDIUM.usual_wait_s)
    later = injected(ct, sacrum, needle, waited_s=MEDIUM.usual_wait_s + 60.0)
    line = usual.timeline.syringe_pressure_mpa
    assert (line == told.timeline.syringe_pressure_mpa).all()
    assert later.timeline.syringe_pressure_mpa[-1] > 1.2 * line[-1]
    with pytest.raises(BadInput, match="nan s after mixing began"):
        injected(ct, sacrum, needle, waited_s=float("nan"))
