"""`sacroplasty fluoro`: pictures into a case folder, cement on its side, refusals in a sentence."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pydicom
import pytest
from carm_bench import SMALL
from toy_case import CEMENT_AT, END_S, SACRUM, injection, make_case, plan

from sacroplasty.adapters.case_folder import CaseFolder
from sacroplasty.adapters.pose_files import pose_document, read_pose
from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.cli import main
from sacroplasty.fluoroscopy import CArmPose, named_view, project_points
from sacroplasty.geometry import Frame, Points
from terminal import sacroplasty
from xray_room import FRAME

PICTURES = Path("fluoroscopy") / "pictures"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("fluoro") / "case")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was only examined."""
    return make_case(tmp_path_factory.mktemp("fluoro") / "bare", injected=False)


class Door:
    """Runs the command in this process; 0 where it ended without saying so."""

    def __init__(self, patch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]) -> None:
        self._patch, self._said = patch, said

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        self._patch.setattr(sys, "argv", ["sacroplasty", "fluoro", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = self._said.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    def document(self, *arguments: str | Path) -> dict[str, Any]:
        code, out, err = self(*arguments, "--json")
        assert code == 0, err
        document: dict[str, Any] = json.loads(out)
        jsonschema.validate(document, SCHEMAS["fluoro"])
        return document


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Door:
    return Door(monkeypatch, capsys)


def test_help_has_an_example(door: Door) -> None:
    code, out, _ = door("--help")
    assert code == 0
    assert "Example: sacroplasty fluoro" in out


def test_everything_that_is_asked_for_is_written_and_named(door: Door, kept: Path) -> None:
    document = door.document(kept, "--view", "ap", "--needle", "L1", "--dicom", "--gif", "--npz")
    assert [picture["name"] for picture in document["pictures"]] == ["ap", "down-left-S1-toy"]
    for picture in document["pictures"]:
        kinds = {Path(name).suffix for name in picture["files"]}
        assert kinds == {".png", ".json", ".npz", ".dcm", ".gif"}
        assert all((kept / name).stat().st_size > 100 for name in picture["files"])
        assert picture["time_s"] == END_S
        assert picture["cement_ml"] == pytest.approx(injection().cement.volume_mm3 / 1000)
    assert document["pictures"][0]["marker"] == {
        "left_edge": "R", "right_edge": "L", "detector_side": "",
    }  # fmt: skip


def test_cement_on_the_left_is_seen_on_the_side_of_the_letter_l(door: Door, kept: Path) -> None:
    for name in ("ap", "pa"):
        (picture,) = door.document(kept, "--view", name, "--npz")["pictures"]
        with np.load(kept / PICTURES / f"{name}.npz") as integrals:
            added = (integrals["after"] - integrals["before"]).sum(axis=0)
        column = float(added @ np.arange(len(added)) / added.sum())
        pose = read_pose(kept / PICTURES / f"{name}.json")
        assert column == pytest.approx(
            project_points(pose, Points(CEMENT_AT, FRAME))[0, 1], abs=1.0
        )
        assert (column > 255.5) == (picture["marker"]["right_edge"] == "L")


def test_down_the_needle_cement_at_its_tip_is_in_the_middle(door: Door, kept: Path) -> None:
    door.document(kept, "--needle", "L1", "--npz")
    with np.load(kept / PICTURES / "down-left-S1-toy.npz") as integrals:
        added = integrals["after"] - integrals["before"]
    middle = np.argwhere(added > 0.5 * added.max()).mean(axis=0)
    np.testing.assert_allclose(middle, 255.5, atol=1.5)


def test_a_time_shows_the_cement_of_then(door: Door, kept: Path) -> None:
    volumes = [
        door.document(kept, "--view", "ap", "--time", str(t))["pictures"][0]["cement_ml"]
        for t in (0.0, 30.0, 60.0)
    ]
    assert volumes[0] < 0.02 < volumes[1] < volumes[2]
    assert volumes[2] / volumes[1] == pytest.approx(8.0, rel=0.1)  # twice the radius
    assert (kept / PICTURES / "ap-at-30s.png").is_file()


def test_angles_are_counted_from_over_a_prone_patient_unless_supine(door: Door, kept: Path) -> None:
    for options, primary in (([], 160.0), (["--supine"], 20.0)):
        (picture,) = door.document(kept, "--lao", "20", "--cranial", "-10", *options)["pictures"]
        assert picture["angles_to_table"]["primary_deg"] == pytest.approx(primary)
        assert picture["angles_to_table"]["secondary_deg"] == pytest.approx(-10.0)
        detector = read_pose(kept / next(n for n in picture["files"] if n.endswith(".json")))
        assert detector.detector_centre.single[0] > 50.0, "LAO is the patient's left, either way"


def test_a_written_pose_takes_the_same_picture_again(
    door: Door, kept: Path, tmp_path: Path
) -> None:
    door.document(kept, "--view", "oblique-for-left", "--npz")
    written = kept / PICTURES / "oblique-for-left.json"
    renamed = tmp_path / "mine.json"
    renamed.write_text(json.dumps(json.loads(written.read_text()) | {"name": "mine"}))
    door.document(kept, "--pose", renamed, "--npz")
    with (
        np.load(kept / PICTURES / "mine.npz") as mine,
        np.load(kept / PICTURES / "oblique-for-left.npz") as theirs,
    ):
        np.testing.assert_array_equal(mine["after"], theirs["after"])


def test_pictures_add_up_are_retaken_to_the_byte_and_go_with_what_they_rest_on(
    door: Door, tmp_path: Path
) -> None:
    case = make_case(tmp_path / "case")
    door.document(case, "--view", "ap", "--dicom", "--gif")
    first = {p.name: p.read_bytes() for p in (case / PICTURES).iterdir()}
    door.document(case, "--view", "outlet")
    door.document(case, "--view", "ap", "--dicom", "--gif")
    again = {p.name: p.read_bytes() for p in (case / PICTURES).iterdir()}
    assert {"ap.dcm", "ap.gif", "outlet.png"} <= again.keys()
    for name in first.keys() - {"pictures.json"}:
        assert again[name] == first[name]
    with CaseFolder.opened(case) as notes:
        notes.stage("plan", "another", lambda _: plan())
    assert not list((case / PICTURES).glob("*.png"))


def test_an_examined_case_has_pictures_without_cement(door: Door, bare: Path) -> None:
    document = door.document(bare)
    assert [p["name"] for p in document["pictures"]] == ["ap", "inlet", "lateral", "outlet"]
    assert all(p["cement_ml"] is None and p["time_s"] is None for p in document["pictures"])


def test_dicom_names_the_pseudonym_only(door: Door, kept: Path) -> None:
    door.document(kept, "--view", "ap", "--dicom")
    read = pydicom.dcmread(kept / PICTURES / "ap.dcm")
    assert (read.PatientID, read.PatientIdentityRemoved) == ("toy-patient", "YES")
    assert float(read.PositionerPrimaryAngle) == pytest.approx(180.0)


def turned_round(pose: CArmPose) -> CArmPose:
    """Source and detector on one side: the detector stands between source and nobody."""
    away = 2 * pose.source.single - pose.detector_centre.single
    return CArmPose(
        "behind", pose.source, Points(away, FRAME), pose.right, pose.down, pose.shape, pose.pixel_mm
    )


def moved(pose: CArmPose, by: list[float]) -> CArmPose:
    shift = np.array(by)
    return CArmPose(
        "aside",
        Points(pose.source.single + shift, pose.frame),
        Points(pose.detector_centre.single + shift, pose.frame),
        pose.right, pose.down, pose.shape, pose.pixel_mm,
    )  # fmt: skip


AP = named_view("ap", SACRUM, SMALL)
ELSEWHERE = pose_document(AP) | {"frame_of_reference_uid": "9.9"}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (pose_document(turned_round(AP)), "lies .* mm before the source"),
        (pose_document(moved(AP, [0.0, -400.0, 0.0])), "must lie between"),
        (pose_document(moved(AP, [300.0, 0.0, 0.0])), "misses the CT"),
        (ELSEWHERE, "frame"),
        ({"pose": "none"}, "schema_version"),
    ],
)
def test_a_pose_that_sees_nothing_is_one_sentence(
    door: Door, kept: Path, tmp_path: Path, document: dict[str, Any], says: str
) -> None:
    path = tmp_path / "pose.json"
    path.write_text(json.dumps(document))
    code, out, err = door(kept, "--pose", path)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1

    assert re.search(says, err)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--view", "judet"], "'judet'; known are ap, lateral"),
        (["--lao", "nan"], "rotation"),
        (["--lao", "270"], "±180"),
        (["--cranial", "85"], "±80"),
        (["--supine"], "--lao"),
        (["--needle", "L7"], "L1 (left S1 toy), R1 (right S1 toy)"),
        (["--time", "-1"], "no time"),
        (["--time", "nan"], "no time"),
        (["--time", "9999"], "ended at 60 s"),
        (["--cement", "glue"], "glue"),
        (["--cement", "low viscosity"], "contradicts the case"),
        (["--identity", "scan"], "give --dicom too"),
        (["--dicom", "--identity", "scan"], "volume file"),
        (["--pose", "absent.json"], "cannot be read"),
    ],
)
def test_a_wrong_wish_is_one_sentence(
    door: Door, kept: Path, arguments: list[str], says: str
) -> None:
    code, out, err = door(kept, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert len([line for line in err.splitlines() if line.startswith("sacroplasty:")]) == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("option", [["--gif"], ["--time", "3"], ["--needle", "L1"]])
def test_what_is_not_in_the_case_yet_is_said(door: Door, bare: Path, option: list[str]) -> None:
    code, _, err = door(bare, *option)
    assert code == 2
    assert "yet; run" in err


def test_a_case_that_does_not_say_its_cement_asks_for_it(door: Door, tmp_path: Path) -> None:
    case = make_case(tmp_path / "case", cement="")
    code, _, err = door(case, "--view", "ap")
    assert (code, "--cement" in err) == (2, True)
    assert door.document(case, "--view", "ap", "--cement", "low viscosity")["pictures"]


def test_a_folder_that_is_no_case_and_a_changed_picture_are_refused(
    door: Door, tmp_path: Path
) -> None:
    code, _, err = door(tmp_path)
    assert (code, "holds no case" in err) == (2, True)
    case = make_case(tmp_path / "case", injected=False)
    door.document(case, "--view", "ap")
    (case / PICTURES / "ap.png").write_bytes(b"mine")
    code, _, err = door(case, "--view", "ap")
    assert (code, "was changed since" in err) == (2, True)
    assert (case / PICTURES / "ap.png").read_bytes() == b"mine"


def test_a_scan_that_lies_obliquely_gives_the_same_radiograph() -> None:
    """The CT's own axes do not matter: an oblique grid of the same body, AP and oblique."""
    from carm_bench import lopsided_scan, turned_about

    from sacroplasty.fluoroscopy import expose

    oblique = lopsided_scan(turned_about((0.3, -0.5, 0.8), 25.0))
    for name in ("ap", "oblique-for-left"):
        pose = named_view(name, SACRUM, SMALL)
        straight = expose(lopsided_scan(), None, pose).line_integrals
        turned = expose(oblique, None, pose).line_integrals
        error = np.sqrt(((turned - straight) ** 2).mean())
        assert error < 0.008 * straight.max()
        assert np.sqrt(((turned[:, ::-1] - straight) ** 2).mean()) > 2 * error


def test_a_rehearsed_case_joins_its_study_where_identity_is_asked_for(
    rehearsed: tuple[Path, dict[str, Any]], virtual_patient: Path, tmp_path: Path
) -> None:
    case, source = shutil.copytree(rehearsed[0], tmp_path / "case"), virtual_patient / "dicom"
    done = sacroplasty(
        "fluoro", case, "--view", "ap", "--dicom", "--identity", source, "--gif", "--json"
    )
    assert done.returncode == 0, done.stderr
    read = pydicom.dcmread(case / PICTURES / "ap.dcm")
    ct = pydicom.dcmread(sorted(source.iterdir())[0], stop_before_pixels=True)
    assert (read.PatientID, read.StudyInstanceUID) == (ct.PatientID, ct.StudyInstanceUID)
    assert read.get("PatientIdentityRemoved") == ct.get("PatientIdentityRemoved")
    assert Frame(ct.FrameOfReferenceUID) == read_pose(case / PICTURES / "ap.json").frame
