"""The measure itself: what is hit, what is false, and what a perfect and a blind detector get."""

import numpy as np
import pytest
from block_sacrum import FRAME, block_sacrum

from sacroplasty.anatomy.fractures import (
    FractureCandidate,
    MarkedPatient,
    froc,
    limb_at,
    mark_patient,
)
from sacroplasty.geometry import Points

SACRUM = block_sacrum()


def sheet(x: float, z: tuple[float, float] = (-50.0, 0.0)) -> Points:
    y, height = np.meshgrid(np.arange(1.0, 30.0), np.arange(*z))
    return Points(np.stack([np.full_like(y, x), y, height], axis=-1).reshape(-1, 3), FRAME)


def mark(x: float, score: float, z: tuple[float, float] = (-50.0, 0.0)) -> FractureCandidate:
    return FractureCandidate(limb_at(sheet(x, z), SACRUM), score, 1.0)


@pytest.mark.parametrize(
    ("x", "z", "hit"),
    [
        (34.0, (-50.0, 0.0), True),
        (36.0, (-50.0, 0.0), False),  # 6 mm off
        (30.0, (-14.0, 0.0), True),
        (30.0, (-5.0, 0.0), False),  # 5 + 5 of 50 mm: a fifth
    ],
)
def test_a_mark_hits_within_5_mm_of_30_percent(x: float, z: tuple[float, float], hit: bool) -> None:
    marked = mark_patient([limb_at(sheet(30.0), SACRUM)], [mark(x, 0.7, z)])
    assert marked == (MarkedPatient((0.7,), ()) if hit else MarkedPatient((None,), (0.7,)))


def test_two_marks_on_one_limb_count_once_and_are_not_false() -> None:
    marked = mark_patient([limb_at(sheet(30.0), SACRUM)], [mark(29.0, 0.6), mark(31.0, 0.9)])
    assert marked == MarkedPatient((0.9,), ())


def test_the_curve_counts_limbs_and_false_marks() -> None:
    patients = [MarkedPatient((0.9, None), (0.5,)), MarkedPatient((), (0.8, 0.3))]
    curve = froc(patients)
    assert curve.sensitivity_at(0.0) == 0.5
    assert curve.sensitivity_at(1.5) == 0.5  # the second limb is never found
    assert curve.false_per_patient[-1] == 1.5
    assert (np.diff(curve.sensitivity) >= 0).all()


def test_a_blind_detector_finds_nothing() -> None:
    assert froc([MarkedPatient((None,), ())]).sensitivity_at(10.0) == 0.0


def test_a_vertical_mark_does_not_find_the_horizontal_limb_that_it_crosses() -> None:
    x, y = np.meshgrid(np.arange(28.0, 33.0), np.arange(1.0, 30.0))
    flat = Points(np.stack([x, y, np.full_like(x, -25.0)], axis=-1).reshape(-1, 3), FRAME)
    assert mark_patient([limb_at(flat, SACRUM)], [mark(30.0, 0.8)]) == MarkedPatient(
        (None,), (0.8,)
    )
