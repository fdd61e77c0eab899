"""Screening: what changes is seen, what does not keeps its bits."""

import numpy as np
import pytest

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadUsage, FrameMismatch
from sacroplasty.fluoroscopy import LiveFluoroscopy, expose
from sacroplasty.geometry import Frame, Points, Volume
from sacroplasty.planning import Needle, NeedleGauge
from xray_room import FRAME, cement_ball, misses, needle, patient, pose_along

RECIPE = CementRecipe.of_constant_viscosity("test", 100.0, 0.3, 1.5)
POSE, SIDE = (
    pose_along(beam, shape=(96, 96), pixel_mm=1.4) for beam in ((0.1, 1.0, 0.2), (1.0, 0.1, 0.1))
)
CENTRE = (10.0, -5.0, 8.0)
IN, ACROSS = ((10.0, 60.0, 12.0), (10.0, 2.0, 8.0)), ((-60.0, 5.0, 10.0), (-5.0, 0.0, 8.0))


@pytest.fixture
def live() -> LiveFluoroscopy:
    room = LiveFluoroscopy(patient(), RECIPE)
    room.move_to(POSE)
    return room


def test_growing_cement_ends_where_all_of_it_at_once_ends(live: LiveFluoroscopy) -> None:
    for radius in np.linspace(0.5, 9.0, 30):
        grown = live.see_cement(cement_ball(float(radius)))
    at_once = LiveFluoroscopy(patient(), RECIPE)
    at_once.move_to(POSE)
    whole = at_once.see_cement(cement_ball(9.0))
    anew = expose(patient(), cement_ball(9.0), POSE, RECIPE)
    for other in (whole, anew):
        np.testing.assert_allclose(grown.line_integrals, other.line_integrals, atol=2e-6)


def test_rays_that_miss_the_cement_keep_their_bits(live: LiveFluoroscopy) -> None:
    before = live.picture.line_integrals
    for radius in (3.0, 6.0, 9.0):
        after = live.see_cement(cement_ball(radius)).line_integrals
    beside = misses(POSE, CENTRE, 9.0 + 2.0)
    assert beside.mean() > 0.5
    np.testing.assert_array_equal(after[beside], before[beside])
    assert (after[~misses(POSE, CENTRE, 4.0)] > before[~misses(POSE, CENTRE, 4.0)] + 0.1).all()


def test_cement_that_was_taken_back_leaves_no_trace(live: LiveFluoroscopy) -> None:
    before = live.picture.line_integrals
    for radius in (2.3, 4.1, 6.7, 8.0):
        live.see_cement(cement_ball(radius))
    nothing = cement_ball(8.0).fraction
    after = live.see_cement(CementField(Volume(np.zeros_like(nothing.values), nothing.grid)))
    np.testing.assert_array_equal(after.line_integrals, before)


def test_a_needle_is_dark_where_it_lies_and_nowhere_else(live: LiveFluoroscopy) -> None:
    before = live.picture.line_integrals
    after = live.see_needles([needle(*ACROSS)]).line_integrals
    steel = live.steel_mm
    np.testing.assert_array_equal(after[steel == 0], before[steel == 0])
    assert (after[steel > 0] > before[steel > 0]).all()
    tube = NeedleGauge.of(11)
    wall = np.sqrt(tube.outer_diameter_mm**2 - tube.inner_diameter_mm**2)  # past the bore's edge
    assert 0.5 * wall < steel.max() < 1.1 * wall  # a pixel is broader than the wall


def test_a_needle_that_was_pulled_leaves_no_trace(live: LiveFluoroscopy) -> None:
    before = live.see_cement(cement_ball(6.0)).line_integrals
    live.see_needles([needle(*IN), needle(*ACROSS)])
    live.see_needles([needle(*IN)])
    assert live.steel_mm.any()
    np.testing.assert_array_equal(live.see_needles([]).line_integrals, before)


def test_where_needle_and_cement_came_first_does_not_matter(live: LiveFluoroscopy) -> None:
    live.see_cement(cement_ball(6.0))
    one = live.see_needles([needle(*IN)]).line_integrals
    other = LiveFluoroscopy(patient(), RECIPE)
    other.move_to(POSE)
    other.see_needles([needle(*IN)])
    np.testing.assert_array_equal(other.see_cement(cement_ball(6.0)).line_integrals, one)


def test_a_moved_c_arm_shows_cement_and_needles_as_if_it_had_stood_there(
    live: LiveFluoroscopy,
) -> None:
    live.see_cement(cement_ball(4.0))
    live.see_cement(cement_ball(7.0))
    live.see_needles([needle(*IN)])
    moved = live.move_to(SIDE)
    there = LiveFluoroscopy(patient(), RECIPE)
    there.move_to(SIDE)
    there.see_needles([needle(*IN)])
    fresh = there.see_cement(cement_ball(7.0))
    np.testing.assert_array_equal(moved.line_integrals, fresh.line_integrals)


def test_the_coarse_picture_comes_first_and_shows_the_same_patient(live: LiveFluoroscopy) -> None:
    live.prepare()
    live.see_cement(cement_ball(7.0))
    coarse, whole = live.moving_to(SIDE)
    assert coarse.pose.shape == (24, 24)
    means = whole.line_integrals.reshape(24, 4, 24, 4).mean(axis=(1, 3))
    assert np.sqrt(((coarse.line_integrals - means) ** 2).mean()) < 0.02 * means.max()
    np.testing.assert_array_equal(whole.line_integrals, live.move_to(SIDE).line_integrals)


def test_a_tiny_detector_has_no_coarse_picture(live: LiveFluoroscopy) -> None:
    assert len(list(live.moving_to(pose_along((0, 1, 0), shape=(20, 20), pixel_mm=5.0)))) == 1


def test_the_paths_make_the_picture(live: LiveFluoroscopy) -> None:
    from sacroplasty.fluoroscopy import cement_contrast_per_mm, steel_attenuation_per_mm
    from sacroplasty.reference import constant

    live.see_cement(cement_ball(7.0))
    live.see_needles([needle(*IN)])
    water, steel = constant("radiograph_water_attenuation").value, steel_attenuation_per_mm()
    made = (
        water * live.patient_mm
        + cement_contrast_per_mm(RECIPE) * live.cement_mm
        + (steel - water) * live.steel_mm
    )
    np.testing.assert_allclose(live.picture.line_integrals, made, rtol=1e-5, atol=1e-6)
    assert not live.cement_mm.flags.writeable
    assert live.kept_bytes > 0


def test_what_cannot_be_shown_is_refused() -> None:
    room = LiveFluoroscopy(patient())
    with pytest.raises(BadUsage, match="move the C-arm"):
        _ = room.picture
    with pytest.raises(BadUsage, match="recipe"):
        room.see_cement(cement_ball(3.0))
    stranger = Frame("9.9")
    with pytest.raises(FrameMismatch):
        room.see_needles(
            [Needle(Points.at(IN[0], stranger), Points.at(IN[1], stranger), NeedleGauge.of(11))]
        )
    assert stranger != FRAME
