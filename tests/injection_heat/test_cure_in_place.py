"""Cement that cures and conducts: without losses, as a travelling front, and in a slab."""

import math

import numpy as np
import pytest
from heat_cases import (
    BAR,
    BODY_C,
    CAPACITY,
    CONDUCTIVITY,
    DIFFUSIVITY,
    SEALED,
    clockwork,
    uniform,
)
from scipy.integrate import solve_ivp

from sacroplasty.cement import (
    CureKinetics,
    adiabatic_rise_c,
    cure_course,
    cure_kinetics,
    final_degree,
    kinetics_names,
    recipe,
)
from sacroplasty.injection import HeatFlow, HeatMedium, degree_at_age
from sacroplasty.injection.heat.flow import kinetic_numbers
from sacroplasty.injection.heat.kernels import cure_cell

SHARE = 0.88
# 0.88·1100·1460 + 0.12·2.4e6 J/(m³ K) and 0.88·1100·1e5 J/m³: of bone filled with cement.
FILLED_CAPACITY = 1.70128
FILLED_HEAT = 96.8


def filled_bone(kinetics: CureKinetics, start_c: float, step_s: float = math.inf) -> HeatFlow:
    shape = (2, 2, 2)
    medium = HeatMedium(
        np.full(shape, FILLED_CAPACITY), np.full(shape, 0.2), np.zeros(shape),
        np.full(shape, SHARE * 1.1e-3 * kinetics.heat_j_per_kg), 1.0, SEALED,
    )  # fmt: skip
    return HeatFlow(medium, kinetics, BODY_C, start_c, kinetics.start_degree, step_s)


def test_li_without_losses_warms_filled_bone_by_56_898_k() -> None:
    flow = filled_bone(cure_kinetics("Li"), 37.0)
    flow.advance(900.0)
    assert flow.temperature_c[0, 0, 0] - 37.0 == pytest.approx(56.898, abs=0.02)
    assert flow.budget.error < 1e-12
    assert flow.budget.released_j == pytest.approx(flow.budget.stored_j, rel=1e-12)


@pytest.mark.parametrize("name", kinetics_names())
@pytest.mark.parametrize("start_c", [22.0, 37.0])
def test_a_sealed_voxel_cures_like_the_course_of_the_cement(name: str, start_c: float) -> None:
    kinetics = cure_kinetics(name)
    flow = filled_bone(kinetics, start_c, 2.0)
    rise = adiabatic_rise_c(kinetics, SHARE)
    for time_s in range(100, 2500, 100):
        flow.advance(100.0)
        course = cure_course(kinetics, [time_s], start_c, rise)
        # A second's delay at the steepest place is worth this much.
        slope = cure_course(kinetics, [time_s - 1.0, time_s + 1.0], start_c, rise).degree
        allowed = 0.002 + np.ptp(slope)
        assert flow.degree[0, 0, 0] == pytest.approx(course.degree[0], abs=allowed)
    assert flow.mean_degree == pytest.approx(final_degree(kinetics, start_c, rise), abs=0.01)


def test_steps_of_a_second_and_of_a_tenth_cure_alike() -> None:
    peaks = []
    for step in (2.0, 0.1):
        flow = filled_bone(cure_kinetics("Li"), 37.0, step)
        flow.advance(700.0)
        peaks.append((flow.temperature_c[0, 0, 0], flow.mean_degree))
    assert peaks[0] == pytest.approx(peaks[1], abs=0.02)


@pytest.mark.parametrize("name", kinetics_names())
def test_a_long_step_through_the_runaway_is_that_of_a_stiff_integrator(name: str) -> None:
    """Twenty seconds in one step, in which conduction takes 10 K and the cure gives 50 K."""
    kinetics = cure_kinetics(name)
    rise, first, last, dt = 56.9, 70.0, 60.0, 20.0

    def slope(time: float, degree: np.ndarray) -> np.ndarray:
        own = first + (last - first) * time / dt + rise * (degree - 0.05)
        return np.asarray(kinetics.rate_per_s(degree, own))

    other = solve_ivp(slope, (0.0, dt), [0.05], method="LSODA", rtol=1e-10, atol=1e-12)
    cured = cure_cell(0.05, first, last, rise, kinetic_numbers(kinetics), dt)
    assert cured == pytest.approx(float(other.y[0, -1]), abs=3e-3)
    assert cured > 0.2


def test_cement_that_vitrifies_stops_where_its_temperature_lets_it() -> None:
    kinetics = cure_kinetics("Borzacchiello 1")
    flow = filled_bone(kinetics, 37.0)
    flow.advance(3000.0)
    hottest_k = flow.temperature_c[0, 0, 0] + 273.15
    assert flow.mean_degree == pytest.approx(min(1.0, hottest_k / 378.0), abs=2e-3)
    assert flow.mean_degree < 0.98


def test_a_travelling_cure_carries_its_warmth_before_it() -> None:
    """The Stefan front of a cure: α = 1/(1 + e^(K (x − V t)/V)) runs at V through a bar.

    In its frame ξ = x − V t the heat equation a T″ + V T′ = V ΔT α′ integrates once, and
    T(ξ) − T₀ = ΔT (V/a) ∫_−∞^ξ e^(−V (ξ − s)/a) α(s) ds: all of ΔT = heat/ρc behind the front, and
    ahead the decay e^(−V ξ/a) of a moving plane source.
    """
    h, n, speed, rate, heat = 0.5, 240, 0.1, 0.1, 120.0
    x = (np.arange(n) + 0.5) * h
    start_at, run_s = 40.0, 400.0
    rise = heat / CAPACITY

    def degree(xi: np.ndarray) -> np.ndarray:
        return np.asarray(1.0 / (1.0 + np.exp(np.clip(rate / speed * xi, -600.0, 600.0))))

    fine = np.arange(-120.0, 200.0, 0.01)
    growth = speed / DIFFUSIVITY
    warmed = growth * degree(fine) * np.exp(growth * fine)
    before_fine = degree(fine[:1]) * np.exp(growth * fine[:1])
    parts = np.concatenate([before_fine, 0.005 * (warmed[1:] + warmed[:-1])])
    profile = rise * np.cumsum(parts) * np.exp(-growth * fine)
    medium = uniform((1, 1, n), h, (*BAR[:4], True, False), heat)
    before = BODY_C + np.interp(x - start_at, fine, profile)
    flow = HeatFlow(
        medium, clockwork(rate), BODY_C, before.reshape(1, 1, n),
        degree(x - start_at).reshape(1, 1, n),
    )  # fmt: skip
    flow.advance(run_s)
    expected = BODY_C + np.interp(x - start_at - speed * run_s, fine, profile)
    got = flow.temperature_c[0, 0]
    assert start_at + speed * run_s == pytest.approx(80.0)
    np.testing.assert_allclose(got, expected, atol=0.35)
    half = float(np.interp(-(BODY_C + rise / 2), -got, x))
    assert half == pytest.approx(float(np.interp(-(BODY_C + rise / 2), -expected, x)), abs=0.05)
    ahead = (x > 88.0) & (x < 96.0)
    decay = np.polyfit(x[ahead], np.log(got[ahead] - BODY_C), 1)[0]
    assert decay == pytest.approx(-growth, rel=0.05)


@pytest.mark.parametrize(
    ("name", "cement_c", "when"),
    [
        ("Borzacchiello 1", 22.0, 770.0),
        ("Borzacchiello 1", 37.0, 520.0),
        ("Li", 22.0, 1050.0),
        ("Li", 37.0, 560.0),
    ],
)
def test_a_curing_slab_in_bone_is_that_of_a_stiff_integrator(
    name: str, cement_c: float, when: float
) -> None:
    """10 mm of filled bone beside 20 mm of bone, mirrored at its middle: lines against cells."""
    kinetics = cure_kinetics(name)
    h, n, cement = 1.0, 30, 10
    is_cement = np.arange(n) < cement
    capacity = np.where(is_cement, FILLED_CAPACITY, CAPACITY)
    k = np.where(is_cement, 0.21, CONDUCTIVITY)
    heat = np.where(is_cement, FILLED_HEAT, 0.0)
    start = np.where(is_cement, cement_c, BODY_C)

    def solved(refine: int, time_s: float) -> np.ndarray:
        """LSODA on a finer mesh, unknowns T₀ α₀ T₁ α₁ …: temperature of the coarse cells."""
        c, kk, q, t0 = (np.repeat(v, refine) for v in (capacity, k, heat, start))
        hh = h / refine
        face = 2 * kk[1:] * kk[:-1] / (kk[1:] + kk[:-1]) / hh**2
        curing = q > 0

        def slope(_: float, y: np.ndarray) -> np.ndarray:
            t = y[0::2]
            rate = np.zeros(t.size)
            rate[curing] = kinetics.rate_per_s(y[1::2][curing], np.clip(t[curing], 0, 200))
            power = q * rate
            flow = face * np.diff(t)
            power[:-1] += flow
            power[1:] -= flow
            power[-1] += kk[-1] / hh**2 * (BODY_C - t[-1])
            return np.column_stack([power / c, rate]).ravel()

        y0 = np.column_stack([t0, np.full(t0.size, kinetics.start_degree)]).ravel()
        lines = solve_ivp(
            slope, (0, time_s), y0, method="LSODA", rtol=1e-7, atol=1e-10, lband=2, uband=2
        )
        return np.asarray(lines.y[0::2, -1].reshape(n, refine).mean(axis=1))

    shape = (1, 1, n)
    medium = HeatMedium(
        capacity.reshape(shape), k.reshape(shape), np.zeros(shape), heat.reshape(shape), h,
        (*BAR[:4], True, False),
    )  # fmt: skip
    flow = HeatFlow(medium, kinetics, BODY_C, start.reshape(shape), kinetics.start_degree)
    flow.advance(when)
    same_mesh = solved(1, when)
    np.testing.assert_allclose(flow.temperature_c[0, 0], same_mesh, atol=0.6)
    np.testing.assert_allclose(flow.temperature_c[0, 0], solved(2, when), atol=1.5)
    assert flow.temperature_c.max() > 45.0
    assert flow.budget.error < 1e-9


@pytest.mark.parametrize("name", ["low viscosity", "medium viscosity"])
def test_the_clock_of_the_flow_starts_the_cure_where_its_own_course_is(name: str) -> None:
    cement = recipe(name)
    ages = np.array([900.0, 0.0, 300.0, 300.0])
    degree = degree_at_age(cement, ages)
    expected = cure_course(cement.cure, ages, cement.rheology.reference_temperature_c).degree
    np.testing.assert_array_equal(degree, expected)
    assert degree[1] == pytest.approx(cement.cure.start_degree, rel=1e-6)
    assert degree[2] == degree[3] < degree[0]


def test_cement_that_can_be_injected_has_hardly_released_its_heat() -> None:
    for name in ("low viscosity", "medium viscosity", "high viscosity"):
        cement = recipe(name)
        worked = degree_at_age(cement, np.array([cement.handling.working_s]))
        assert worked[0] < 0.05, name
