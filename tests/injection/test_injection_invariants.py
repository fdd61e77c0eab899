"""What must hold for every injection, on a patient of boxes."""

from typing import Any

import numpy as np
import pytest
from darcy_cases import NEWTONIAN, K, course_of, feed_of, medium_of, source_at
from numpy.typing import NDArray
from scipy import ndimage

from box_patient import (
    ALA_TIP,
    FRAME,
    toy_ct,
    toy_grid,
    toy_labels,
    toy_needle,
    toy_plan,
    toy_sacrum,
    with_hole,
)
from sacroplasty.anatomy import SacrumModel, Side, Structure
from sacroplasty.cement import recipe
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Grid
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.injection import InjectionRun, InjectionSettings, inject
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.leaks import LeakSite
from sacroplasty.planning import PlannedNeedle
from sacroplasty.provenance import digest

MEDIUM = recipe("medium viscosity")
# Not a symmetric toy: a soft streak in the left ala, so that a mirrored answer can be told apart.
STREAK = (slice(60, 90), slice(38, 44), slice(88, 100))


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


@pytest.fixture(scope="module")
def ct(sacrum: SacrumModel) -> CTVolume:
    bone = toy_ct(sacrum)
    streak = np.zeros(bone.hu.shape, dtype=bool)
    streak[STREAK] = True
    return with_hole(bone, streak & (bone.hu < 500))


@pytest.fixture(scope="module")
def both_sides(ct: CTVolume, sacrum: SacrumModel) -> InjectionRun:
    plan = toy_plan(toy_needle(Side.LEFT), toy_needle(Side.RIGHT))
    return inject(ct, sacrum, plan, MEDIUM, InjectionSettings())


def one(
    ct: CTVolume, sacrum: SacrumModel, *needles: PlannedNeedle, **settings: Any
) -> InjectionRun:
    """A short way to inject."""
    return inject(ct, sacrum, toy_plan(*needles), MEDIUM, InjectionSettings(**settings))


def test_cement_in_equals_cement_found(both_sides: InjectionRun) -> None:
    assert both_sides.injected_mm3 == pytest.approx((3000.0, 3000.0), rel=1e-6)
    assert both_sides.mass_error < 1e-6
    assert both_sides.cement.volume_mm3 == pytest.approx(6000.0, rel=1e-6)
    leaks = both_sides.leaks
    found = leaks.inside_bone_mm3 + sum(leak.volume_mm3 for leak in leaks.leaks)
    assert found == pytest.approx(6000.0, rel=1e-6)


def test_both_alae_take_three_millilitres_without_a_leak(both_sides: InjectionRun) -> None:
    assert not both_sides.leaks.leaks
    assert both_sides.leaks.left_mm3 == pytest.approx(3000.0, abs=1.0)
    assert {f.verdict for f in both_sides.findings} == {Verdict.PASS}


def test_no_voxel_holds_more_than_its_pores(both_sides: InjectionRun) -> None:
    room = both_sides.porosity.values - both_sides.cement.fraction.values
    assert room.min() >= -1e-6


def test_cement_comes_to_every_voxel_from_a_neighbour_that_had_it_before(
    both_sides: InjectionRun,
) -> None:
    arrival = both_sides.arrival_time_s.values
    earliest = np.min(
        [np.roll(arrival, step, axis) for axis in range(3) for step in (-1, 1)], axis=0
    )
    late = np.isfinite(arrival) & (arrival > 1.0)
    starts = late & (arrival > 60.0) & (arrival < 61.0)
    assert (earliest[late & ~starts] <= arrival[late & ~starts]).all()


def test_the_field_at_the_end_holds_the_filled_voxels(both_sides: InjectionRun) -> None:
    end = both_sides.cement_at(1e9).volume_mm3
    assert 0.75 * 6000 < end <= 6000.0
    assert both_sides.cement_at(30.0).volume_mm3 == pytest.approx(1500.0, rel=0.25)
    assert both_sides.cement_at(-1.0).volume_mm3 == 0.0


def test_time_and_volume_run_together(both_sides: InjectionRun) -> None:
    line = both_sides.timeline
    assert (np.diff(line.time_s) >= 0).all()
    assert (np.diff(line.volume_mm3) >= 0).all()
    np.testing.assert_allclose(line.volume_mm3, 50.0 * line.time_s, rtol=1e-6, atol=1e-6)
    drop = line.syringe_pressure_mpa - line.tip_pressure_mpa
    assert (np.diff(drop) >= 0).all()  # the cement thickens in the syringe, too
    assert drop[0] > 3 * line.tip_pressure_mpa.max()  # the cannula eats most of it


def test_the_same_input_gives_the_same_bytes(ct: CTVolume, sacrum: SacrumModel) -> None:
    first, second = (one(ct, sacrum, toy_needle(Side.LEFT, 1.0)) for _ in range(2))
    assert digest(first.cement, first.timeline) == digest(second.cement, second.timeline)


def mirrored(array: NDArray[Any]) -> NDArray[Any]:
    """The other way round in x; the toy's grid is symmetric about the midline."""
    return array[:, :, ::-1].copy()


def mirrored_labels(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Voxels swapped and names swapped."""
    swap = np.arange(256, dtype=np.uint8)
    for structure in Structure:
        if structure.name.endswith("_LEFT"):
            other = Structure[structure.name.replace("_LEFT", "_RIGHT")]
            swap[structure], swap[other] = other, structure
    return np.asarray(swap[mirrored(labels)], dtype=np.uint8)


def test_mirroring_the_patient_mirrors_the_cement(ct: CTVolume, sacrum: SacrumModel) -> None:
    grid = sacrum.labels.grid
    other = toy_sacrum(grid, mirrored_labels(sacrum.labels.values))
    assert (other.labels.values == sacrum.labels.values).all()  # the toy's bones are symmetric
    other_ct = CTVolume(mirrored(ct.hu).astype(np.int16), grid, ct.acquisition)
    tip = (ALA_TIP[0] + 0.2, ALA_TIP[1] + 0.3, ALA_TIP[2])
    run = one(ct, sacrum, toy_needle(Side.LEFT, 3.0, tip))
    back = one(other_ct, other, toy_needle(Side.RIGHT, 3.0, tip))
    np.testing.assert_allclose(
        mirrored(back.cement.fraction.values), run.cement.fraction.values, atol=1e-4
    )
    assert back.leaks.right_mm3 == pytest.approx(run.leaks.left_mm3, rel=1e-6)
    unlike = one(ct, sacrum, toy_needle(Side.RIGHT, 3.0, tip))
    assert np.abs(mirrored(unlike.cement.fraction.values) - run.cement.fraction.values).max() > 0.5


def test_two_needles_far_apart_do_not_care_who_is_first(ct: CTVolume, sacrum: SacrumModel) -> None:
    left, right = toy_needle(Side.LEFT, 2.0), toy_needle(Side.RIGHT, 2.0)
    first = one(ct, sacrum, left, right)
    second = one(ct, sacrum, right, left)
    np.testing.assert_allclose(
        first.cement.fraction.values, second.cement.fraction.values, atol=1e-4
    )


def test_set_cement_is_in_the_way_of_the_next_needle(ct: CTVolume, sacrum: SacrumModel) -> None:
    x, y, z = ALA_TIP
    near = toy_needle(Side.LEFT, 1.0, (x - 8.0, y, z))
    run = one(ct, sacrum, toy_needle(Side.LEFT, 1.0), near)
    assert run.cement.volume_mm3 == pytest.approx(2000.0, rel=1e-6)
    first = one(ct, sacrum, near, toy_needle(Side.LEFT, 1.0)).timeline
    unhindered = first.tip_pressure_mpa[first.needle == 0][-1]
    assert run.timeline.tip_pressure_mpa[-1] > unhindered


def test_a_tip_in_set_cement_delivers_nothing_and_says_so(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    run = one(ct, sacrum, toy_needle(Side.LEFT, 1.0), toy_needle(Side.LEFT, 1.0))
    assert run.injected_mm3 == pytest.approx((1000.0, 0.0))
    assert any("stopped at 0.00 mL: no space" in f.says for f in run.findings)


def test_cement_leaves_through_a_gap_in_the_anterior_cortex(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    x, _, z = ALA_TIP
    crack = np.zeros(ct.hu.shape, dtype=bool)
    k, i = round(z + 70), round(x + 60)
    crack[k - 12 : k + 13, 15:41, i - 1 : i + 2] = True
    run = one(with_hole(ct, crack), sacrum, toy_needle(Side.LEFT, 5.0, (x, -16.0, z)))
    sound = one(ct, sacrum, toy_needle(Side.LEFT, 5.0, (x, -16.0, z)))
    assert sound.leaks.leaks == ()
    assert [leak.site for leak in run.leaks.leaks] == [LeakSite.PRESACRAL]
    assert run.leaks.leaks[0].side is Side.LEFT
    assert any(
        f.check == "cement stays in bone" and f.verdict is Verdict.FAIL for f in run.findings
    )


def test_more_cement_than_the_scanned_bone_can_take_ends_and_says_so(sacrum: SacrumModel) -> None:
    grid = Grid.axis_aligned((9, 9, 9), (28.0, -4.0, 1.0), (1.0, 1.0, 1.0), FRAME)
    small = CTVolume(np.full((9, 9, 9), 60, dtype=np.int16), grid, Acquisition("x", "test"))
    run = one(small, sacrum, toy_needle(Side.LEFT, 3.0))
    assert run.injected_mm3[0] < 800.0
    assert run.mass_error < 1e-6
    texts = " ".join(f.says for f in run.findings if f.verdict is Verdict.FAIL)
    assert "no space" in texts
    assert "edge of the flow box" in texts


def test_progress_rises_to_one(ct: CTVolume, sacrum: SacrumModel) -> None:
    heard: list[float] = []
    plan = toy_plan(toy_needle(Side.LEFT, 1.0), toy_needle(Side.RIGHT, 1.0))
    inject(ct, sacrum, plan, MEDIUM, InjectionSettings(), heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert heard[0] < 0.1


def test_a_tip_outside_the_sacrum_or_the_scan_is_refused(ct: CTVolume, sacrum: SacrumModel) -> None:
    with pytest.raises(BadInput, match="soft tissue"):
        one(ct, sacrum, toy_needle(Side.LEFT, 3.0, (30.0, 30.0, 5.0)))
    with pytest.raises(BadInput, match="foramen S1 left"):
        one(ct, sacrum, toy_needle(Side.LEFT, 3.0, (15.0, 0.0, 5.0)))
    with pytest.raises(BadInput, match="no needle"):
        one(ct, sacrum)


@pytest.mark.parametrize(
    "bad",
    [{"rate_ml_per_s": -0.1}, {"grid_mm": 0.0}, {"max_syringe_pressure_mpa": 0.0},
     {"pause_between_needles_s": -1.0}, {"withdraw_mm_per_ml": -1.0}, {"longest_s": 0.0}],
)  # fmt: skip
def test_impossible_settings_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadUsage):
        InjectionSettings(**bad)


@pytest.mark.parametrize(
    "law",
    [NEWTONIAN, PoreLaw(300e-6, ageing_time_s=200.0, exponent=0.4, yield_per_consistency=0.1,
                        most_viscosity_mpa_s=0.075)],
)  # fmt: skip
def test_the_cloud_does_not_turn_with_the_grid(law: PoreLaw) -> None:
    # The same soft slab, along x and at 45° to the voxels: cement must reach as far in both.
    reach = []
    for turn in (0.0, np.pi / 4):
        k, j, i = np.indices((45, 45, 45)) - 22.0
        across = np.cos(turn) * j - np.sin(turn) * i
        along = np.cos(turn) * i + np.sin(turn) * j
        soft = 1 / (1 + np.exp((np.abs(across) - 3.0) / 0.7))
        flow = FrontFlow(medium_of(K * (1.0 + 9.0 * soft), 1.0), law, 2.4)
        course_of(flow, source_at(flow, (0.0, 0.0, 0.0)), feed_of(3000.0)).run(lambda _: None)
        cement = flow.cement_mm3
        reach.append(
            [np.sqrt((cement * axis**2).sum() / cement.sum()) for axis in (along, across, k)]
        )
    np.testing.assert_allclose(reach[0], reach[1], rtol=0.03)
    assert reach[0][0] > 1.2 * reach[0][1]


def test_the_toy_is_what_it_says() -> None:
    labels = toy_labels(toy_grid())
    assert ndimage.label(labels == Structure.FORAMEN_S1_LEFT)[1] == 1
    assert np.isin([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 21, 24], np.unique(labels)).all()
