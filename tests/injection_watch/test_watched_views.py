"""The operator watches the C-arm's own pictures: a view that shows the leak stops him, a blind one does not."""

import pytest
from leaky_patient import MEDIUM, NEAR_FRONT, cracked

from box_patient import toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.compose import InjectionRequest, StopRequest
from sacroplasty.compose.injection_requests import injection_settings
from sacroplasty.errors import BadUsage
from sacroplasty.geometry import Points
from sacroplasty.injection import (
    InjectionRun,
    InjectionSettings,
    KeepOff,
    StopCause,
    StopRule,
    inject,
)
from sacroplasty.pathway import WatchedViews, watching
from sacroplasty.planning import Planned
from sacroplasty.provenance import digest


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


def asked_for(*views: str, usual: bool = False) -> InjectionSettings:
    """As a door asks for it."""
    stop = StopRequest(usual=usual, reaction_s=0.0, visible_in=views)
    return injection_settings(InjectionRequest(MEDIUM.name, stop=stop), MEDIUM)


def injected(sacrum: SacrumModel, side: Side, *views: str) -> InjectionRun:
    """3 mL behind a cleft in the anterior cortex of one ala: cement comes out in front of it."""
    planned = Planned(cracked(sacrum, side), sacrum, toy_plan(toy_needle(side, 3.0, NEAR_FRONT)))
    settings = watching(asked_for(*views), planned, MEDIUM)
    return inject(planned.ct, sacrum, planned.plan, MEDIUM, settings)


@pytest.mark.parametrize("side", list(Side))
def test_a_presacral_leak_stops_him_in_the_lateral(sacrum: SacrumModel, side: Side) -> None:
    run = injected(sacrum, side, "ap", "lateral")
    (event,) = run.stop_events
    assert event.cause is StopCause.SEEN_LEAK
    assert event.views == ("lateral",)
    assert 0.0 < event.value < 0.1
    assert run.injected_mm3[0] < 2900.0
    assert "were seen in lateral" in event.says("A")


def test_in_ap_the_same_leak_lies_on_the_ala_and_does_not_stop_him(sacrum: SacrumModel) -> None:
    blind = injected(sacrum, Side.LEFT, "ap")
    assert blind.stop_events == ()
    assert blind.injected_mm3[0] == pytest.approx(3000.0)
    assert blind.leaks.leaks, "it leaks all the same"


def test_views_join_what_is_watched_besides_and_are_named_in_the_settings() -> None:
    rule = asked_for("lateral", "inlet", usual=True).stop_rule
    assert rule is not None
    assert rule.sight == WatchedViews(("lateral", "inlet"))
    assert rule.keep_off.foramina_mm is not None
    alone = asked_for("ap").stop_rule
    assert alone is not None
    assert alone.keep_off == KeepOff()
    assert digest(asked_for("ap")) != digest(asked_for("lateral"))


def test_other_rules_are_left_as_they_are(sacrum: SacrumModel) -> None:
    planned = Planned(cracked(sacrum), sacrum, toy_plan(toy_needle(Side.LEFT)))
    for rule in (None, StopRule(most_ml=2.0)):
        settings = InjectionSettings(stop_rule=rule)
        assert watching(settings, planned, MEDIUM) is settings


def test_what_cannot_be_watched_is_refused(sacrum: SacrumModel) -> None:
    with pytest.raises(BadUsage, match="'judet'; known are ap, lateral"):
        asked_for("ap", "judet")
    with pytest.raises(BadUsage, match="no view"):
        WatchedViews(())
    nowhere = Points.at([[0.0, 0.0, 0.0]], sacrum.frame)
    with pytest.raises(BadUsage, match="through `watching`"):
        WatchedViews(("ap",)).first_seen(nowhere, nowhere.xyz[:, 0])
