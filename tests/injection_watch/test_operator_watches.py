"""The operator looks, sees, reacts late, and stops or waits."""

import numpy as np
import pytest
from leaky_patient import MEDIUM, NEAR_FORAMEN, NEAR_FRONT, SeenFrom, cracked, injected

from box_patient import FORAMEN_X, FORAMEN_Z, toy_ct, toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.cement import CementRecipe
from sacroplasty.findings import Verdict
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import (
    Deed,
    InjectionRun,
    InjectionSettings,
    KeepOff,
    Pause,
    StopCause,
    StopRule,
    Wall,
    inject,
)
from sacroplasty.leaks import LeakSite
from sacroplasty.provenance import digest


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


@pytest.fixture(scope="module")
def ct(sacrum: SacrumModel) -> CTVolume:
    return toy_ct(sacrum)


@pytest.fixture(scope="module")
def crack(sacrum: SacrumModel) -> CTVolume:
    return cracked(sacrum)


def outside_mm3(run: InjectionRun, sacrum: SacrumModel) -> float:
    """Cement in voxels that are not sacrum, rim and all."""
    fraction = run.cement.fraction
    out = fraction.values[sacrum.labels.on(fraction.grid, order=0).values != Structure.SACRUM]
    return float(out.sum()) * fraction.grid.voxel_mm3


@pytest.mark.parametrize(("reaction_s", "look_s"), [(0.0, 0.5), (1.0, 0.5), (2.5, 1.0)])
def test_a_volume_cap_overshoots_by_the_look_and_the_reaction(
    ct: CTVolume, sacrum: SacrumModel, reaction_s: float, look_s: float
) -> None:
    rule = StopRule(most_ml=1.01, reaction_s=reaction_s, look_every_s=look_s)
    run = injected(ct, sacrum, toy_needle(Side.LEFT), rule=rule)
    (event,) = run.stop_events
    assert event.cause is StopCause.VOLUME
    assert event.deed is Deed.STOPPED
    # 1.01 mL is reached at 20.2 s; he sees it at his next look, and his hand follows.
    seen_s = look_s * np.ceil(20.2 / look_s)
    assert event.time_s == pytest.approx(seen_s)
    assert event.more_ml == pytest.approx(0.05 * reaction_s, abs=1e-6)
    assert run.injected_mm3[0] == pytest.approx(50.0 * (seen_s + reaction_s), rel=1e-6)
    assert run.mass_error < 1e-6
    says = [f.says for f in run.findings if f.verdict is Verdict.FAIL]
    assert any("1.01 mL is the cap; the operator stopped" in text for text in says)
    assert any("stop rule" in text for text in says)


def test_a_cap_that_is_the_plan_is_not_met(ct: CTVolume, sacrum: SacrumModel) -> None:
    run = injected(ct, sacrum, toy_needle(Side.LEFT, 1.0), rule=StopRule(most_ml=1.0))
    assert run.stop_events == ()
    assert run.injected_mm3[0] == pytest.approx(1000.0)
    assert any(f.check == "stop rule" and f.verdict is Verdict.PASS for f in run.findings)


@pytest.mark.parametrize("side", list(Side))
def test_he_stops_before_the_wall_of_the_foramen_on_its_side(
    ct: CTVolume, sacrum: SacrumModel, side: Side
) -> None:
    rule = StopRule(keep_off=KeepOff(foramina_mm=1.0), reaction_s=0.0)
    run = injected(ct, sacrum, toy_needle(side, 3.0, NEAR_FORAMEN), rule=rule)
    event = run.stop_events[0]
    assert event.wall == Wall(LeakSite.FORAMEN, side, Level.S1)
    assert event.value <= 1.0
    assert run.injected_mm3[0] < 500.0
    # The second route: the full voxel that is nearest to the foramen's axis, in mm.
    full = run.cement_at(1e9).fraction
    x, y, z = full.grid.points_at(np.argwhere(full.values > 0)).xyz.T
    reach = np.hypot(x - side.sign * FORAMEN_X, z - FORAMEN_Z[Level.S1])[np.abs(y) <= 20].min()
    assert reach - 4.0 == pytest.approx(event.value + 1.0, abs=1.0)
    assert any(f"{side.value} foramen S1" in f.says for f in run.findings)


def test_a_slow_hand_puts_more_in_after_the_same_sight(ct: CTVolume, sacrum: SacrumModel) -> None:
    quick, slow = (
        injected(ct, sacrum, toy_needle(Side.LEFT, 3.0, NEAR_FORAMEN),
                 rule=StopRule(keep_off=KeepOff(foramina_mm=1.0), reaction_s=s))
        for s in (0.0, 3.0)
    )  # fmt: skip
    assert slow.stop_events[0].time_s == quick.stop_events[0].time_s
    assert slow.injected_mm3[0] == pytest.approx(quick.injected_mm3[0] + 150.0, rel=1e-6)


def test_he_stops_when_the_syringe_takes_too_much(ct: CTVolume, sacrum: SacrumModel) -> None:
    rule = StopRule(most_syringe_pressure_mpa=0.28)
    run = injected(ct, sacrum, toy_needle(Side.LEFT), rule=rule)
    (event,) = run.stop_events
    line = run.timeline
    assert event.cause is StopCause.SYRINGE_PRESSURE
    before = line.time_s < event.time_s - rule.look_every_s
    assert line.syringe_pressure_mpa[before].max() <= 0.28
    assert line.syringe_pressure_mpa[-1] > 0.28
    assert run.injected_mm3[0] < 2900.0


def test_a_leak_that_a_view_shows_stops_him_and_one_that_it_hides_does_not(
    crack: CTVolume, sacrum: SacrumModel
) -> None:
    needle = toy_needle(Side.LEFT, 3.0, NEAR_FRONT)
    run = injected(crack, sacrum, needle, rule=StopRule(sight=SeenFrom(8.0), reaction_s=0.0))
    (event,) = run.stop_events
    assert event.cause is StopCause.SEEN_LEAK
    assert event.views == ("lateral",)
    assert event.limit is None
    assert 0.008 < event.value < 0.010
    assert "outside the bone were seen in lateral" in event.says("A")
    assert outside_mm3(run, sacrum) < 20.0
    blind = injected(crack, sacrum, needle, rule=StopRule(sight=SeenFrom(1e9)))
    assert blind.stop_events == ()
    assert outside_mm3(blind, sacrum) > 25.0


def test_he_pauses_so_often_and_then_stops_and_the_cement_is_thicker_each_time(
    crack: CTVolume, sacrum: SacrumModel
) -> None:
    rule = StopRule(keep_off=KeepOff(anterior_mm=1.0), reaction_s=0.0, then=Pause(60.0, 2))
    run = injected(crack, sacrum, toy_needle(Side.LEFT, 3.0, NEAR_FRONT), rule=rule)
    assert [e.deed for e in run.stop_events] == [Deed.PAUSED, Deed.PAUSED, Deed.STOPPED]
    times = np.array([e.time_s for e in run.stop_events])
    assert (np.diff(times) > 60.0).all()
    line = run.timeline
    gaps = np.diff(line.time_s)
    assert np.sort(gaps)[-2:] == pytest.approx([60.0, 60.0], abs=rule.look_every_s)
    first = int(np.argmax(gaps))
    ratio = line.syringe_pressure_mpa[first + 1] / line.syringe_pressure_mpa[first]
    assert ratio > 1.25  # e-fold in 200 s of the syringe's age, twice as fast in the body


def test_a_pause_makes_the_leak_smaller(crack: CTVolume, sacrum: SacrumModel) -> None:
    needle = toy_needle(Side.LEFT, 3.0, NEAR_FRONT)
    leaked = [outside_mm3(injected(crack, sacrum, needle), sacrum)]
    for seconds in (60.0, 120.0, 240.0):
        rule = StopRule(sight=SeenFrom(8.0), reaction_s=0.0, then=Pause(seconds, 3))
        run = injected(crack, sacrum, needle, rule=rule)
        assert {e.deed for e in run.stop_events} == {Deed.PAUSED}
        assert run.injected_mm3[0] == pytest.approx(3000.0)
        leaked.append(outside_mm3(run, sacrum))
    print("mm³ outside, no pause and pauses of 60, 120 and 240 s:", np.round(leaked, 1))
    # The same 3 mL: the older the cement at the gap, the less of it goes through.
    assert leaked[0] > 1.4 * leaked[1]
    assert leaked[1] > 1.1 * leaked[2] > 1.2 * leaked[3]


def test_what_he_has_accepted_does_not_alarm_twice(ct: CTVolume, sacrum: SacrumModel) -> None:
    # At 4 mm from the foramen he pauses; then only cement that comes nearer than that alarms.
    rule = StopRule(keep_off=KeepOff(foramina_mm=4.0), reaction_s=0.0, then=Pause(10.0, 20))
    run = injected(ct, sacrum, toy_needle(Side.LEFT, 1.0, (27.0, 0.0, 5.0)), rule=rule)
    gaps = [e.value for e in run.stop_events if e.wall and e.wall.level is Level.S1]
    assert len(gaps) > 1
    assert (np.diff(gaps) < 0).all()


def test_what_is_seen_when_the_needle_has_ended_is_told_as_too_late(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    rule = StopRule(most_ml=0.5, reaction_s=60.0)
    run = injected(ct, sacrum, toy_needle(Side.LEFT, 1.0), rule=rule)
    (event,) = run.stop_events
    assert event.deed is Deed.TOO_LATE
    assert event.more_ml == pytest.approx(1.0 - event.value)
    assert run.injected_mm3[0] == pytest.approx(1000.0)


def test_watching_without_meeting_a_limit_leaves_the_injection_as_it_was(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    plain = injected(ct, sacrum, toy_needle(Side.LEFT, 2.0))
    rule = StopRule(most_ml=40.0, keep_off=KeepOff(canal_mm=0.0), sight=SeenFrom(1.0))
    watched = injected(ct, sacrum, toy_needle(Side.LEFT, 2.0), rule=rule)
    assert watched.stop_events == ()
    difference = np.abs(watched.cement.fraction.values - plain.cement.fraction.values)
    assert difference.sum() / plain.cement.fraction.values.sum() < 0.01


def test_every_needle_is_watched_anew(ct: CTVolume, sacrum: SacrumModel) -> None:
    rule = StopRule(most_ml=0.5, reaction_s=0.0)
    run = injected(ct, sacrum, toy_needle(Side.LEFT, 1.0), toy_needle(Side.RIGHT, 1.0), rule=rule)
    assert [e.needle for e in run.stop_events] == [0, 1]
    assert run.injected_mm3[0] == pytest.approx(run.injected_mm3[1], rel=1e-6)
    assert run.stop_events[1].time_s > run.stop_events[0].time_s


def test_the_same_rule_gives_the_same_bytes(crack: CTVolume, sacrum: SacrumModel) -> None:
    rule = StopRule(keep_off=KeepOff(anterior_mm=1.0), sight=SeenFrom(5.0), then=Pause(30.0, 1))
    one, two = (
        injected(crack, sacrum, toy_needle(Side.LEFT, 1.0, NEAR_FRONT), rule=rule) for _ in range(2)
    )
    assert digest(one.cement, one.timeline, one.leaks, one.stop_events) == digest(
        two.cement, two.timeline, two.leaks, two.stop_events
    )


def test_a_run_that_nothing_stops_ends_at_its_time(ct: CTVolume, sacrum: SacrumModel) -> None:
    # Oil never sets, never stalls at this pressure and never leaks; 40 mL would take 800 s.
    oil = CementRecipe.of_constant_viscosity("oil", 10.0, 0.3, 1.5)
    rule = StopRule(most_ml=45.0, keep_off=KeepOff(disc_mm=0.0))
    settings = InjectionSettings(rate_ml_per_s=0.001, longest_s=60.0, stop_rule=rule)
    run = inject(ct, sacrum, toy_plan(toy_needle(Side.LEFT, 40.0)), oil, settings)
    assert run.timeline.time_s[-1] == pytest.approx(60.0, abs=rule.look_every_s)
    assert any("time limit" in f.says for f in run.findings)


def test_waiting_does_not_outlast_the_longest_injection(
    crack: CTVolume, sacrum: SacrumModel
) -> None:
    rule = StopRule(keep_off=KeepOff(anterior_mm=3.0), then=Pause(3600.0, 100))
    run = injected(crack, sacrum, toy_needle(Side.LEFT, 3.0, NEAR_FRONT), rule=rule, longest_s=90.0)
    assert run.timeline.time_s[-1] <= 90.0 + 1e-6
    assert run.stop_events[0].deed is Deed.PAUSED
    assert any("time limit" in f.says for f in run.findings)
    assert MEDIUM.usual_wait_s + 90.0 < MEDIUM.handling.setting_s
