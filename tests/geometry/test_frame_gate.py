"""Two frames never mix unnoticed, and these tests would notice a gate that is broken."""

from collections.abc import Callable

import numpy as np
import pytest

from sacroplasty.errors import FrameMismatch
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.geometry import frame as frame_room
from sacroplasty.geometry import grid as grid_room
from sacroplasty.geometry import points as points_room
from sacroplasty.geometry import rigid as rigid_room
from sacroplasty.geometry import volume as volume_room
from sacroplasty.geometry.frame import Framed

ROOMS = {
    "frame": frame_room,
    "grid": grid_room,
    "points": points_room,
    "rigid": rigid_room,
    "volume": volume_room,
}
UID = "1.2.840.99"


def fresh(uid: str) -> Frame:
    """An equal frame whose UID is another string object, as when read from another file."""
    return Frame("".join(list(uid)))


def grid(frame: Frame) -> Grid:
    return Grid.axis_aligned((2, 3, 4), (0, 0, 0), (1, 1, 1), frame)


def points(frame: Frame) -> Points:
    return Points.at([[1, 1, 1]], frame)


def volume(frame: Frame) -> Volume[np.float64]:
    return Volume(np.ones((2, 3, 4)), grid(frame))


def rigid(to: Frame, source: Frame) -> Rigid:
    return Rigid(np.eye(3), np.zeros(3), to=to, source=source)


OTHER = Frame("9.9.9")
MEETINGS: dict[str, Callable[[Frame, Frame], object]] = {
    "indices of points": lambda a, b: grid(a).kji_at(points(b)),
    "points inside a grid": lambda a, b: grid(a).contains(points(b)),
    "a box around points": lambda a, b: grid(a).aligned_box(points(b), 1.0, 1.0),
    "distance": lambda a, b: points(a).distance_mm(points(b)),
    "transforming points": lambda a, b: rigid(OTHER, a)(points(b)),
    "a chain of transforms": lambda a, b: rigid(OTHER, a) @ rigid(b, OTHER),
    "sampling at points": lambda a, b: volume(a).at(points(b)),
    "resampling onto a grid": lambda a, b: volume(a).on(grid(b)),
}
STRANGERS = [
    (UID, "1.2.840.98"),
    (UID, UID + "/sacrum"),
    (UID + "/sacrum", UID),
    (UID, UID + ".1"),
    (UID + "/sacrum", UID + "/carm"),
]


def frames_that_are_equal_meet(meeting: str) -> None:
    MEETINGS[meeting](fresh(UID), fresh(UID))
    MEETINGS[meeting](fresh(UID).attached("sacrum"), fresh(UID + "/sacrum"))


def frames_that_differ_are_refused(meeting: str) -> None:
    for one, other in STRANGERS:
        with pytest.raises(FrameMismatch, match="transform one of them first"):
            MEETINGS[meeting](fresh(one), fresh(other))


@pytest.mark.parametrize("meeting", MEETINGS)
def test_the_gate_at_every_meeting(meeting: str) -> None:
    frames_that_are_equal_meet(meeting)
    frames_that_differ_are_refused(meeting)


def never_refuses(first: Framed, second: Framed) -> None:
    pass


def compares_a_value_with_itself(first: Framed, second: Framed) -> None:
    _refuse(first.frame.uid != first.frame.uid)


def is_inverted(first: Framed, second: Framed) -> None:
    _refuse(first.frame.uid == second.frame.uid)


def always_refuses(first: Framed, second: Framed) -> None:
    _refuse(True)


def compares_identity(first: Framed, second: Framed) -> None:
    _refuse(first.frame is not second.frame)


def compares_a_prefix(first: Framed, second: Framed) -> None:
    one, other = first.frame.uid, second.frame.uid
    _refuse(not (one.startswith(other) or other.startswith(one)))


def forgets_the_attachment(first: Framed, second: Framed) -> None:
    _refuse(first.frame.uid.split("/")[0] != second.frame.uid.split("/")[0])


def compares_lengths(first: Framed, second: Framed) -> None:
    _refuse(len(first.frame.uid) != len(second.frame.uid))


def _refuse(condition: bool) -> None:
    if condition:
        raise FrameMismatch("transform one of them first")


MUTANTS = [
    never_refuses,
    compares_a_value_with_itself,
    is_inverted,
    always_refuses,
    compares_identity,
    compares_a_prefix,
    forgets_the_attachment,
    compares_lengths,
]


def survives(meeting: str) -> bool:
    """Whether the two properties above still hold at a meeting."""
    try:
        frames_that_are_equal_meet(meeting)
        frames_that_differ_are_refused(meeting)
    except (FrameMismatch, pytest.fail.Exception):
        return False
    return True


@pytest.mark.parametrize("mutant", MUTANTS)
@pytest.mark.parametrize("meeting", MEETINGS)
def test_every_broken_gate_is_caught_at_every_meeting(
    mutant: Callable[[Framed, Framed], None], meeting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ROOMS.values():
        monkeypatch.setattr(room, "require_same_frame", mutant)
    assert not survives(meeting)


@pytest.mark.parametrize("forgotten", ["grid", "points", "rigid"])
def test_a_gate_forgotten_in_one_place_is_caught(
    forgotten: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ROOMS[forgotten], "require_same_frame", never_refuses)
    assert not all(survives(meeting) for meeting in MEETINGS)


def test_a_frame_needs_a_name() -> None:
    for empty in ("", "  "):
        with pytest.raises(FrameMismatch, match="needs a UID"):
            Frame(empty)
