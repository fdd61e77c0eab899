"""How a cement flows and ages: invariants, and what is published of it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sacroplasty.cement import CementRecipe, Rheology, recipe, recipe_names
from sacroplasty.errors import BadInput
from sacroplasty.reference import constant

MEDIUM = recipe("medium viscosity").rheology
shears = st.floats(1e-4, 1e4)
ages = st.floats(0.0, 3000.0)
names = st.sampled_from(recipe_names())


@given(names, shears, ages)
def test_cement_thins_when_sheared_and_thickens_with_age(
    name: str, shear: float, age: float
) -> None:
    flow = recipe(name).rheology
    here = float(flow.viscosity_pa_s(shear, age))
    assert 0 < float(flow.viscosity_pa_s(2 * shear, age)) <= here
    assert here <= float(flow.viscosity_pa_s(shear, age + 60.0)) <= flow.most_viscosity_pa_s


@given(names, shears, ages)
def test_faster_shear_never_meets_less_stress(name: str, shear: float, age: float) -> None:
    flow = recipe(name).rheology
    slow, fast = (r * float(flow.viscosity_pa_s(r, age)) for r in (shear, 1.5 * shear))
    assert fast >= slow
    if slow < 0.99 * flow.most_viscosity_pa_s * shear:
        assert slow >= float(flow.yield_stress_at(age))


def test_the_law_is_yield_stress_plus_power_law() -> None:
    shear, age = np.array([0.01, 0.3, 2.0, 40.0]), 200.0
    grown = math.exp(age / MEDIUM.ageing_time_s)
    stress = grown * (MEDIUM.yield_stress_pa + MEDIUM.consistency_pa_s_n * shear**MEDIUM.exponent)
    np.testing.assert_allclose(shear * MEDIUM.viscosity_pa_s(shear, age), stress, rtol=1e-12)
    assert float(MEDIUM.consistency_at(age)) == pytest.approx(MEDIUM.consistency_pa_s_n * grown)


def test_cement_at_rest_is_as_stiff_as_cured_and_a_newtonian_one_never_changes() -> None:
    assert float(MEDIUM.viscosity_pa_s(0.0, 0.0)) == MEDIUM.most_viscosity_pa_s
    honey = CementRecipe.of_constant_viscosity("honey", 12.0, 0.3, 1.4).rheology
    np.testing.assert_array_equal(honey.viscosity_pa_s([0.0, 1e-9, 1.0, 1e9], 1e6), 12.0)


def test_shears_and_ages_broadcast() -> None:
    table = MEDIUM.viscosity_pa_s(np.array([0.1, 1.0, 10.0]), np.array([[0.0], [300.0]]))
    assert table.shape == (2, 3)
    assert table[1, 2] == float(MEDIUM.viscosity_pa_s(10.0, 300.0))


@pytest.mark.parametrize(
    ("name", "at_150_s", "at_300_s", "at_540_s"),
    [
        ("low viscosity", 54, 148, 732),
        ("medium viscosity", 169, 359, 1190),
        ("high viscosity", 436, 759, 1850),
        ("ultra-high viscosity", 1658, 1830, 2150),
    ],
)
def test_the_classes_thicken_as_their_prior_says(
    name: str, at_150_s: float, at_300_s: float, at_540_s: float
) -> None:
    made = recipe(name).rheology.viscosity_pa_s(1.0, [150.0, 300.0, 540.0])
    np.testing.assert_allclose(made, [at_150_s, at_300_s, at_540_s], rtol=0.01)


def test_ageing_runs_at_one_at_the_reference_and_twice_as_fast_at_37_as_at_25_degrees() -> None:
    assert float(MEDIUM.ageing_rate(MEDIUM.reference_temperature_c)) == 1.0
    ratio = float(MEDIUM.ageing_rate(25.0) / MEDIUM.ageing_rate(37.0))
    assert ratio == pytest.approx(constant("cement_cured_ratio_at_37").value, rel=0.01)


def test_one_ageing_energy_ages_cement_in_ice_too_fast() -> None:
    # Published: 8.5 min at 22 °C become 112.5 min in ice water, 13 times as long. An honest limit
    # of the single Arrhenius energy, which errs to the safe side: cold cement counts as older.
    slower = float(1.0 / MEDIUM.ageing_rate(0.0))
    published = constant("cement_handled_until_in_ice").value
    published /= constant("cement_handled_until").value
    assert 3.0 < slower < published
    with_the_most = replace(
        MEDIUM, activation_energy_j_per_mol=constant("cement_ageing_energy").high
    )
    assert float(1.0 / with_the_most.ageing_rate(0.0)) == pytest.approx(published, rel=0.1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"consistency_pa_s_n": 0.0}, "consistency_pa_s_n"),
        ({"consistency_pa_s_n": math.nan}, "consistency_pa_s_n"),
        ({"consistency_pa_s_n": 1e6}, "thinner"),
        ({"ageing_time_s": -5.0}, "ageing_time_s"),
        ({"exponent": 1.2}, "1.2"),
        ({"exponent": 0.0}, "exponent"),
        ({"yield_stress_pa": -1.0}, "yield_stress_pa"),
        ({"most_viscosity_pa_s": math.inf}, "cured"),
        ({"reference_temperature_c": -3.0}, "-3 °C"),
    ],
)
def test_a_fluid_that_is_no_cement_is_refused(change: dict[str, float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        replace(MEDIUM, **change)


@pytest.mark.parametrize("bad", [-1.0, math.nan])
def test_what_cannot_be_asked_is_refused(bad: float) -> None:
    with pytest.raises(BadInput, match="shear rate"):
        MEDIUM.viscosity_pa_s(bad, 10.0)
    with pytest.raises(BadInput, match="age"):
        MEDIUM.consistency_at([10.0, bad])
    with pytest.raises(BadInput, match="°C"):
        MEDIUM.ageing_rate(bad)
    with pytest.raises(BadInput, match="viscosity"):
        CementRecipe.of_constant_viscosity("water", bad, 0.3, 1.4)


def test_a_rheology_is_a_value() -> None:
    assert recipe("medium viscosity").rheology == MEDIUM
    assert isinstance(MEDIUM, Rheology)
