"""A stop rule is a value; what cannot be meant is refused with the value and the limit."""

from typing import Any

import pytest
from leaky_patient import SeenFrom

from sacroplasty.errors import BadUsage
from sacroplasty.injection import InjectionSettings, KeepOff, Pause, Stop, StopRule, usual_stop_rule
from sacroplasty.leaks import LeakSite
from sacroplasty.provenance import digest

NAN = float("nan")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"most_ml": -1.0}, "-1.0 mL is outside 0.01–50"),
        ({"most_ml": NAN}, "nan mL is outside"),
        ({"most_syringe_pressure_mpa": 0.0}, "0.0 MPa is outside 0.01–50"),
        ({"most_ml": 3.0, "reaction_s": -0.5}, "-0.5 s is outside 0–60"),
        ({"most_ml": 3.0, "look_every_s": 0.0}, "0.0 s is outside 0.05–10"),
        ({"most_ml": 3.0, "look_every_s": NAN}, "nan s is outside"),
        ({}, "stops nothing"),
    ],
)
def test_an_absurd_rule_is_refused(bad: dict[str, Any], says: str) -> None:
    with pytest.raises(BadUsage, match=says):
        StopRule(**bad)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"foramina_mm": -2.0}, "-2.0 mm to the foramina is outside 0–50"),
        ({"si_joint_mm": NAN}, "nan mm to the si joint"),
        ({"anterior_mm": 51.0}, "51.0 mm to the anterior"),
    ],
)
def test_an_absurd_distance_is_refused(bad: dict[str, float], says: str) -> None:
    with pytest.raises(BadUsage, match=says):
        KeepOff(**bad)


@pytest.mark.parametrize("bad", [{"seconds": 0.0}, {"seconds": NAN}, {"at_most": 0}])
def test_an_absurd_pause_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadUsage):
        Pause(**bad)


def test_the_usual_rule_watches_every_wall_that_cement_must_not_reach() -> None:
    rule = usual_stop_rule()
    watched = dict(rule.keep_off.watched())
    assert set(watched) == {
        LeakSite.FORAMEN, LeakSite.CANAL, LeakSite.PRESACRAL, LeakSite.SI_JOINT, LeakSite.DISC_L5S1,
    }  # fmt: skip
    assert watched[LeakSite.FORAMEN] == watched[LeakSite.CANAL] >= watched[LeakSite.PRESACRAL]
    assert rule.then == Stop()


def test_a_rule_is_a_value_with_a_fingerprint() -> None:
    sight = SeenFrom(20.0)
    one, same = (InjectionSettings(stop_rule=usual_stop_rule(sight=sight)) for _ in range(2))
    other = InjectionSettings(stop_rule=usual_stop_rule(sight=SeenFrom(30.0)))
    assert one == same
    assert digest(one) == digest(same)
    assert digest(one) != digest(other)
    assert digest(one) != digest(InjectionSettings())
