"""`sacroplasty export`, from a rehearsed case to files that foreign programs accept."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from planned_series import errors_told_of

from sacroplasty.adapters.plan_export import read_markups
from sacroplasty.geometry import Frame
from terminal import sacroplasty


def test_a_rehearsed_case_goes_out_in_every_format(
    rehearsed: tuple[Path, dict[str, Any]], virtual_patient: Path, tmp_path: Path
) -> None:
    case, told = rehearsed
    formats = ("--markups", "--sr", "--seg", "--sc", "--drill-guide", "--pdf", "--json")
    source = virtual_patient / "dicom"
    done = sacroplasty("export", case, *formats, "--dicom", source, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    files = [Path(name) for name in json.loads(done.stdout)["files"]]
    assert all(path.is_file() for path in files)
    needles = told["plan"]["needles"]
    lines = read_markups(tmp_path / "out" / "plan.mrk.json", Frame("1.2"))
    for line, needle in zip(lines, needles, strict=True):
        assert np.allclose(line.target.single, needle["target_lps_mm"])
    made = [path for path in files if path.suffix == ".dcm"]
    assert len(made) == 2 + 2 * len(needles)
    study = pydicom.dcmread(sorted(source.iterdir())[0]).StudyInstanceUID
    for path in made:
        assert errors_told_of(path) == []
        assert pydicom.dcmread(path).StudyInstanceUID == study
    name = str(pydicom.dcmread(made[0]).PatientName).encode()
    for path in files:
        if path.suffix in {".json", ".stl", ".pdf"}:
            assert name not in path.read_bytes()


def test_a_case_that_was_changed_by_hand_is_not_exported(
    rehearsed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    case = shutil.copytree(rehearsed[0], tmp_path / "case")
    plan = case / "plan.json"
    plan.write_text(plan.read_text().replace("left", "right"))
    done = sacroplasty("export", case, "--markups", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "was changed" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_case_of_another_version_is_refused_in_one_sentence(
    rehearsed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    case = shutil.copytree(rehearsed[0], tmp_path / "case")
    recorded = json.loads((case / "case.json").read_text())
    plan = json.loads((case / "plan.json").read_text())
    for needle in plan["needles"]:
        del needle["level"]
    (case / "plan.json").write_text(json.dumps(plan))
    digest = hashlib.sha256((case / "plan.json").read_bytes()).hexdigest()
    recorded["stages"]["plan"]["files"]["plan.json"] = digest
    (case / "case.json").write_text(json.dumps(recorded))
    _refused(case, tmp_path / "out", "not as this version writes")


def test_a_case_that_lacks_its_frame_of_reference_is_refused_in_one_sentence(
    rehearsed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    case = shutil.copytree(rehearsed[0], tmp_path / "case")
    recorded = json.loads((case / "case.json").read_text())
    del recorded["frame_of_reference_uid"]
    (case / "case.json").write_text(json.dumps(recorded))
    _refused(case, tmp_path / "out", "lacks what this software writes")


def _refused(case: Path, out: Path, says: str) -> None:
    done = sacroplasty("export", case, "--markups", "--out", out)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Nothing was asked for"),
        (("--sr",), "--dicom SOURCE"),
        (("--igtl", "nowhere"), "host:port"),
        (("--markups", "--dicom", "scan"), "--sr, --seg and --sc"),
        (("--markups", "--guide-on", "bone"), "--drill-guide"),
        (("--markups",), "holds no case"),
    ],
)
def test_what_cannot_be_exported_is_said(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = sacroplasty("export", tmp_path, *arguments, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
