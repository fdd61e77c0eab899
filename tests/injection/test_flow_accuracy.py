"""The quick flow of the odds draws the same cement as the fine one, and the leaks with it."""

import numpy as np
import pytest
from darcy_cases import K, course_of, feed_of, medium_of, source_at
from numpy.typing import NDArray
from scipy import ndimage

from box_patient import ALA_TIP, toy_ct, toy_needle, toy_plan, toy_sacrum, with_hole
from sacroplasty.anatomy import Side, Structure
from sacroplasty.cement import recipe
from sacroplasty.errors import BadUsage
from sacroplasty.injection import (
    FINE,
    QUICK,
    FlowAccuracy,
    InjectionRun,
    InjectionSettings,
    inject,
)
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw

LAW = PoreLaw(
    300e-6, ageing_time_s=200.0, exponent=0.5, yield_per_consistency=0.1, most_viscosity_mpa_s=0.075
)


def uneven(seed: int) -> NDArray[np.float64]:
    """Log-normal bone, correlated over 2 mm, with a cleft of 0.3 mm beside the tip."""
    n = 39
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(n, n, n)), 2.0)
    permeability = np.asarray(K * np.exp(0.8 * noise / noise.std()))
    permeability[:, :, n // 2 + 4] *= 10.0
    return permeability


def cement_of(permeability: NDArray[np.float64], accuracy: FlowAccuracy) -> tuple[FrontFlow, float]:
    """3 mL of it, and the last pressure at the tip."""
    flow = FrontFlow(medium_of(permeability, 1.0), LAW, 2.4, accuracy)
    course = course_of(flow, source_at(flow, (0.2, 0.1, 0.0)), feed_of(3000.0))
    return flow, float(course.run(lambda _: None).tip_pressure_mpa[-1])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_quick_surface_lies_within_a_tenth_of_a_voxel_of_the_fine_one(seed: int) -> None:
    fine, quick = (cement_of(uneven(seed), accuracy) for accuracy in (FINE, QUICK))
    here, there = (flow.cement_mm3 > 0.45 for flow, _ in (fine, quick))
    edges = [full & ~ndimage.binary_erosion(full) for full in (here, there)]
    away = [ndimage.distance_transform_edt(~edge) for edge in edges]
    distance = np.concatenate([away[1][edges[0]], away[0][edges[1]]])
    assert distance.mean() < 0.1
    assert np.percentile(distance, 95) <= 1.0
    assert quick[0].cement_mm3.sum() == pytest.approx(3000.0, rel=1e-9)
    assert quick[1] == pytest.approx(fine[1], rel=0.01)


def runs_beside_a_crack(volume_ml: float) -> list[InjectionRun]:
    """A crack in the ala with a hole in the cortex at its front end, fine and quick."""
    sacrum = toy_sacrum()
    ct = toy_ct(sacrum)
    x, _, z = ALA_TIP
    crack = np.zeros(ct.hu.shape, dtype=bool)
    k, i = round(z + 70), round(x + 60)
    crack[k - 12 : k + 13, 15:41, i - 1 : i + 2] = True
    plan = toy_plan(toy_needle(Side.LEFT, volume_ml, (x, -16.0, z)))
    return [
        inject(with_hole(ct, crack), sacrum, plan, recipe("medium viscosity"),
               InjectionSettings(accuracy=accuracy))
        for accuracy in (FINE, QUICK)
    ]  # fmt: skip


def test_the_quick_flow_finds_the_same_leak_at_the_same_time() -> None:
    fine, quick = (run.leaks.leaks for run in runs_beside_a_crack(5.0))
    assert [leak.site for leak in quick] == [leak.site for leak in fine]
    for one, other in zip(fine, quick, strict=True):
        assert other.volume_mm3 == pytest.approx(one.volume_mm3, rel=0.02)
        assert one.onset is not None
        assert other.onset is not None
        assert other.onset.time_s == pytest.approx(one.onset.time_s, abs=1.0)


def test_a_quick_step_presses_nothing_through_a_tight_way_that_a_fine_one_does_not() -> None:
    # The crack is full, its one way out takes a hundredth of its flow, and most of the front is
    # open bone: what a long step has too much of goes there.
    fine, quick = (
        float(run.cement.fraction.values[_outside(run)].sum()) for run in runs_beside_a_crack(0.4)
    )
    assert quick == pytest.approx(fine, abs=0.05)


def _outside(run: InjectionRun) -> NDArray[np.bool_]:
    labels = toy_sacrum().labels.on(run.cement.fraction.grid, order=0, outside=0.0).values
    return np.asarray(labels != Structure.SACRUM)


def test_finer_steps_settle() -> None:
    # The share of the front that fills in a step is the one number that could change the answer.
    finest = cement_of(uneven(1), FlowAccuracy(front_share_per_step=0.005))[0].cement_mm3
    unlike = [
        float(np.abs(cement_of(uneven(1), FlowAccuracy(front_share_per_step=s))[0].cement_mm3
                     - finest).sum() / 6000.0)
        for s in (0.2, 0.05)
    ]  # fmt: skip
    assert unlike[1] < unlike[0] < 0.02


@pytest.mark.parametrize(
    "bad", [{"pressure_rtol": 0.1}, {"front_share_per_step": 0.5}, {"viscosity_rtol": 0.0}]
)
def test_impossible_accuracies_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(BadUsage):
        FlowAccuracy(**bad)
