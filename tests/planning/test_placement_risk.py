"""Chances of a needle that is set by hand, against closed forms and a printed table."""

import math
from dataclasses import replace

import numpy as np
import pytest
from toy_sacrum import JOINT_X, SCANNER, Toy, build_toy

from sacroplasty.anatomy import SacrumModel
from sacroplasty.geometry import Points
from sacroplasty.planning import (
    ApproachChoice,
    Chance,
    ClearanceFields,
    NeedleGauge,
    OwnNeedle,
    PlacementError,
    PlacementRisk,
    PlanningSettings,
    build_clearance_fields,
    describe_needle,
)
from sacroplasty.planning.pareto import pareto_front

RADIUS = NeedleGauge.of(11).outer_diameter_mm / 2
STEADY = PlacementError(0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return build_toy(Toy(spacing_mm=1.0))


@pytest.fixture(scope="module")
def fields(sacrum: SacrumModel) -> ClearanceFields:
    return build_clearance_fields(sacrum)


def risk_of(
    fields: ClearanceFields, sacrum: SacrumModel, x: float, error: PlacementError
) -> PlacementRisk:
    """Of a needle straight down beside the joint, whose wall is a plane far longer than the error."""
    own = OwnNeedle(
        Points.at((x, 17.0, -36.0), SCANNER),
        Points.at((x, -15.0, -36.0), SCANNER),
        ApproachChoice.SHORT_AXIS,
    )
    settings = PlanningSettings(placement=error, draws=4000, seed=3)
    return describe_needle(fields, sacrum, own, settings, "beside the joint").risk


@pytest.mark.parametrize(("x", "touches"), [(42.0, 0.0), (JOINT_X - 1.0, 1.0)])
def test_a_hand_without_error_touches_what_the_plan_touches_and_nothing_else(
    sacrum: SacrumModel, fields: ClearanceFields, x: float, touches: float
) -> None:
    risk = risk_of(fields, sacrum, x, STEADY)
    assert risk.breach["si_joint"].share == touches
    assert {chance.share for chance in risk.breach.values()} <= {0.0, 1.0}


@pytest.mark.parametrize("x", [43.5, 45.0, 46.0])
def test_entry_error_before_a_wall_has_the_normal_tail(
    sacrum: SacrumModel, fields: ClearanceFields, x: float
) -> None:
    """Shifted across by N(0, σ), a needle at distance d of a parallel wall touches with Φ(−d/σ)."""
    sd = 2.0
    gap = JOINT_X - x - RADIUS
    expected = 0.5 * math.erfc(gap / sd / math.sqrt(2.0))
    found = risk_of(fields, sacrum, x, PlacementError(sd, 0.0, 0.0))
    error = math.sqrt(expected * (1 - expected) / found.draws)
    # The wall of a 1 mm label map is known to 0.05 mm, which moves the tail by its density there.
    wall = 0.05 * math.exp(-0.5 * (gap / sd) ** 2) / (sd * math.sqrt(2.0 * math.pi))
    assert abs(found.breach["si_joint"].share - expected) < 3.0 * error + wall


def test_more_error_never_makes_a_clear_needle_safer(
    sacrum: SacrumModel, fields: ClearanceFields
) -> None:
    shares = [
        risk_of(fields, sacrum, 43.5, replace(STEADY, angle_sd_deg=sd)).any_breach.share
        for sd in (0.0, 2.0, 6.0)
    ]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]


@pytest.mark.parametrize(
    ("hits", "draws", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_the_interval_is_that_of_newcombes_table(
    hits: int, draws: int, low: float, high: float
) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (score)."""
    chance = Chance.of(hits, draws)
    assert (chance.low, chance.high) == pytest.approx((low, high), abs=5e-5)


def test_the_front_is_that_of_brute_force() -> None:
    # Few values, so that equal rows and ties within a column occur.
    rows = np.random.default_rng(5).integers(0, 5, (300, 4)).astype(float)
    dominated = [
        any((other <= row).all() and (other < row).any() for other in rows) for row in rows
    ]
    assert pareto_front(rows).tolist() == [n for n, lost in enumerate(dominated) if not lost]
