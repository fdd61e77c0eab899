"""On the screen: bone shows under thick and thin tissue alike, and what is put in changes no grey."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import Radiograph, Screen, to_display, window_of
from xray_room import pose_along

POSE = pose_along((0.0, 1.0, 0.0), shape=(192, 192), pixel_mm=2.0)
ROWS, COLUMNS = np.indices(POSE.shape) - 95.5
TRUNK = np.abs(COLUMNS) < 80
BONES = 0.35 * (np.abs(COLUMNS % 24 - 12) < 2)
"""Thin bones that run from head to foot, as line integrals."""


def outlet_like() -> Radiograph:
    """Through the abdomen at the top 11, beside the thighs at the bottom 2; air at both sides."""
    thickness = 6.5 - 4.5 * ROWS / 95.5
    seen = np.where(TRUNK, thickness + BONES, 0.05)
    return Radiograph(seen.astype(np.float32), POSE)


def grey(picture: Radiograph, screen: Screen) -> NDArray[np.float64]:
    return to_display(screen.shown(picture), screen.window).astype(np.float64)


def contrast(shown: NDArray[np.float64], rows: slice) -> float:
    """Mean grey of bone less that of the tissue beside it, clear of the body's edge."""
    inner = np.abs(COLUMNS[rows]) < 60
    return float(
        shown[rows][inner & (BONES[rows] > 0)].mean()
        - shown[rows][inner & (BONES[rows] == 0)].mean()
    )


def test_thin_bone_shows_at_the_sacrum_whatever_the_trunk_does_above_and_below() -> None:
    patient = outlet_like()
    screen, washed_out = Screen.of(patient), to_display(patient, window_of(patient))
    for rows in (slice(64, 80), slice(88, 104), slice(112, 128)):
        assert contrast(grey(patient, screen), rows) > 40
        assert contrast(washed_out.astype(np.float64), rows) < 15


def test_neither_cement_nor_steel_changes_the_grey_beside_it() -> None:
    patient = outlet_like()
    screen = Screen.of(patient)
    before = grey(patient, screen)
    put_in = np.hypot(ROWS, COLUMNS - 20) < 8
    after = grey(Radiograph(patient.line_integrals + np.float32(2.0) * put_in, POSE), screen)
    np.testing.assert_array_equal(after[~put_in], before[~put_in])
    assert (after[put_in] == 255).all()


def lateral_like() -> Radiograph:
    """A round trunk that thins out to the skin, then air."""
    thickness = 7.0 * np.sqrt(np.clip(1.0 - (COLUMNS / 80.0) ** 2, 0.0, None))
    return Radiograph(np.where(TRUNK, thickness + BONES, 0.05).astype(np.float32), POSE)


@pytest.mark.parametrize("patient", [outlet_like(), lateral_like()], ids=["slab", "round"])
def test_beside_the_trunk_it_is_black_and_a_needle_is_seen_from_bone_to_hub(
    patient: Radiograph,
) -> None:
    screen = Screen.of(patient)
    alone = grey(patient, screen)
    assert not alone[~TRUNK].any()
    needle = np.abs(ROWS - 30) < 2
    seen = grey(Radiograph(patient.line_integrals + np.float32(0.5) * needle, POSE), screen)
    # Out of the trunk, through the skin, into the air; white is the most that can be shown.
    gained = np.where(seen[126] == 255, 255, seen[126] - alone[126])
    assert gained.min() > 30


def test_the_picture_itself_is_left_alone() -> None:
    patient = outlet_like()
    kept = patient.line_integrals.copy()
    Screen.of(patient).shown(patient)
    np.testing.assert_array_equal(patient.line_integrals, kept)


def test_what_lies_beside_the_shutters_has_no_say() -> None:
    patient = outlet_like()
    lit = np.abs(ROWS) < 60
    beyond = np.where(lit, patient.line_integrals, np.float32(14.0))
    one, other = Screen.of(patient, lit), Screen.of(Radiograph(beyond, POSE), lit)
    assert one.window == other.window
    np.testing.assert_array_equal(one.level[lit], other.level[lit])


def test_an_empty_picture_has_nothing_to_show() -> None:
    with pytest.raises(BadInput, match="nothing to show"):
        Screen.of(Radiograph(np.zeros(POSE.shape, np.float32), POSE))
