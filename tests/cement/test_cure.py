"""Cure and its heat: closed forms, an independent integrator, and published hardening."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sacroplasty.cement import (
    adiabatic_rise_c,
    cure_course,
    cure_kinetics,
    final_degree,
    kinetics_names,
    recipe,
)
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.reference import constant

TIMES = np.linspace(0.0, 3000.0, 301)


@pytest.mark.parametrize("name", kinetics_names())
@pytest.mark.parametrize(("start_c", "keeps_heat"), [(22.0, 0), (37.0, 0), (25.0, 1), (37.0, 1)])
def test_a_cure_is_that_of_a_stiff_integrator(name: str, start_c: float, keeps_heat: int) -> None:
    kinetics = cure_kinetics(name)
    rise = keeps_heat * adiabatic_rise_c(kinetics, 0.88)
    course = cure_course(kinetics, TIMES, start_c, rise)
    other = solve_ivp(
        lambda _, a: kinetics.rate_per_s(a, start_c + rise * (a - kinetics.start_degree)),
        (0.0, TIMES[-1]),
        [kinetics.start_degree],
        method="LSODA",
        t_eval=TIMES,
        rtol=1e-10,
        atol=1e-14,
    )
    np.testing.assert_allclose(course.degree, other.y[0], atol=1e-5)
    assert (np.diff(course.degree) >= 0).all()


def test_a_cure_with_exponents_of_one_is_the_logistic_curve() -> None:
    simple = replace(
        cure_kinetics("Li"), first_exponent=1.0, second_exponent=1.0, start_degree=1e-4
    )
    speed = simple.rate_constant_per_s * math.exp(
        -simple.activation_energy_j_per_mol / (8.314462618 * 310.15)
    )
    logistic = 1.0 / (1.0 + (1 / 1e-4 - 1.0) * np.exp(-speed * TIMES))
    np.testing.assert_allclose(cure_course(simple, TIMES, 37.0).degree, logistic, atol=1e-6)


@pytest.mark.parametrize("name", kinetics_names())
def test_without_losses_all_the_heat_is_found_in_the_temperature(name: str) -> None:
    kinetics = cure_kinetics(name)
    rise = adiabatic_rise_c(kinetics)
    end = final_degree(kinetics, 37.0, rise)
    course = cure_course(kinetics, [0.0, 1e5], 37.0, rise)
    assert course.degree[-1] == pytest.approx(end, abs=1e-4)
    assert course.temperature_c[-1] == pytest.approx(
        37.0 + rise * (end - kinetics.start_degree), abs=0.01
    )
    hottest_k = course.temperature_c[-1] + 273.15
    assert end == pytest.approx(
        1.0 if kinetics.glass_transition_k is None else min(1.0, hottest_k / 378.0), abs=1e-4
    )


def test_the_adiabatic_rise_in_bone_is_the_one_worked_out_by_hand() -> None:
    # 0.88·1100·1e5 / (0.88·1100·1460 + 0.12·2.4e6) = 56.898 K; 37 °C end at 93.893 °C.
    li = cure_kinetics("Li")
    rise = adiabatic_rise_c(li, 0.88)
    assert rise == pytest.approx(56.898, abs=5e-4)
    course = cure_course(li, [1e5], 37.0, rise)
    assert course.temperature_c[0] == pytest.approx(93.893, abs=2e-3)
    assert adiabatic_rise_c(li, 0.0) == 0.0


def test_cold_cement_vitrifies_before_it_is_cured_and_warm_cement_less_so() -> None:
    kinetics = cure_kinetics("Borzacchiello 1")
    assert final_degree(kinetics, 37.0) == pytest.approx(310.15 / 378.0)
    assert final_degree(kinetics, 22.0) < final_degree(kinetics, 37.0)
    assert final_degree(kinetics, 37.0) < final_degree(kinetics, 37.0, 50.0) < 1.0
    assert float(kinetics.rate_per_s(0.95, 37.0)) == 0.0


def test_medium_viscosity_cement_is_half_cured_when_it_is_published_as_hard() -> None:
    medium = recipe("medium viscosity")
    bath_c = constant("cement_bath_temperature").value
    times = np.arange(0.0, 1500.0, 1.0)
    half = float(np.interp(0.5, cure_course(medium.cure, times, bath_c).degree, times))
    assert half == pytest.approx(constant("cement_hardening_in_bath").value, rel=0.15)


@pytest.mark.parametrize("name", kinetics_names())
def test_warmth_speeds_the_cure(name: str) -> None:
    kinetics = cure_kinetics(name)
    halves = []
    for celsius in (20.0, 25.0, 37.0, 50.0):
        degree = cure_course(kinetics, TIMES, celsius).degree
        halves.append(float(np.interp(0.5 * final_degree(kinetics, celsius), degree, TIMES)))
    assert halves == sorted(halves, reverse=True)


def test_what_cannot_cure_is_refused() -> None:
    li = cure_kinetics("Li")
    with pytest.raises(BadUsage, match="Borzacchiello 1"):
        cure_kinetics("superglue")
    with pytest.raises(BadInput, match="-40"):
        cure_course(li, TIMES, -40.0)
    with pytest.raises(BadInput, match="-1 s"):
        cure_course(li, [-1.0], 22.0)
    with pytest.raises(BadInput, match="warms"):
        cure_course(li, TIMES, 22.0, -5.0)
    with pytest.raises(BadInput, match=r"1\.5"):
        adiabatic_rise_c(li, 1.5)
    with pytest.raises(BadInput, match="starts"):
        replace(li, start_degree=0.0)
    with pytest.raises(BadInput, match="heat_j_per_kg"):
        replace(li, heat_j_per_kg=math.nan)
