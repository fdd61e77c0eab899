"""Where the needles of a plan stand at an instant: as the injection's own room has them."""

from dataclasses import replace

import numpy as np
import pytest

from needle_particulars import GUIDANCE, RISK
from sacroplasty.anatomy import Level, Side
from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import standing_needles
from sacroplasty.geometry import Points, Volume
from sacroplasty.injection import InjectionRun, Timeline
from sacroplasty.leaks import LeakReport
from sacroplasty.planning import Margins, Needle, NeedleGauge, PlannedNeedle, TrajectoryPlan
from xray_room import FRAME, cement_ball, centred_grid

BACK = 6.0  # mm per mL


def planned(side: Side, depth_mm: float = 40.0) -> PlannedNeedle:
    """60 mm from skin to tip; cortex at `depth_mm`."""
    entry, tip = np.array([20.0 * side.sign, 60.0, 0.0]), np.array([20.0 * side.sign, 0.0, 0.0])
    return PlannedNeedle(
        f"{side} S1", side, "short-axis", Level.S1,
        Needle(Points(entry, FRAME), Points(tip, FRAME), NeedleGauge.of(11)),
        2.0, {}, depth_mm, RISK, GUIDANCE, "A toy.",
    )  # fmt: skip


PLAN = TrajectoryPlan((planned(Side.LEFT), planned(Side.RIGHT)), Margins(), (), (), seed=1)


def run() -> InjectionRun:
    """2 mL on the left in 20 s, a rest of 10 s, then 1 mL on the right in 20 s."""
    time = np.array([0.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    volume = np.array([0.0, 1000.0, 2000.0, 2000.0, 2500.0, 3000.0])
    needle = np.array([0, 0, 0, 1, 1, 1])
    grid = centred_grid((4, 4, 4), (1.0, 1.0, 1.0))
    nothing, ones = Volume(np.zeros(grid.shape, np.float32), grid), np.ones(6)
    return InjectionRun(
        nothing, nothing, nothing, cement_ball(3.0),
        Timeline(time, needle, volume, ones, ones, ones),
        LeakReport((), 3000.0, 3000.0, 2000.0, 1000.0, {1: 3.0}), (2000.0, 1000.0), 0.0, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("time_s", "left_ml", "right_ml"),
    [(0.0, 0, 0), (5.0, 0.5, 0), (20.0, 2, 0), (29.0, 2, 0), (40.0, 2, 0.5), (99.0, 2, 1), (None, 2, 1)],
)  # fmt: skip
def test_each_tip_is_where_the_injection_has_it(
    time_s: float | None, left_ml: float, right_ml: float
) -> None:
    standing = standing_needles(PLAN, run(), BACK, time_s)
    for needle, plan, ml in zip(standing, PLAN.needles, (left_ml, right_ml), strict=True):
        beside = needle.tip.single - plan.needle.tip.single
        np.testing.assert_allclose(beside[[0, 2]], 0.0, atol=1e-9)
        assert needle.tip.single[1] == pytest.approx(BACK * ml), "backwards, out of the patient"


def test_it_is_the_needle_off_the_shelf_and_comes_back_as_a_whole() -> None:
    for time_s in (0.0, 15.0, None):
        for needle in standing_needles(PLAN, run(), BACK, time_s):
            assert needle.length_mm == pytest.approx(GUIDANCE.needle_length_mm)
    shelf = replace(GUIDANCE, needle_length_mm=None)
    own = replace(PLAN, needles=(replace(PLAN.needles[0], guidance=shelf),))
    assert standing_needles(own)[0].length_mm == pytest.approx(60.0)


def test_before_any_injection_and_without_drawing_back_the_tips_are_the_plans() -> None:
    for standing in (standing_needles(PLAN), standing_needles(PLAN, run()),
                     standing_needles(PLAN, run(), BACK, 0.0)):  # fmt: skip
        for needle, plan in zip(standing, PLAN.needles, strict=True):
            np.testing.assert_array_equal(needle.tip.single, plan.needle.tip.single)
            np.testing.assert_allclose(needle.direction, plan.needle.direction, atol=1e-12)


def test_no_needle_comes_out_of_the_bone_and_none_is_pushed() -> None:
    shallow = replace(PLAN, needles=(planned(Side.LEFT, 55.0), planned(Side.RIGHT, 60.0)))
    left, right = standing_needles(shallow, run(), 20.0)
    assert left.tip.single[1] == pytest.approx(5.0)
    assert right.tip.single[1] == pytest.approx(0.0)
    for bad in (-1.0, float("nan")):
        with pytest.raises(BadInput, match="push"):
            standing_needles(PLAN, run(), bad)
