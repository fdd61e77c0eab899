"""A needle that the operator draws is measured like a planned one, and refused in one sentence."""

import math
from dataclasses import replace
from functools import lru_cache

import pytest
from toy_sacrum import SCANNER, Toy, build_toy, toy_ct

from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Points
from sacroplasty.planning import (
    ApproachChoice,
    OwnNeedle,
    PlanningSettings,
    TrajectoryPlan,
    plan_own_needles,
    plan_trajectories,
)

SETTINGS = PlanningSettings(
    approach=ApproachChoice.SHORT_AXIS, sides=(Side.LEFT,), draws=200, max_needle_length_mm=100.0
)
TARGET = (38.0, -12.0, -16.0)


@lru_cache(maxsize=1)
def sacrum() -> SacrumModel:
    return build_toy(Toy(spacing_mm=2.0))


def drawn(entry: tuple[float, ...], target: tuple[float, ...] = TARGET) -> TrajectoryPlan:
    own = OwnNeedle(Points.at(entry, SCANNER), Points.at(target, SCANNER))
    return plan_own_needles(toy_ct(sacrum()), sacrum(), (own,), SETTINGS)


def test_a_planned_needle_drawn_again_has_the_same_clearances_and_risk() -> None:
    plan = plan_trajectories(toy_ct(sacrum()), sacrum(), SETTINGS)
    planned = plan.needles[0]
    own = OwnNeedle(planned.needle.entry, planned.needle.tip)
    again = plan_own_needles(toy_ct(sacrum()), sacrum(), (own,), SETTINGS).needles[0]
    assert again.clearance_mm == planned.clearance_mm
    assert again.risk == planned.risk
    assert again.guidance.en_face == planned.guidance.en_face
    assert again.side is Side.LEFT


@pytest.mark.parametrize(
    ("entry", "target", "said"),
    [
        ((38.0, 61.0, -16.0), (38.0, 40.0, -16.0), ("The target (38, 40, -16) mm", "soft tissue")),
        ((38.0, 61.0, -16.0), (53.0, 0.0, -16.0), ("The target (53, 0, -16) mm", "ilium left")),
        ((38.0, 50.0, -16.0), TARGET, ("12 mm inside the body", "limit 5 mm")),
        ((0.0, 61.0, -72.0), (40.0, -15.0, -12.0), ("105 mm long", "limit of 100 mm")),
    ],
    ids=["target in muscle", "target in ilium", "entry in the body", "too long"],
)
def test_what_is_no_needle_is_refused_with_value_and_limit(
    entry: tuple[float, ...], target: tuple[float, ...], said: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as refused:
        drawn(entry, target)
    for words in said:
        assert words in str(refused.value)
    assert "\n" not in str(refused.value)


SKIN = (38.0, 61.0, -16.0)


def test_a_needle_on_the_side_that_was_not_asked_for_is_refused_with_both_sides_named() -> None:
    mirrored = (-TARGET[0], *TARGET[1:])
    with pytest.raises(BadInput, match=r"patient's right.*only the left was asked") as refused:
        drawn((-SKIN[0], *SKIN[1:]), mirrored)
    assert refused.value.exit_code == 2


def test_what_only_a_search_can_do_is_not_silently_ignored() -> None:
    own = (OwnNeedle(Points.at(SKIN, SCANNER), Points.at(TARGET, SCANNER)),)
    for asked in (replace(SETTINGS, body_needle=True), replace(SETTINGS, needles_per_side=2)):
        with pytest.raises(BadUsage, match="belong to a search"):
            plan_own_needles(toy_ct(sacrum()), sacrum(), own, asked)


def test_two_needles_in_one_place_are_in_each_others_way() -> None:
    own = OwnNeedle(Points.at(SKIN, SCANNER), Points.at(TARGET, SCANNER))
    plan = plan_own_needles(toy_ct(sacrum()), sacrum(), (own, own), SETTINGS)
    assert len({needle.name for needle in plan.needles}) == 2
    (apart,) = [finding for finding in plan.findings if finding.check.endswith("apart")]
    assert apart.verdict is Verdict.FAIL
    assert apart.measured == "-3.0 mm between their surfaces"


@pytest.mark.parametrize("side", list(Side))
def test_the_room_is_told_offset_and_angles_with_the_signs_that_it_reads(side: Side) -> None:
    """34 mm beside the midline; the tip 4 mm farther out, 14 mm towards the head, 73 mm deeper."""
    entry = Points.at((side.sign * 34.0, 61.0, -30.0), SCANNER)
    target = Points.at((side.sign * 38.0, -12.0, -16.0), SCANNER)
    asked = replace(SETTINGS, sides=(side,))
    plan = plan_own_needles(toy_ct(sacrum()), sacrum(), (OwnNeedle(entry, target),), asked)
    guidance = plan.needles[0].guidance
    assert guidance.table_position_mm == pytest.approx(-30.0)
    assert guidance.lateral_offset_mm == pytest.approx(34.0)
    assert guidance.axial_angle_deg == pytest.approx(math.degrees(math.atan2(4.0, 73.0)))
    rise = math.degrees(math.asin(14.0 / math.hypot(4.0, 73.0, 14.0)))
    assert guidance.sagittal_angle_deg == pytest.approx(rise)
