"""Cement that thins when sheared and holds by its yield stress, against closed forms."""

import math

import numpy as np
import pytest
from darcy_cases import (
    MU,
    OPENING,
    PHI,
    RATE,
    K,
    ball,
    column,
    column_source,
    course_of,
    feed_of,
    medium_of,
    sphere_radius,
)

from sacroplasty.cement import recipe
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw, viscosity

CONSISTENCY = 300e-6  # MPa·sⁿ


def power_law_sphere_mpa(
    permeability: float, exponent: float, radius: float, opening: float = OPENING
) -> float:
    """k/K (C/√(Kφ))^(n−1) (Q/4π)^n (a^(1−2n) − r^(1−2n))/(2n−1), C = 1; ln(r/a) at n = ½."""
    shape = (
        math.log(radius / opening)
        if exponent == 0.5
        else (opening ** (1 - 2 * exponent) - radius ** (1 - 2 * exponent)) / (2 * exponent - 1)
    )
    shear = (1.0 / math.sqrt(permeability * PHI)) ** (exponent - 1)
    flow = (RATE / (4 * math.pi)) ** exponent
    return float(CONSISTENCY / permeability * shear * flow * shape)


def test_the_closed_form_of_the_sphere_is_the_tabulated_one() -> None:
    assert power_law_sphere_mpa(1e-3, 0.5, 10.0) == pytest.approx(0.21976, abs=1e-5)
    assert power_law_sphere_mpa(1e-2, 0.5, 10.0) == pytest.approx(0.03908, abs=1e-5)


@pytest.mark.parametrize(
    ("permeability", "exponent"), [(1e-3, 0.5), (1e-2, 0.5), (1e-3, 0.3), (1e-3, 0.8)]
)
def test_tip_pressure_of_a_thinning_cement_follows_the_sphere(
    permeability: float, exponent: float
) -> None:
    law = PoreLaw(CONSISTENCY, exponent=exponent)
    _, run = ball(1.0, 3.0, (0.3, 0.1, 0.2), law, permeability)
    radius = float(sphere_radius(np.array(3000.0)))
    expected = power_law_sphere_mpa(permeability, exponent, radius)
    assert run.tip_pressure_mpa[-1] == pytest.approx(expected, rel=0.02)


def test_a_column_of_a_thinning_cement_loses_pressure_evenly() -> None:
    law = PoreLaw(CONSISTENCY, exponent=0.4, shear_factor=2.0)
    flow, _ = column(np.full(60, K), 40.0 * PHI, law)
    p = flow.pressure_mpa.values[0, 0]
    shear = 2.0 * RATE / math.sqrt(K * PHI)
    slope = CONSISTENCY * shear**-0.6 * RATE / K
    np.testing.assert_allclose(p[2:30] - p[3:31], slope, rtol=1e-6)


def test_layers_thin_each_by_its_own_shear_rate() -> None:
    permeability = np.where(np.arange(60) < 20, K, K / 10)
    law = PoreLaw(CONSISTENCY, exponent=0.5)
    flow, _ = column(permeability, 40.0 * PHI, law)
    p = flow.pressure_mpa.values[0, 0]

    def slope(k: float) -> float:
        return float(CONSISTENCY * (RATE / math.sqrt(k * PHI)) ** -0.5 * RATE / k)

    assert p[5] - p[35] == pytest.approx(14.5 * slope(K) + 15.5 * slope(K / 10), rel=1e-4)


def test_without_thinning_ageing_or_yield_the_cement_is_newtonian() -> None:
    nearly = PoreLaw(MU, ageing_time_s=1e15, exponent=1.0 - 1e-12)
    plain, run = ball(1.0, 1.0)
    other, same = ball(1.0, 1.0, law=nearly)
    np.testing.assert_allclose(other.cement_mm3, plain.cement_mm3, atol=1e-5)
    np.testing.assert_allclose(same.tip_pressure_mpa[20:], run.tip_pressure_mpa[20:], rtol=1e-6)


def test_the_viscosity_in_a_pore_is_the_cements_own() -> None:
    rheology = recipe("medium viscosity").rheology
    law = PoreLaw.of(rheology, exponent=rheology.exponent)
    for shear, age in ((0.1, 0.0), (3.0, 200.0), (1e-8, 10.0), (5.0, 1e5)):
        found = viscosity(law.consistency_at(age), shear, law.numbers)
        assert found == pytest.approx(1e-6 * float(rheology.viscosity_pa_s(shear, age)), rel=1e-9)


@pytest.mark.parametrize("exponent", [1.0, 0.5])
def test_a_cement_that_yields_stops_in_a_column_at_the_pressure_that_holds_it(
    exponent: float,
) -> None:
    law = PoreLaw(
        CONSISTENCY, exponent=exponent, yield_per_consistency=0.5, most_viscosity_mpa_s=30.0
    )
    gradient = CONSISTENCY * 0.5 * math.sqrt(PHI / K)
    flow = FrontFlow(medium_of(np.full((1, 1, 60), K), 1.0), law)
    feed = feed_of(
        55 * PHI, 0.5, most_syringe_pressure_mpa=25 * gradient, least_rate_mm3_per_s=1e-6
    )
    run = course_of(flow, column_source(), feed).run(lambda _: None)
    assert run.stopped == "stalled"
    assert run.delivered_mm3 / PHI == pytest.approx(25.0, abs=1.0)
    assert run.syringe_pressure_mpa.max() < 25 * gradient * 1.006
    assert (np.diff(run.rate_mm3_per_s) <= 1e-6).all()


def test_a_layer_that_the_yield_stress_holds_stays_empty() -> None:
    # Two columns fed alike: the tight one needs a hundred times the gradient of the open one.
    permeability = np.zeros((3, 1, 40))
    permeability[0], permeability[2] = K, K / 1e4
    permeability[1, 0, 0] = K
    law = PoreLaw(CONSISTENCY, exponent=1.0, yield_per_consistency=0.5, most_viscosity_mpa_s=30.0)
    flow = FrontFlow(medium_of(permeability, 1.0), law)
    source = column_source()
    course_of(flow, source, feed_of(6.0, 0.01)).run(lambda _: None)
    cement = flow.cement_mm3.sum(axis=(1, 2))
    assert cement[0] > 4.0
    assert cement[2] < 1e-6


@pytest.mark.slow
def test_pressure_of_a_thinning_cement_converges_with_the_grid() -> None:
    law = PoreLaw(CONSISTENCY, exponent=0.5)
    errors = []
    for h in (2.0, 1.0, 0.5):
        _, run = ball(h, 3.0, (0.3, 0.1, 0.2), law)
        late = run.volume_mm3 > 1000
        radii = sphere_radius(run.volume_mm3[late])
        exact = [power_law_sphere_mpa(K, 0.5, float(radius)) for radius in radii]
        errors.append(float(np.abs(run.tip_pressure_mpa[late] / exact - 1.0).mean()))
    assert max(errors) < 0.02
    assert errors[2] < 0.008
    assert errors[2] < errors[1]
