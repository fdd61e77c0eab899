"""A case folder from a stranger's hand: refused in one sentence, with nothing written or deleted.

Every forgery mends the digests in case.json, so that only what the file says can give it away.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from sacroplasty.cli import main

_NOTES = b"somebody's work"
_NOTES_SHA = hashlib.sha256(_NOTES).hexdigest()
Forgery = Callable[[Path], object]


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _forged(name: str, change: Callable[[Any], None]) -> Forgery:
    """`change` done to a document of the case, and its digest mended wherever it is recorded."""

    def forge(case: Path) -> None:
        document = json.loads((case / name).read_text())
        change(document)
        (case / name).write_text(json.dumps(document))
        if name != "case.json":
            _mend(case, name)

    return forge


def _mend(case: Path, name: str) -> None:
    record = json.loads((case / "case.json").read_text())
    for stage in record["stages"].values():
        if name in stage["files"]:
            stage["files"][name] = _sha(case / name)
    (case / "case.json").write_text(json.dumps(record))


def _ct_with_a_hole(case: Path) -> None:
    scan = nibabel.load(case / "ct.nii.gz")
    values = np.asarray(scan.dataobj, np.float32)
    values[10] = np.nan
    nibabel.save(nibabel.Nifti1Image(values, scan.affine), case / "ct.nii.gz")
    record = json.loads((case / "case.json").read_text())
    record["ct_sha256"] = _sha(case / "ct.nii.gz")
    (case / "case.json").write_text(json.dumps(record))


def _needle_of_the_other_side(case: Path) -> None:
    """What a mix-up of left and right in the plan would look like."""
    needles = json.loads((case / "plan.json").read_text())["needles"]
    other = {"left": "right", "right": "left"}[needles[0]["side"]]
    _forged("plan.json", _put(other, "needles", 0, "side"))(case)


def _put(value: Any, *keys: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = value

    return change


_FORGERIES: dict[str, tuple[Forgery, str]] = {
    "nested too deep": (lambda case: (case / "case.json").write_text("[" * 100_000), "JSON"),
    "a file outside": (
        _forged("case.json", _put(_NOTES_SHA, "stages", "plan", "files", "../../notes.txt")),
        "lacks what",
    ),
    "a file of the machine": (
        _forged("case.json", _put(_sha(Path(__file__)), "stages", "plan", "files", __file__)),
        "lacks what",
    ),
    "a pseudonym that is a number": (_forged("case.json", _put(5, "pseudonym")), "lacks what"),
    "a pseudonym that clears the screen": (
        _forged("case.json", _put("Mr\x1b[2J", "pseudonym")),
        "lacks what",
    ),
    "the record of another patient": (
        _forged("case.json", _put("1.2.3", "frame_of_reference_uid")),
        "different frames",
    ),
    "the plan of another patient": (
        _forged("plan.json", _put("1.2.3", "frame_of_reference_uid")),
        "different frames",
    ),
    "a needle of the other side": (_needle_of_the_other_side, "wrong side"),
    "a CT that is not a number": (_ct_with_a_hole, "no CT numbers"),
    "cement in words": (_forged("plan.json", _put("three", "needles", 0, "cement_ml")), "'three'"),
    "cement that is not a number": (
        _forged("plan.json", _put(float("nan"), "needles", 0, "cement_ml")),
        "NaN",
    ),
    "cement that is sucked out": (
        _forged("plan.json", _put(-3, "needles", 0, "cement_ml")),
        "-3 mL",
    ),
    "a needle that clears the screen": (
        _forged("plan.json", _put("left\x1b[2J", "needles", 0, "name")),
        "no needle is called",
    ),
}


@pytest.fixture
def case(rehearsed: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    (tmp_path / "notes.txt").write_bytes(_NOTES)
    return Path(shutil.copytree(rehearsed[0], tmp_path / "kept" / "case"))


def _contents(folder: Path) -> dict[str, str]:
    return {str(path): _sha(path) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", _FORGERIES)
def test_a_forged_case_is_refused_whole(
    name: str,
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    forge, says = _FORGERIES[name]
    forge(case)
    before = _contents(tmp_path)
    for command in ("inject", "fluoro"):
        monkeypatch.setattr(sys, "argv", ["sacroplasty", command, str(case)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert ended.value.code == 2, said.err
        assert says in said.err
        assert said.err.count("\n") == 1
        assert "\x1b" not in said.err
        assert not said.out
    assert _contents(tmp_path) == before
