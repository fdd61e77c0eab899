"""Rigid transforms: lengths hold, chains compose, the inverse undoes, a mirror is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Points, Rigid

A, B, C = Frame("a"), Frame("b"), Frame("c")
poses = st.tuples(
    st.tuples(*[st.floats(-np.pi, np.pi)] * 3), st.tuples(*[st.floats(-300, 300)] * 3)
)
Pose = tuple[tuple[float, float, float], tuple[float, float, float]]
POINTS = Points.at(np.random.default_rng(0).uniform(-200, 200, (6, 3)), A)


def rigid(pose: Pose, to: Frame, source: Frame) -> Rigid:
    turn = Rotation.from_euler("xyz", pose[0]).as_matrix()
    return Rigid(turn, np.asarray(pose[1]), to=to, source=source)


@settings(max_examples=50, deadline=None)
@given(poses)
def test_the_inverse_undoes(pose: Pose) -> None:
    b_from_a = rigid(pose, B, A)
    np.testing.assert_allclose(b_from_a.inverse(b_from_a(POINTS)).xyz, POINTS.xyz, atol=1e-9)
    round_trip = b_from_a.inverse @ b_from_a
    assert (round_trip.source, round_trip.to) == (A, A)
    np.testing.assert_allclose(round_trip.rotation, np.eye(3), atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(poses, poses)
def test_a_chain_is_one_step_after_the_other(first: Pose, then: Pose) -> None:
    b_from_a, c_from_b = rigid(first, B, A), rigid(then, C, B)
    c_from_a = c_from_b @ b_from_a
    np.testing.assert_allclose(c_from_a(POINTS).xyz, c_from_b(b_from_a(POINTS)).xyz, atol=1e-9)
    assert c_from_a(POINTS).frame == C


@settings(max_examples=50, deadline=None)
@given(poses)
def test_lengths_hold_and_directions_only_turn(pose: Pose) -> None:
    b_from_a = rigid(pose, B, A)
    moved = b_from_a(POINTS)
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(moved.xyz, axis=0), axis=1),
        np.linalg.norm(np.diff(POINTS.xyz, axis=0), axis=1),
    )
    np.testing.assert_allclose(
        b_from_a.turn(np.diff(POINTS.xyz, axis=0)), np.diff(moved.xyz, axis=0), atol=1e-9
    )


@pytest.mark.parametrize(
    ("rotation", "word"),
    [
        (np.diag([-1.0, 1, 1]), "mirror"),
        (np.diag([1.01, 1, 1]), "scale or shear"),
        (np.full((3, 3), np.nan), "finite"),
    ],
)
def test_what_is_not_rigid_is_refused(rotation: np.ndarray, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        Rigid(rotation, np.zeros(3), to=B, source=A)
