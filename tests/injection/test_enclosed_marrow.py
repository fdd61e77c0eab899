"""Marrow that a closed bone holds back: what it does to pressure and to leaks."""

from dataclasses import replace

import numpy as np
import pytest
from darcy_cases import NEWTONIAN, PHI, RATE, course_of, feed_of, medium_of, source_at
from impes_reference import two_phase
from numpy.typing import NDArray

from sacroplasty.geometry import Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.reference import constant
from sacroplasty.units import mpa_s_from_pa_s

N, EDGE = 17, 3  # a shell of cortex, 11 mm a side, in soft tissue
BONE_MM2, SOFT_MM2 = 8e-3, 3e-4


def shell(cortex_mm2: float, *, hole: bool = True, mirrored: bool = False) -> BoneMedium:
    """Trabecular bone in a cortex of one voxel, with a hole of 3 × 3 mm to the patient's left."""
    bone = slice(EDGE, N - EDGE)
    inner = slice(EDGE + 1, N - EDGE - 1)
    permeability = np.full((N, N, N), SOFT_MM2)
    permeability[bone, bone, bone] = cortex_mm2
    permeability[inner, inner, inner] = BONE_MM2
    if hole:
        middle = slice(N // 2 - 1, N // 2 + 2)
        permeability[middle, middle, N - EDGE - 1] = BONE_MM2
    enclosed = np.zeros((N, N, N), dtype=np.bool_)
    enclosed[bone, bone, bone] = True
    if mirrored:
        permeability, enclosed = permeability[:, :, ::-1].copy(), enclosed[:, :, ::-1].copy()
    medium = medium_of(permeability, 1.0)
    return replace(medium, enclosed=Volume(enclosed, medium.grid))


def injected(medium: BoneMedium, mu_pa_s: float, mm3: float, x: float = 2.0) -> FrontFlow:
    """A Newtonian cement through a needle 3 mm from the hole."""
    flow = FrontFlow(medium, PoreLaw(mpa_s_from_pa_s(mu_pa_s)))
    course_of(flow, source_at(flow, (x, 0.0, 0.0)), feed_of(mm3)).run(lambda _: None)
    return flow


def outside_mm3(flow: FrontFlow) -> float:
    return float(flow.cement_mm3[~flow.medium.enclosed.values].sum())


def test_an_even_cortex_holds_the_marrow_at_the_rate_over_what_it_lets_out() -> None:
    """P = Q μ_m / (h Σ K_face), as long as cement touches no wall; the shape stays what it was."""
    medium = shell(1e-8, hole=False)
    marrow = mpa_s_from_pa_s(constant("marrow_viscosity").value)
    faces = 6 * (N - 2 * EDGE) ** 2
    face = 2 / (1 / 1e-8 + 1 / SOFT_MM2)
    flow = injected(medium, 200.0, 100.0, x=0.0)
    assert flow.filled.marrow_mpa == pytest.approx(RATE * marrow / (faces * face), rel=1e-6)
    drained = replace(medium, enclosed=Volume(np.zeros((N, N, N), np.bool_), medium.grid))
    assert np.allclose(
        flow.cement_mm3, injected(drained, 200.0, 100.0, x=0.0).cement_mm3, atol=1e-9
    )


def test_thin_cement_in_tight_bone_leaks_most() -> None:
    thin, thick = (outside_mm3(injected(shell(1e-8), mu, 600.0)) for mu in (20.0, 2000.0))
    assert thin > 5 * thick
    wide = outside_mm3(injected(shell(1e-6), 20.0, 600.0))
    assert thin > 5 * wide


def test_only_cortex_times_viscosity_matters() -> None:
    one, other = injected(shell(1e-8), 200.0, 600.0), injected(shell(1e-7), 20.0, 600.0)
    assert outside_mm3(one) == pytest.approx(outside_mm3(other), rel=0.02)


@pytest.mark.parametrize("mu_pa_s", [20.0, 200.0, 2000.0])
def test_the_leak_of_a_two_phase_model_within_a_factor_of_two_and_a_half(mu_pa_s: float) -> None:
    """Its marrow flows past cement in one voxel, ours does not; both leak the more the thinner."""
    medium = shell(1e-8)
    flow = injected(medium, mu_pa_s, 600.0)
    source = source_at(flow, (2.0, 0.0, 0.0))
    feed = np.zeros(N**3)
    feed[source.cells] = RATE * source.shares
    s = two_phase(
        medium.permeability_mm2.values, PHI, 1.0, feed.reshape(N, N, N), 600.0,
        mpa_s_from_pa_s(mu_pa_s), mpa_s_from_pa_s(constant("marrow_viscosity").value), 75, True,
    )  # fmt: skip
    reference = PHI * float(s[~medium.enclosed.values].sum())
    print(f"{mu_pa_s:g} Pa·s: {outside_mm3(flow):.1f} mm³, two phases {reference:.1f} mm³")
    assert reference / 2.5 < outside_mm3(flow) < reference * 2.5
    drained = replace(medium, enclosed=Volume(np.zeros((N, N, N), np.bool_), medium.grid))
    without = outside_mm3(injected(drained, mu_pa_s, 600.0))
    assert abs(np.log(outside_mm3(flow) / reference)) < abs(np.log(without / reference))


def test_nothing_is_lost_and_the_mirrored_bone_leaks_to_the_other_side() -> None:
    flow = injected(shell(1e-8), 20.0, 600.0)
    mirrored = injected(shell(1e-8, mirrored=True), 20.0, 600.0, x=-2.0)
    assert flow.cement_mm3.sum() == pytest.approx(600.0, rel=1e-6)
    # Voxels that fill at the same time but for rounding may fill in another order.
    apart = np.abs(mirrored.cement_mm3[:, :, ::-1] - flow.cement_mm3).sum()
    print(f"apart by {apart:.2g} mm³")
    assert apart < 0.01 * 600.0
    assert _left_mm3(flow.cement_mm3) > 100.0
    assert _left_mm3(mirrored.cement_mm3) == 0.0


def _left_mm3(cement_mm3: NDArray[np.float64]) -> float:
    """Cement beyond the left wall: array axis i runs to the patient's left."""
    return float(cement_mm3[:, :, N - EDGE :].sum())


def test_a_drained_medium_is_what_it_was() -> None:
    medium = medium_of(np.full((N, N, N), BONE_MM2), 1.0)
    flow = FrontFlow(medium, NEWTONIAN)
    course_of(flow, source_at(flow, (0.0, 0.0, 0.0)), feed_of(300.0)).run(lambda _: None)
    assert flow.filled.marrow_mpa == 0.0


@pytest.mark.parametrize("exponent", [0.3, 0.5, 1.0])
def test_a_hand_that_presses_at_its_limit_meets_it_whatever_part_the_marrow_takes(
    exponent: float,
) -> None:
    """Cement thins with the rate and marrow does not: at the limit the marrow's part is P = Q / G.

    A needle that took all of its pressure for the cement's fell to no rate at all here.
    """
    most = 0.3
    law = PoreLaw(mpa_s_from_pa_s(50.0), exponent=exponent)
    flow = FrontFlow(shell(1e-9, hole=False), law)
    feed = feed_of(200.0, rate=200.0, most_syringe_pressure_mpa=most, least_rate_mm3_per_s=1.0)
    needle = course_of(flow, source_at(flow, (2.0, 0.0, 0.0)), feed).run(lambda _: None)
    assert needle.stopped == ""
    assert needle.syringe_pressure_mpa[-1] == pytest.approx(most, rel=0.005)
    assert 0.9 * most < flow.filled.marrow_mpa < most


def test_set_cement_in_front_of_the_hole_holds_the_marrow_up_for_the_next_needle() -> None:
    """The second needle of a bone whose only wide way out is plugged meets the higher pressure."""
    medium = shell(1e-8)
    fresh, plugged = (FrontFlow(medium, PoreLaw(mpa_s_from_pa_s(2000.0))) for _ in range(2))
    course_of(plugged, source_at(plugged, (4.0, 0.0, 0.0)), feed_of(250.0)).run(lambda _: None)
    plugged.let_set()
    for flow in (fresh, plugged):
        course_of(flow, source_at(flow, (-3.0, 0.0, 0.0)), feed_of(20.0)).run(lambda _: None)
    assert plugged.filled.marrow_mpa > 5 * fresh.filled.marrow_mpa > 0.0


def test_marrow_whose_last_way_out_is_plugged_holds_the_next_needle_for_good() -> None:
    """All openings full of set cement: nothing more goes in, whatever a hand can press."""
    medium = shell(1e-8)
    permeability = medium.permeability_mm2.values.copy()
    permeability[permeability == 1e-8] = 0.0  # nothing but the hole lets marrow out
    medium = replace(medium_of(permeability, 1.0), enclosed=medium.enclosed)
    flow = FrontFlow(medium, PoreLaw(mpa_s_from_pa_s(2000.0)))
    course_of(flow, source_at(flow, (4.0, 0.0, 0.0)), feed_of(250.0)).run(lambda _: None)
    flow.let_set()
    feed = feed_of(50.0, most_syringe_pressure_mpa=20.0, least_rate_mm3_per_s=1.0)
    needle = course_of(flow, source_at(flow, (-3.0, 0.0, 0.0)), feed).run(lambda _: None)
    assert needle.stopped == "stalled"
    assert needle.delivered_mm3 < 15.0  # what the first voxels take before they touch marrow


def test_a_grid_within_the_bone_lets_the_marrow_drain_beyond_it() -> None:
    medium = medium_of(np.full((N, N, N), BONE_MM2), 1.0)
    within = replace(medium, enclosed=Volume(np.ones((N, N, N), np.bool_), medium.grid))
    assert np.array_equal(
        injected(within, 200.0, 100.0).cement_mm3, injected(medium, 200.0, 100.0).cement_mm3
    )
