"""`sacroplasty fluoro` shows the needles: on their side, where the injection has them, or not at all."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from carm_bench import lopsided_scan
from PIL import Image
from test_fluoro_door import PICTURES, Door, door
from test_fluoro_frames import numbers
from toy_case import SACRUM, injection, make_case, plan, planned

from sacroplasty.adapters.case_folder import CaseFolder
from sacroplasty.adapters.pose_files import read_pose
from sacroplasty.anatomy import Side
from sacroplasty.fluoroscopy import project_points
from sacroplasty.geometry import Points
from sacroplasty.planning import Needle
from xray_room import FRAME

__all__ = ["door"]

BACK = 2.0  # mm per mL: the toy's left needle delivers 3.4 mL and comes back by 7 mm
LEFT, RIGHT = (planned(side, "").needle for side in (Side.LEFT, Side.RIGHT))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("needles") / "case")


@pytest.fixture(scope="module")
def drawn_back(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("needles") / "back", withdraw_mm_per_ml=BACK)


def along(kept: Path, name: str, needle: Needle, *shares: float) -> tuple[np.ndarray, ...]:
    """Rows and columns of a picture where the shaft is seen, by shares from entry (0) to tip (1)."""
    way = np.array(shares or (0.2, 0.4, 0.6))[:, None]
    at = needle.entry.single * (1 - way) + needle.tip.single * way
    pose = read_pose(kept / PICTURES / f"{name}.json")
    return tuple(np.rint(project_points(pose, Points(at, FRAME))).astype(int).T)


@pytest.mark.parametrize(
    ("side", "view"), [(Side.LEFT, "ap"), (Side.RIGHT, "ap"), (Side.LEFT, "pa")]
)
def test_a_needle_on_one_side_is_seen_at_that_sides_letter(
    door: Door, tmp_path: Path, side: Side, view: str
) -> None:
    """By the projected shaft and by the picture's own steel."""
    case = make_case(tmp_path / "case", needles=(side,))
    (picture,) = door.document(case, "--view", view, "--npz")["pictures"]
    door.document(case, "--view", view, "--npz", "--no-needles")
    steel = numbers(case, view)["before"] - numbers(case, f"{view}-no-needles")["before"]
    column = float((steel.sum(axis=0) @ np.arange(512)) / steel.sum())
    letter = "L" if side is Side.LEFT else "R"
    on_the_right = column > 255.5
    assert picture["marker"]["right_edge" if on_the_right else "left_edge"] == letter
    needle = planned(side, "").needle
    assert steel[along(case, view, needle)].min() > 0.3
    assert (along(case, view, needle)[1] > 255.5).all() == on_the_right


def test_every_picture_and_file_shows_them_and_no_needles_leaves_them_out(
    door: Door, kept: Path
) -> None:
    for more, name in (([], "ap"), (["--beam", "poly"], "ap-frame")):
        door.document(kept, "--view", "ap", "--dicom", "--npz", *more)
        door.document(kept, "--view", "ap", "--dicom", "--npz", "--no-needles", *more)
        seen, bare = numbers(kept, name), numbers(kept, f"{name}-no-needles")
        for needle in (LEFT, RIGHT):
            at = along(kept, name, needle)
            for when in ("before", "after"):
                assert (seen[when] - bare[when])[at].min() > 0.3
        # On the right, where no cement lies behind it.
        at = along(kept, name, RIGHT)
        if "signal_kev" in seen:
            assert (seen["signal_kev"] / bare["signal_kev"])[at].mean() < 0.8
        values = [_stored(kept, one) for one in (name, f"{name}-no-needles")]
        assert (values[0] - values[1])[at].mean() > 0.25
        grey = [_grey(kept / PICTURES / f"{one}.png") for one in (name, f"{name}-no-needles")]
        assert (grey[0] - grey[1])[at].mean() > 20


def test_a_planned_case_shows_its_needles_before_any_cement(door: Door, tmp_path: Path) -> None:
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(lopsided_scan(), "toy-patient")
        case.stage("anatomy", "a", lambda _: SACRUM)
        case.stage("plan", "b", lambda _: plan())
    door.document(tmp_path / "case", "--view", "ap", "--npz")
    door.document(tmp_path / "case", "--view", "ap", "--npz", "--no-needles")
    with_them, without = (numbers(tmp_path / "case", n)["after"] for n in ("ap", "ap-no-needles"))
    assert (with_them - without)[along(tmp_path / "case", "ap", LEFT)].min() > 0.3


def test_a_subtraction_cancels_needles_that_stay(door: Door, kept: Path) -> None:
    door.document(kept, "--view", "lateral", "--subtract", "--dicom", "--dose-ngy", "400")
    change = _stored(kept, "lateral-subtracted")
    assert abs(change[along(kept, "lateral-subtracted", RIGHT)].mean()) < 0.1


def test_where_a_needle_came_back_its_tip_left_the_cement_free(
    door: Door, kept: Path, drawn_back: Path
) -> None:
    added = []
    for case in (kept, drawn_back):
        door.document(case, "--view", "lateral", "--npz")
        seen = numbers(case, "lateral")
        added.append(
            (seen["after"] - seen["before"])[along(case, "lateral", LEFT, 0.88, 0.92, 0.96)]
        )
    assert added[0].min() > 1.0, "cement about the tip"
    assert (added[1] - added[0]).max() < -0.3, "less the steel that was there"


def test_while_it_injects_the_needle_comes_back_in_the_moving_picture(
    door: Door, drawn_back: Path
) -> None:
    door.document(drawn_back, "--view", "lateral", "--gif", "--npz")
    hub = LEFT.entry.single - (GUIDED_MM - LEFT.length_mm + 4.0) * LEFT.direction
    pose = read_pose(drawn_back / PICTURES / "lateral.json")
    row, column = np.rint(project_points(pose, Points(hub, FRAME))[0]).astype(int)
    grey = []
    with Image.open(drawn_back / PICTURES / "lateral.gif") as film:
        for n in range(getattr(film, "n_frames", 1)):
            film.seek(n)
            grey.append(int(np.asarray(film.convert("L"))[row, column]))
    assert grey[0] < grey[-1]
    before, after = (
        numbers(drawn_back, "lateral")[when][row, column] for when in ("before", "after")
    )
    assert after > before + 0.3


def test_a_case_that_does_not_know_is_told_how_they_were_drawn_back(
    door: Door, kept: Path, tmp_path: Path
) -> None:
    code, _, err = door(kept, "--view", "ap", "--withdraw", "3")
    assert (code, "contradicts the case" in err) == (2, True)
    code, _, err = door(kept, "--view", "ap", "--withdraw", "3", "--no-needles")
    assert (code, "leaves them out" in err) == (2, True)
    for value in ("-1", "nan", "inf", "21"):
        code, _, err = door(kept, "--view", "ap", "--withdraw", value)
        assert (code, "outside 0–20" in err) == (2, True), "what no injection can do"
    bare = make_case(tmp_path / "bare", injected=False)
    code, _, err = door(bare, "--view", "ap", "--withdraw", "3")
    assert (code, "none yet" in err) == (2, True)
    assert door.document(kept, "--view", "ap", "--withdraw", "0")["pictures"]


def test_where_nobody_said_how_they_were_drawn_back_the_picture_says_so(
    door: Door, kept: Path, tmp_path: Path
) -> None:
    """Of a case that was injected by `inject` alone; a picture of it may not pass for the truth."""
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(lopsided_scan(), "toy-patient")
        case.stage("anatomy", "a", lambda _: SACRUM)
        case.stage("plan", "b", lambda _: plan())
        case.stage("injection", "c", lambda _: injection())
    ask = ("--view", "ap", "--cement", "medium viscosity")
    unsaid = "does not say whether the needles were drawn back"
    code, out, _ = door(tmp_path / "case", *ask)
    assert (code, unsaid in out) == (0, True)
    for folder, more in ((tmp_path / "case", ("--withdraw", "0")), (kept, ()),
                         (tmp_path / "case", ("--no-needles",))):  # fmt: skip
        assert unsaid not in door(folder, *ask, *more)[1]
    (picture,) = door.document(tmp_path / "case", *ask, "--withdraw", "2")["pictures"]
    assert (picture["needles"], picture["withdraw_mm_per_ml"]) == (2, 2.0)


GUIDED_MM = planned(Side.LEFT, "").guidance.needle_length_mm or 0.0


def _stored(case: Path, name: str) -> np.ndarray:
    read = pydicom.dcmread(case / PICTURES / f"{name}.dcm")
    return np.asarray(read.pixel_array * float(read.RescaleSlope) + float(read.RescaleIntercept))


def _grey(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L")).astype(float)
