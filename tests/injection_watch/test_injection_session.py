"""An injection in the operator's hands: the same physics, one command after the other."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from leaky_patient import MEDIUM, NEAR_FORAMEN, NEAR_FRONT, cracked, injected

from box_patient import toy_ct, toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import (
    Deed,
    InjectionSession,
    InjectionSettings,
    KeepOff,
    Pause,
    StopRule,
    Wall,
    begin_injection,
)
from sacroplasty.leaks import LeakSite
from sacroplasty.planning import PlannedNeedle
from sacroplasty.provenance import digest

STEP_S = 0.05


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


@pytest.fixture(scope="module")
def ct(sacrum: SacrumModel) -> CTVolume:
    return toy_ct(sacrum)


def session(
    ct: CTVolume, sacrum: SacrumModel, *needles: PlannedNeedle, **settings: Any
) -> InjectionSession:
    """A session with the medium cement."""
    return begin_injection(ct, sacrum, toy_plan(*needles), MEDIUM, InjectionSettings(**settings))


def pushed(held: InjectionSession, seconds: float, step_s: float = STEP_S) -> InjectionSession:
    """The plunger pressed for so long, in steps."""
    for _ in range(round(seconds / step_s)):
        held.step(step_s)
    return held


def test_fifty_milliseconds_at_a_time_give_the_batch_run(ct: CTVolume, sacrum: SacrumModel) -> None:
    needle = toy_needle(Side.LEFT, 1.5)
    batch = injected(ct, sacrum, needle)
    held = session(ct, sacrum, needle)
    held.start(0)
    pushed(held, 31.0)
    run = held.finish()
    assert run.injected_mm3 == pytest.approx(batch.injected_mm3, rel=1e-6)
    assert run.mass_error < 1e-6
    moved = np.abs(run.cement.fraction.values - batch.cement.fraction.values).sum() / 2
    assert moved / batch.cement.fraction.values.sum() < 0.005
    for column in ("tip_pressure_mpa", "syringe_pressure_mpa"):
        volume = np.linspace(300.0, 1400.0, 12)
        one, two = (
            np.interp(volume, line.volume_mm3, getattr(line, column))
            for line in (run.timeline, batch.timeline)
        )
        np.testing.assert_allclose(one, two, rtol=0.01)


def test_the_same_commands_give_the_same_bytes(ct: CTVolume, sacrum: SacrumModel) -> None:
    def rehearse() -> str:
        held = session(ct, sacrum, toy_needle(Side.LEFT, 3.0))
        held.start(0)
        for rate in (0.05, 0.02, 0.0, 0.08):
            for _ in range(10):
                held.step(STEP_S, rate)
        held.withdraw(2.0)
        pushed(held, 1.0)
        held.pause(20.0)
        run = held.finish()
        return digest(run.cement, run.timeline, run.age_s, held.events)

    assert rehearse() == rehearse()


def test_the_hand_decides_rate_rest_and_time(ct: CTVolume, sacrum: SacrumModel) -> None:
    held = session(ct, sacrum, toy_needle(Side.LEFT, 3.0))
    held.start(0)
    assert held.moment.rate_ml_per_s == 0.0
    fast = held.step(4.0, 0.1)
    assert fast.delivered_ml == pytest.approx(0.4, rel=1e-6)
    assert fast.rate_ml_per_s == pytest.approx(0.1)
    slow = held.step(4.0, 0.02)
    assert slow.delivered_ml == pytest.approx(0.48, rel=1e-6)
    assert slow.syringe_pressure_mpa < 0.7 * fast.syringe_pressure_mpa
    rest = held.step(3.0, 0.0)
    assert rest.delivered_ml == slow.delivered_ml
    assert rest.time_s == pytest.approx(11.0)
    assert (rest.rate_ml_per_s, rest.tip_pressure_mpa) == (0.0, 0.0)
    older = held.pause(60.0)
    again = held.step(0.5, 0.02)
    assert older.time_s == pytest.approx(71.0)
    assert again.syringe_pressure_mpa > 1.25 * slow.syringe_pressure_mpa
    assert held.cement.volume_mm3 == pytest.approx(490.0, rel=1e-6)


def test_pressing_less_hard_slows_the_cement_and_pressing_again_ends_a_stall(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    held = session(ct, sacrum, toy_needle(Side.LEFT, 3.0))
    held.start(0)
    free = held.step(2.0)
    held.press_at_most(0.8 * free.syringe_pressure_mpa)
    soft = held.step(2.0)
    assert soft.rate_ml_per_s < 0.8 * free.rate_ml_per_s
    assert soft.syringe_pressure_mpa == pytest.approx(0.8 * free.syringe_pressure_mpa, rel=0.01)
    held.press_at_most(0.02)
    stalled = held.step(1.0)
    assert stalled.stopped == "stalled"
    assert stalled.time_s == pytest.approx(5.0)
    held.press_at_most(3.0)
    gone = held.step(2.0)
    assert gone.stopped == ""
    assert gone.delivered_ml == pytest.approx(stalled.delivered_ml + 0.1, rel=1e-3)


def test_a_needle_that_is_drawn_back_by_hand_feeds_where_it_is(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    middle = []
    for back_mm in (0.0, 10.0):
        held = session(ct, sacrum, toy_needle(Side.LEFT, 3.0))
        held.start(0)
        held.step(2.0)
        held.withdraw(back_mm)
        pushed(held, 20.0, 1.0)
        cement = held.cement.fraction
        y = cement.grid.points_at(np.argwhere(cement.values > 0)).xyz[:, 1]
        middle.append(float(np.average(y, weights=cement.values[cement.values > 0])))
    assert middle[1] - middle[0] > 6.0  # the toy's shaft runs dorsal


@pytest.mark.parametrize("side", list(Side))
def test_the_front_tells_how_near_it_is_and_to_what(
    ct: CTVolume, sacrum: SacrumModel, side: Side
) -> None:
    held = session(ct, sacrum, toy_needle(side, 2.0, NEAR_FORAMEN))
    held.start(0)
    gaps = []
    for _ in range(8):
        held.step(0.5)
        gaps.append(held.nearest(LeakSite.FORAMEN))
    distances = [gap for gap, _ in gaps]
    assert (np.diff(distances) <= 0).all()
    assert distances[-1] < 1.5
    assert gaps[-1][1] == Wall(LeakSite.FORAMEN, side, Level.S1)
    assert held.nearest(LeakSite.DISC_L5S1)[0] > 10.0


def test_a_second_needle_finds_the_first_ones_cement_set(ct: CTVolume, sacrum: SacrumModel) -> None:
    held = session(ct, sacrum, toy_needle(Side.LEFT, 0.5), toy_needle(Side.RIGHT, 0.5))
    held.start(1)
    held.step(20.0)
    held.start(0, volume_ml=0.25)
    held.step(20.0)
    run = held.finish()
    assert run.injected_mm3 == pytest.approx((500.0, 250.0))
    assert run.leaks.right_mm3 == pytest.approx(500.0, abs=1.0)
    assert run.leaks.left_mm3 == pytest.approx(250.0, abs=1.0)


def test_leaks_so_far_are_those_of_the_record(sacrum: SacrumModel) -> None:
    held = session(cracked(sacrum), sacrum, toy_needle(Side.LEFT, 4.0, NEAR_FRONT))
    held.start(0)
    pushed(held, 30.0, 1.0)
    assert held.leaks.inside_bone_mm3 == held.leaks.total_mm3
    pushed(held, 51.0, 1.0)
    (leak,) = held.leaks.leaks
    (found,) = held.finish().leaks.leaks
    assert (leak.site, leak.side, leak.volume_mm3) == (found.site, found.side, found.volume_mm3)


def test_a_session_with_a_rule_reacts_as_the_batch_run_does(sacrum: SacrumModel) -> None:
    ct, needle = cracked(sacrum), toy_needle(Side.LEFT, 1.5, NEAR_FRONT)
    rule = StopRule(keep_off=KeepOff(anterior_mm=1.0), reaction_s=0.5, then=Pause(5.0, 1))
    batch = injected(ct, sacrum, needle, rule=rule)
    held = session(ct, sacrum, needle, stop_rule=rule)
    held.start(0)
    while not held.moment.stopped:
        held.step(STEP_S)
    assert held.moment.stopped == "stop rule"
    assert [e.deed for e in held.events] == [e.deed for e in batch.stop_events]
    assert held.events[0].deed is Deed.PAUSED
    times = [[e.time_s for e in events] for events in (held.events, batch.stop_events)]
    assert times[0] == pytest.approx(times[1], abs=rule.look_every_s + 1e-6)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (lambda s: s.step(-0.05), "-0.05 s is outside 0–7200"),
        (lambda s: s.step(float("nan")), "nan s is outside"),
        (lambda s: s.step(0.05, -0.1), "-0.1 mL/s is outside 0.001–1"),
        (lambda s: s.step(0.05, float("nan")), "nan mL/s is outside"),
        (lambda s: s.pause(0.0), "0.0 s is outside"),
        (lambda s: s.press_at_most(-1.0), "-1.0 MPa is outside 0–50"),
        (lambda s: s.withdraw(25.0), "25.0 mm is outside 0–20.0 mm"),
        (lambda s: s.withdraw(-1.0), "-1.0 mm is outside"),
        (lambda s: s.start(3), "no needle 3; the plan has 1"),
        (lambda s: s.start(0), "cannot be opened"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(
    ct: CTVolume, sacrum: SacrumModel, command: Callable[[InjectionSession], Any], says: str
) -> None:
    held = session(ct, sacrum, toy_needle(Side.LEFT, 3.0))
    held.start(0)
    with pytest.raises(BadInput, match=says):
        command(held)


def test_commands_out_of_order_are_refused(ct: CTVolume, sacrum: SacrumModel) -> None:
    held = session(ct, sacrum, toy_needle(Side.LEFT, 3.0))
    with pytest.raises(BadUsage, match="No needle is open"):
        held.step(0.05)
    with pytest.raises(BadUsage, match="nothing to write down"):
        held.finish()
    held.start(0)
    held.step(0.05)
    held.finish()
    with pytest.raises(BadUsage, match="No needle is open"):
        held.step(0.05)
    with pytest.raises(BadUsage, match="is written"):
        held.finish()


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_needle_without_a_volume_is_refused(
    ct: CTVolume, sacrum: SacrumModel, bad: float
) -> None:
    with pytest.raises(BadInput, match="plan more than 0 mL"):
        session(ct, sacrum, toy_needle(Side.LEFT, bad))
    held = session(ct, sacrum, toy_needle(Side.LEFT, 1.0))
    with pytest.raises(BadInput, match="plan more than 0 mL"):
        held.start(0, volume_ml=bad)


def test_more_cement_than_there_is_sacrum_is_refused(ct: CTVolume, sacrum: SacrumModel) -> None:
    with pytest.raises(BadInput, match=r"holds 400\.0 mL of cement and the whole sacrum 275\.6"):
        session(ct, sacrum, toy_needle(Side.LEFT, 400.0))
