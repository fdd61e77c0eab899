"""Cement thins in the cannula; in bone, as the continuum sees it, hardly at all."""

import dataclasses

import numpy as np
import pytest
from leaky_patient import injected

from box_patient import toy_ct, toy_needle, toy_sacrum
from sacroplasty.anatomy import Side
from sacroplasty.cement import CementRecipe, cannula_drop_mpa, class_names, recipe
from sacroplasty.errors import BadInput
from sacroplasty.injection.pore_rheology import PoreLaw, viscosity
from sacroplasty.reference import constant


@pytest.mark.parametrize("name", class_names())
def test_from_slow_to_fast_bone_thins_cement_by_about_a_tenth(name: str) -> None:
    # Widmer Soyka 2013: tenfold in the pores, about 10 % in the continuum. From 4 to 40 /s.
    law = PoreLaw.of(recipe(name).rheology)
    k = law.consistency_at(0.0)
    slow, fast = (viscosity(k, shear, law.numbers) for shear in (4.0, 40.0))
    assert 0.05 < 1.0 - fast / slow < 0.15
    own = PoreLaw.of(recipe(name).rheology, exponent=recipe(name).rheology.exponent)
    slow, fast = (viscosity(k, shear, own.numbers) for shear in (4.0, 40.0))
    assert fast / slow < 0.4


def test_bone_never_thins_a_cement_more_than_a_cannula_does() -> None:
    oil = CementRecipe.of_constant_viscosity("oil", 100.0, 0.3, 1.5).rheology
    assert PoreLaw.of(oil).is_newtonian
    medium = recipe("medium viscosity").rheology
    assert PoreLaw.of(medium, exponent=0.3).exponent == medium.exponent
    assert PoreLaw.of(medium).exponent == constant("pore_exponent").value


def test_the_cannula_keeps_the_cements_own_exponent() -> None:
    medium = recipe("medium viscosity").rheology
    thick = dataclasses.replace(medium, exponent=constant("pore_exponent").value)
    drops = [cannula_drop_mpa(law, 150.0, 2.38, 125.0, 50.0) for law in (medium, thick)]
    assert drops[0] == pytest.approx(0.22, abs=0.02)
    assert drops[1] > 4 * drops[0]


@pytest.mark.parametrize("bad", [0.0, -0.5, 1.2, float("nan")])
def test_an_exponent_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(BadInput, match=r"exponent in pores lies in 0\.1–1"):
        PoreLaw.of(recipe("medium viscosity").rheology, exponent=bad)


@pytest.mark.parametrize("hu", [60, 90, 120])
def test_tip_pressure_in_osteoporotic_bone_is_what_is_felt_in_patients(hu: int) -> None:
    # 10–200 kPa within the bone is the clinical prior; medium cement, 11 G, 0.05 mL/s.
    sacrum = toy_sacrum()
    run = injected(toy_ct(sacrum, trabecular_hu=hu), sacrum, toy_needle(Side.LEFT))
    line = run.timeline
    kpa = 1000.0 * np.interp([1000.0, 3000.0], line.volume_mm3, line.tip_pressure_mpa)
    assert (kpa > 10.0).all()
    assert (kpa < 200.0).all()
