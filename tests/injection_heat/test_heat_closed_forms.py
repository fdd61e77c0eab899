"""Conduction and perfusion against closed forms, and how fast the error falls."""

import math

import numpy as np
import pytest
from heat_cases import (
    BAR,
    BODY_C,
    CAPACITY,
    CONDUCTIVITY,
    OCTANT,
    SEALED,
    ball,
    hot_sphere,
    radii,
    steady,
    uniform,
)
from scipy.integrate import solve_ivp

from sacroplasty.cement import cure_kinetics
from sacroplasty.errors import BadInput
from sacroplasty.injection import HeatFlow, HeatMedium

LI = cure_kinetics("Li")


def cooled_sphere(spacing_mm: float, time_s: float, step_s: float = math.inf) -> HeatFlow:
    n = round(40.0 / spacing_mm)
    hot = BODY_C + 50.0 * ball(n, spacing_mm, 10.0)
    flow = HeatFlow(uniform((n, n, n), spacing_mm, OCTANT), LI, BODY_C, hot, 0.5, step_s)
    flow.advance(time_s)
    return flow


def test_the_closed_form_of_a_hot_sphere_is_the_one_worked_out_before() -> None:
    times = (30.0, 120.0, 300.0)
    # Those numbers are of r = 0.1 mm, not of the very centre, which is 0.001–0.002 K warmer.
    assert [float(hot_sphere(0.1, t, 10.0, 50.0)) for t in times] == pytest.approx(
        [49.0703, 26.2336, 9.9370], abs=1e-4
    )
    assert [float(hot_sphere(10.0, t, 10.0, 50.0)) for t in times] == pytest.approx(
        [18.6922, 12.4302, 6.6149], abs=1e-4
    )


@pytest.mark.parametrize("time_s", [30.0, 120.0, 300.0])
def test_a_hot_sphere_cools_by_the_heat_kernel(time_s: float) -> None:
    flow = cooled_sphere(1.0, time_s)
    rise = flow.temperature_c - BODY_C
    expected = hot_sphere(radii(40, 1.0), time_s, 10.0, 50.0)
    assert np.abs(rise - expected).max() < 0.25
    assert flow.budget.error < 1e-12


def test_the_error_falls_with_the_square_of_the_voxel() -> None:
    errors = []
    for spacing in (2.0, 1.0):
        rise = cooled_sphere(spacing, 120.0).temperature_c - BODY_C
        expected = hot_sphere(radii(round(40 / spacing), spacing), 120.0, 10.0, 50.0)
        errors.append(float(np.sqrt(np.mean((rise - expected) ** 2))))
    assert 1.7 < math.log2(errors[0] / errors[1]) < 2.5


def test_the_error_falls_with_the_time_step() -> None:
    finest = cooled_sphere(2.0, 120.0, 0.05).temperature_c
    errors = [
        float(np.abs(cooled_sphere(2.0, 120.0, step).temperature_c - finest).max())
        for step in (2.0, 1.0)
    ]
    # The reference has an error of its own of 0.05 s in 1 and 2 s.
    assert math.log2((errors[0] + 0.05 * errors[1]) / errors[1]) == pytest.approx(1.0, abs=0.15)


def test_layers_carry_one_flux_and_the_face_between_them_has_its_temperature() -> None:
    # 10 voxels of bone and 10 of cement between 37 °C and a hot end that a source holds up.
    n, k1, k2 = 20, 0.4, 0.2
    k = np.full((1, 1, n), k1)
    k[..., 10:] = k2
    heat = np.zeros((1, 1, n))
    heat[..., -1] = 1e6 * 0.01
    medium = HeatMedium(
        np.full(k.shape, CAPACITY), k, np.zeros(k.shape), heat, 1.0, (*BAR[:5], True)
    )
    flow = HeatFlow(medium, steady(1e-6), BODY_C, BODY_C, 1e-9)
    flow.watch_faces(np.array([[9, 10]]))
    flow.advance(30_000.0)
    # The flux q = 0.01 mW/mm² crosses every layer: ΔT = q L / k. Body is 1 mm from centre 0.
    flux = 0.01
    at_face = BODY_C + flux * (10.5 / k1)
    rise = flow.temperature_c[0, 0]
    assert flow.face_mean_c == pytest.approx(at_face, abs=1e-5)
    np.testing.assert_allclose(np.diff(rise[:10]), flux / k1, rtol=1e-5)
    np.testing.assert_allclose(np.diff(rise[10:]), flux / k2, rtol=1e-5)
    assert rise[10] - rise[9] == pytest.approx(flux * (0.5 / k1 + 0.5 / k2), rel=1e-5)


def test_blood_shuts_the_warmth_of_a_ball_in_by_helmholtz() -> None:
    """Steady outside a heated ball: θ ∝ exp(−κ r)/r with κ² = w/k."""
    n, spacing, radius, perfusion, source = 30, 1.0, 6.0, 20_000.0, 1.0
    filled = ball(n, spacing, radius)
    rate = 1e-5
    medium = uniform((n, n, n), spacing, OCTANT, source / rate * filled, perfusion * (1 - filled))
    flow = HeatFlow(medium, steady(rate), BODY_C, BODY_C, 1e-9)
    flow.advance(1500.0)
    rise, r = flow.temperature_c - BODY_C, radii(n, spacing)
    kappa = math.sqrt(perfusion * 1e-6 / CONDUCTIVITY)
    at_surface = source * radius**2 / (3 * CONDUCTIVITY * (1 + kappa * radius))
    expected = at_surface * radius / r * np.exp(-kappa * (r - radius))
    shell = (r > radius + 1.5) & (r < 20.0)
    np.testing.assert_allclose(rise[shell], expected[shell], rtol=0.02)
    near_middle = at_surface + source * (radius**2 - r[0, 0, 0] ** 2) / (6 * CONDUCTIVITY)
    assert rise[0, 0, 0] == pytest.approx(near_middle, rel=0.01)
    assert flow.budget.error < 1e-6


def test_blood_cools_a_warm_tissue_exponentially() -> None:
    flow = HeatFlow(uniform((2, 2, 2), 1.0, SEALED, 0.0, 5000.0), LI, BODY_C, 50.0, 0.5, 0.5)
    flow.advance(600.0)
    left = 13.0 * math.exp(-5000.0 * 1e-6 * 600.0 / CAPACITY)
    np.testing.assert_allclose(flow.temperature_c - BODY_C, left, rtol=1e-3)
    assert flow.budget.taken_j == pytest.approx(-flow.budget.stored_j, rel=1e-9)


def test_uneven_tissue_conducts_as_a_stiff_integrator_says() -> None:
    rng = np.random.default_rng(4)
    shape = (1, 4, 6)
    k, c = rng.uniform(0.15, 0.6, shape), rng.uniform(1.5, 3.8, shape)
    w, start = rng.uniform(0, 5000, shape), rng.uniform(30, 80, shape)
    flow = HeatFlow(HeatMedium(c, k, w, np.zeros(shape), 1.3), LI, BODY_C, start, 0.5, 0.01)
    flow.advance(20.0)

    def slope(_: float, flat: np.ndarray) -> np.ndarray:
        padded = np.pad(flat.reshape(shape), 1, constant_values=BODY_C)
        ks = np.pad(k, 1, mode="edge")
        total = -w * 1e-6 * (flat.reshape(shape) - BODY_C)
        for axis in range(3):
            for shift in (1, -1):
                other = np.roll(ks, shift, axis)
                face = 2 * ks * other / (ks + other) / 1.3**2
                total += (face * (np.roll(padded, shift, axis) - padded))[1:-1, 1:-1, 1:-1]
        return (total / c).ravel()

    other = solve_ivp(slope, (0, 20.0), start.ravel(), method="LSODA", rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(flow.temperature_c.ravel(), other.y[:, -1], atol=5e-3)


def test_an_explicit_step_never_overshoots() -> None:
    rng = np.random.default_rng(1)
    shape = (6, 7, 8)
    medium = HeatMedium(
        rng.uniform(1.5, 4.0, shape), rng.uniform(0.1, 0.8, shape), np.zeros(shape),
        np.zeros(shape), 0.5,
    )  # fmt: skip
    start = rng.uniform(37.0, 90.0, shape)
    flow = HeatFlow(medium, LI, BODY_C, start, 0.5)
    widest = 90.0
    for _ in range(30):
        flow.advance(flow.step_s)
        assert flow.temperature_c.min() >= BODY_C - 1e-9
        assert flow.temperature_c.max() <= widest + 1e-9
        widest = float(flow.temperature_c.max())
    with pytest.raises(BadInput, match="positive time"):
        flow.advance(0.0)


def test_what_is_no_medium_is_refused() -> None:
    good = np.ones((2, 2, 2))
    with pytest.raises(BadInput, match="conductivity"):
        HeatMedium(good, good * np.nan, good, good, 1.0)
    with pytest.raises(BadInput, match=r"perfusion_w_per_m3_k.*-1"):
        HeatMedium(good, good, -good, good, 1.0)
    with pytest.raises(BadInput, match="capacity"):
        HeatMedium(0 * good, good, good, good, 1.0)
    with pytest.raises(BadInput, match="shape"):
        HeatMedium(good, good, good, np.ones((2, 2)), 1.0)
    with pytest.raises(BadInput, match="spacing"):
        HeatMedium(good, good, good, good, -1.0)
    with pytest.raises(BadInput, match="nan °C"):
        HeatFlow(HeatMedium(good, good, good, good, 1.0), LI, BODY_C, math.nan, 0.5)
    with pytest.raises(BadInput, match="250 °C"):
        HeatFlow(HeatMedium(good, good, good, good, 1.0), LI, 250.0, BODY_C, 0.5)
    with pytest.raises(BadInput, match="above 0"):
        HeatFlow(HeatMedium(good, good, good, good, 1.0), LI, BODY_C, BODY_C, 0.0)
