"""The generator that follows the patient, frames that are averaged, held and subtracted."""

from dataclasses import replace

import numpy as np
import pytest
from beam_bench import pose_of, slabs

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import (
    Beam,
    BrightnessControl,
    DetectorSettings,
    FrameMemory,
    averaged,
    expected_frame,
    fluoroscopic_frame,
    ideal_detector,
    roadmap,
    shuttered_to_patient,
    subtracted,
)
from sacroplasty.fluoroscopy.brightness_control import paths_thinned

CONTROL = BrightnessControl()


def test_the_field_is_as_bright_behind_a_thin_patient_as_behind_a_thicker_one() -> None:
    detector = DetectorSettings()
    for water_mm in (100.0, 160.0, 220.0):
        paths = slabs(water_mm=water_mm, bone_mm=10.0)
        beam = CONTROL.beam_for(paths, Beam(), detector)
        seen = CONTROL.mean_in_field(expected_frame(paths, beam, detector), paths)
        assert seen == pytest.approx(CONTROL.asked_kev(paths.pose, detector), rel=1e-3)
        assert beam.tube_kv == 80.0


def test_charge_comes_first_then_voltage_then_the_picture_gets_darker() -> None:
    detector = DetectorSettings()
    beams = [
        CONTROL.beam_for(slabs(water_mm=mm, bone_mm=20.0), Beam(), detector)
        for mm in (150.0, 220.0, 300.0, 420.0)
    ]
    assert beams[0].mas < beams[1].mas < CONTROL.most_mas
    assert 80.0 < beams[2].tube_kv < CONTROL.most_kv
    assert beams[2].mas == pytest.approx(CONTROL.most_mas, rel=0.15)
    assert (beams[3].tube_kv, beams[3].mas) == (CONTROL.most_kv, CONTROL.most_mas)
    paths = slabs(water_mm=420.0, bone_mm=20.0)
    thick = expected_frame(paths, beams[3], detector)
    assert CONTROL.mean_in_field(thick, paths) < 0.5 * CONTROL.asked_kev(thick.pose, detector)


def test_open_rays_beside_the_patient_do_not_darken_the_picture() -> None:
    detector, whole = ideal_detector(), slabs(water_mm=200.0)
    image = whole.water_mm.copy()
    image[:, 40:] = 0.0
    beside = replace(whole, water_mm=image)
    there = [CONTROL.beam_for(paths, Beam(), detector).mas for paths in (whole, beside)]
    assert there[1] == pytest.approx(there[0], rel=1e-3)
    shutters = shuttered_to_patient(beside)
    assert shutters.half_columns_mm == pytest.approx(8.0 * 0.75, abs=0.76)
    assert shutters.half_rows_mm == pytest.approx(24.0)


def test_every_eighth_ray_sees_the_same_part_of_the_patient() -> None:
    paths = slabs(water_mm=100.0, shape=(64, 48))
    ramp = np.tile(np.arange(48, dtype=np.float32), (64, 1))
    thin = paths_thinned(replace(paths, bone_mm=ramp), 8)
    assert thin.bone_mm.shape == (8, 6)
    assert thin.bone_mm.mean() == pytest.approx(ramp.mean(), abs=0.51)
    assert thin.pose.pixel_mm == pytest.approx(8 * paths.pose.pixel_mm)


def test_a_recursive_filter_leaves_r_over_two_minus_r_of_the_variance() -> None:
    paths, detector, beam = slabs(water_mm=200.0, shape=(128, 128)), ideal_detector(), Beam()
    rng = np.random.default_rng(5)
    expected = expected_frame(paths, beam, detector)
    memory = FrameMemory(0.3).after_all(*(expected.drawn(rng) for _ in range(40)))
    assert memory.held is not None
    one = expected.drawn(rng).signal_kev.var()
    assert memory.held.signal_kev.var() / one == pytest.approx(0.3 / 1.7, rel=0.05)


def test_what_is_new_appears_by_r_and_a_moved_arm_starts_anew() -> None:
    detector = ideal_detector()
    old = expected_frame(slabs(water_mm=200.0), Beam(), detector).without_noise
    new = replace(old, signal_kev=0.5 * old.signal_kev)
    memory = FrameMemory(0.25).after_all(old, new)
    assert memory.held is not None
    share = memory.held.signal_kev / old.signal_kev
    np.testing.assert_allclose(share, 1.0 - 0.25 * 0.5, rtol=1e-5)
    moved = replace(new, pose=pose_of(pixel_mm=0.8))
    again = memory.after(moved).held
    assert again is moved


def test_subtraction_leaves_the_cement_and_takes_away_the_bone() -> None:
    bone = np.tile(np.linspace(0, 40, 64, dtype=np.float32), (64, 1))
    before = replace(slabs(water_mm=200.0), bone_mm=bone)
    cement = np.zeros((64, 64), dtype=np.float32)
    cement[20:40, 20:40] = 4.0
    after = replace(before, cement_mm=cement)
    mask, live = (
        expected_frame(paths, Beam(), ideal_detector()).without_noise for paths in (before, after)
    )
    change = subtracted(live, mask).line_integrals
    assert np.abs(change[:, 45:]).max() == 0.0
    inside = change[21:39, 21:39]
    assert inside.min() > 0.1
    # Bone of 0–40 mm hardens the beam and costs some contrast, but does not show itself.
    assert np.ptp(inside) < 0.35 * inside.mean()
    assert (np.diff(inside.mean(axis=0)) < 0).all()


def test_noise_of_a_subtraction_is_that_of_both_frames() -> None:
    paths, detector, beam = slabs(water_mm=200.0, shape=(256, 256)), ideal_detector(), Beam()
    rng = np.random.default_rng(6)
    expected = expected_frame(paths, beam, detector)
    frames = [expected.drawn(rng) for _ in range(9)]
    one = float(expected.log_variance[0, 0])
    pair = subtracted(frames[0], frames[1]).line_integrals.var()
    assert pair == pytest.approx(2.0 * one, rel=0.05)
    steady = subtracted(frames[0], averaged(*frames[1:])).line_integrals.var()
    assert steady == pytest.approx((1.0 + 1.0 / 8.0) * one, rel=0.05)


def test_a_roadmap_shows_the_anatomy_and_adds_cement_only() -> None:
    before = slabs(water_mm=200.0)
    cement = np.zeros((64, 64), dtype=np.float32)
    cement[20:40, 20:40] = 4.0
    mask, live = (
        expected_frame(paths, Beam(), ideal_detector()).without_noise
        for paths in (before, replace(before, cement_mm=cement))
    )
    shown = roadmap(live, mask, from_contrast=0.02, weight=1.0).line_integrals
    plain = live.apparent.line_integrals
    np.testing.assert_array_equal(shown[cement == 0], plain[cement == 0])
    assert (shown[cement > 0] > plain[cement > 0] + 0.05).all()


def test_frames_of_two_poses_are_not_subtracted() -> None:
    rng = np.random.default_rng(1)
    one = fluoroscopic_frame(slabs(water_mm=100.0), Beam(), ideal_detector(), rng)
    other = replace(one, pose=pose_of(pixel_mm=0.8))
    with pytest.raises(BadInput, match="new mask"):
        subtracted(one, other)
    with pytest.raises(BadInput, match="new part"):
        FrameMemory(0.0)
    with pytest.raises(BadInput, match="nan kV"):
        BrightnessControl(most_kv=float("nan"))
    with pytest.raises(BadInput, match="no range"):
        BrightnessControl(least_mas=2.0, most_mas=1.0)
