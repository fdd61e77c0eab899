"""What holds for the needles of every approach, and what makes each of them that approach."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from toy_sacrum import CANAL_RADIUS, CANAL_Y, FORAMEN_Z, Toy, build_toy, to_sacrum, toy_ct

from sacroplasty.anatomy import (
    Fracture,
    FractureSource,
    Level,
    SacralFracturePattern,
    SacrumModel,
    Side,
    Structure,
    limb_at,
)
from sacroplasty.fluoroscopy import carm_view
from sacroplasty.geometry import Points, Volume
from sacroplasty.planning import (
    ApproachChoice,
    ApproachOutcome,
    Needle,
    PlannedNeedle,
    PlanningSettings,
    plan_trajectories,
    survey_approaches,
)

# Scanned far enough down that a needle along the ala finds its skin.
TOY = Toy(spacing_mm=2.0, left_foramen_shift=2.0, foramen_radius=4.0, scan_from_z=-130.0)
SETTINGS = PlanningSettings(draws=200)
APPROACHES = ("short-axis", "long-axis", "transiliac", "s1-body")
FLIP = np.array([-1.0, 1.0, 1.0])


@lru_cache(maxsize=4)
def model(toy: Toy) -> SacrumModel:
    return build_toy(toy)


@lru_cache(maxsize=4)
def surveyed(toy: Toy) -> tuple[ApproachOutcome, ...]:
    return survey_approaches(model(toy), SETTINGS)


def outcome(toy: Toy, approach: str, side: Side) -> ApproachOutcome:
    return next(o for o in surveyed(toy) if (o.approach, o.side) == (approach, side))


def first(approach: str, side: Side = Side.LEFT) -> PlannedNeedle:
    return outcome(TOY, approach, side).options[0]


def axis_labels(needle: Needle) -> NDArray[np.float64]:
    """Labels from entry to tip."""
    points = needle.along(0.5)
    return model(TOY).labels.at(points, order=0, outside=float(Structure.SOFT_TISSUE))


@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize("side", Side)
def test_every_option_keeps_every_margin_that_it_does_not_cross(approach: str, side: Side) -> None:
    limits = SETTINGS.margins.limits_mm
    options = outcome(TOY, approach, side).options
    assert options
    for option in options:
        assert all(option.clearance_mm[key] >= limits[key] for key in option.clearance_mm)


@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize("side", Side)
def test_a_mirrored_patient_is_offered_the_mirrored_needles(approach: str, side: Side) -> None:
    other = Side.RIGHT if side is Side.LEFT else Side.LEFT
    one, two = outcome(TOY, approach, side), outcome(TOY.mirror, approach, other)
    assert (one.considered, one.safe) == (two.considered, two.safe)
    for mine, theirs in zip(one.options, two.options, strict=True):
        assert np.allclose(mine.needle.tip.xyz * FLIP, theirs.needle.tip.xyz, atol=0.1)
        assert np.allclose(mine.needle.entry.xyz * FLIP, theirs.needle.entry.xyz, atol=0.1)
        assert mine.risk.any_breach.share == theirs.risk.any_breach.share


def test_the_same_seed_offers_the_same_needles() -> None:
    again = survey_approaches(model(TOY), replace(SETTINGS, sides=(Side.LEFT,)))
    for one in again:
        before = outcome(TOY, one.approach, Side.LEFT)
        for mine, theirs in zip(one.options, before.options, strict=True):
            assert np.array_equal(mine.needle.tip.xyz, theirs.needle.tip.xyz)
            assert mine.reason == theirs.reason


def test_a_transiliac_needle_passes_ilium_joint_and_sacrum_and_stays_in_bone() -> None:
    """Out of bone for no longer than a cleft is wide."""
    step_mm, way = 0.5, [Structure.ILIUM_LEFT, Structure.SI_JOINT_LEFT, Structure.SACRUM]
    for option in outcome(TOY, "transiliac", Side.LEFT).options:
        labels = axis_labels(option.needle)
        bone = np.flatnonzero(np.isin(labels, way))
        passed = labels[bone]
        assert passed[np.append(True, np.diff(passed) != 0)].tolist() == way
        assert bone[-1] == len(labels) - 1
        assert (np.diff(bone).max() - 1) * step_mm <= 3.0


def test_a_transiliac_tip_ends_away_from_the_joint_that_it_crossed() -> None:
    sacrum = model(TOY)
    joint = sacrum.labels.grid.points_at(np.argwhere(sacrum.mask(Structure.SI_JOINT_LEFT))).xyz
    for option in outcome(TOY, "transiliac", Side.LEFT).options:
        assert np.linalg.norm(joint - option.needle.tip.single, axis=1).min() >= 5.0


def test_a_long_axis_needle_enters_below_s2_and_goes_cranial() -> None:
    sacrum = model(TOY)
    for option in outcome(TOY, "long-axis", Side.LEFT).options:
        needle = option.needle
        cortex = needle.entry.single + option.bone_entry_depth_mm * needle.direction
        entry = to_sacrum(sacrum, Points.at(cortex, needle.frame))[0]
        tip = to_sacrum(sacrum, needle.tip)[0]
        assert entry[2] < FORAMEN_Z[Level.S2]
        assert tip[2] > FORAMEN_Z[Level.S1]
        assert needle.direction[2] > np.sin(np.deg2rad(20.0))


def test_an_s1_body_tip_lies_in_front_of_the_canal_in_zone_two_or_three() -> None:
    sacrum = model(TOY)
    for option in outcome(TOY, "s1-body", Side.LEFT).options:
        tip = to_sacrum(sacrum, option.needle.tip)[0]
        assert tip[1] < CANAL_Y - CANAL_RADIUS
        assert sacrum.zones.at(option.needle.tip, order=0)[0] in (2, 3)


def test_two_needles_of_a_side_keep_tips_and_shafts_apart() -> None:
    sacrum = model(TOY)
    settings = replace(
        SETTINGS, approach=ApproachChoice.SHORT_AXIS, sides=(Side.LEFT,), needles_per_side=2
    )
    one, two = (n.needle for n in plan_trajectories(toy_ct(sacrum), sacrum, settings).needles)
    assert one.tip.distance_mm(two.tip)[0] >= 12.0
    near = [n.along(0.5).xyz[-80:] for n in (one, two)]
    apart = np.linalg.norm(near[0][:, None] - near[1][None], axis=2).min()
    assert apart >= one.gauge.outer_diameter_mm + 2.0 - 0.1


def _fracture(sacrum: SacrumModel, source: FractureSource, *, confirmed: bool = False) -> Fracture:
    """A cleft far out in the left ala, low down."""
    y, z = np.meshgrid(np.arange(-20.0, 0.0), np.arange(-27.0, -23.0))
    xyz = np.stack([np.full(y.size, 42.0), y.ravel(), z.ravel()], axis=1)
    frame = sacrum.scanner_from_sacrum
    limb = limb_at(frame(Points(xyz, frame.source)), sacrum, horizontal=False)
    empty = Volume(np.zeros(sacrum.labels.grid.shape, np.uint8), sacrum.labels.grid)
    pattern = SacralFracturePattern.UNILATERAL_ALA
    return Fracture((limb,), empty, pattern, source, None, confirmed)


def test_a_drawn_or_confirmed_fracture_draws_the_tip_and_a_suggestion_does_not() -> None:
    sacrum = model(TOY)
    settings = replace(SETTINGS, approach=ApproachChoice.SHORT_AXIS, sides=(Side.LEFT,))

    def planned(fracture: Fracture | None) -> Needle:
        plan = plan_trajectories(toy_ct(sacrum), sacrum, settings, fracture)
        return plan.needles[0].needle

    drawn = _fracture(sacrum, FractureSource.USER)
    plain, steered = planned(None), planned(drawn)

    def away_mm(needle: Needle) -> float:
        return float(np.linalg.norm(drawn.limbs[0].cleft.xyz - needle.tip.single, axis=1).min())

    assert away_mm(steered) < away_mm(plain) - 2.0
    suggested = planned(_fracture(sacrum, FractureSource.SUGGESTED))
    assert np.array_equal(suggested.tip.xyz, plain.tip.xyz)
    confirmed = planned(_fracture(sacrum, FractureSource.SUGGESTED, confirmed=True))
    assert np.array_equal(confirmed.tip.xyz, steered.tip.xyz)


@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize("side", Side)
def test_the_carm_looks_down_the_needle_and_across_it(approach: str, side: Side) -> None:
    sacrum, planned = model(TOY), first(approach, side)

    def beam(name: str) -> NDArray[np.float64]:
        angles = getattr(planned.guidance, name)
        pose = carm_view(
            sacrum, name, rotation_deg=angles.rotation_deg, cranial_deg=angles.cranial_deg
        )
        along = pose.detector_centre.single - pose.source.single
        return np.asarray(along / np.linalg.norm(along))

    direction = planned.needle.direction
    assert beam("en_face") @ direction == pytest.approx(-1.0, abs=1e-6)
    assert beam("profile") @ direction == pytest.approx(0.0, abs=1e-6)
