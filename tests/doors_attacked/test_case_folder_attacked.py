"""What a case folder must survive: a full disk, a stranger's files, a forged or torn case.json."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sacroplasty.adapters.case_folder import CaseFolder, folder, register, stages
from sacroplasty.errors import AnatomyNotTrusted, CaseConflict
from sacroplasty.geometry import Frame, Grid
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.pathway import Report

SCANNER = Frame("1.2.3")


def _ct() -> CTVolume:
    grid = Grid.axis_aligned((4, 5, 6), (-3.1, 2.7, 11.3), (0.7, 0.7, 3.0), SCANNER)
    return CTVolume(
        np.arange(120, dtype=np.int16).reshape(4, 5, 6), grid, Acquisition("a" * 64, "toy")
    )


@pytest.fixture
def toy_stages(monkeypatch: pytest.MonkeyPatch) -> dict[str, stages.StageFiles]:
    """Stages whose result is one line of text in a file of their own."""

    def codec(name: str) -> stages.StageFiles:
        def write(text: str, root: Path, _ct: Any) -> None:
            (root / f"{name}.txt").write_text(text)

        return stages.StageFiles(write, lambda root, _ct: (root / f"{name}.txt").read_text())

    names = ("anatomy", "plan", "report")
    # A dictionary of its own: taking entries out of the real one and putting them back would change
    # its order, which is the order of the pathway.
    toys = {name: codec(name) for name in names}
    monkeypatch.setattr(folder, "CODECS", toys)
    monkeypatch.setattr(register, "CODECS", toys)
    return toys


def _says(text: str) -> Callable[[Report], str]:
    return lambda _report: text


def _files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def _run(root: Path, version: str, plan: Callable[[Report], str] | None = None) -> None:
    with CaseFolder.opened(root) as case:
        case.begin(_ct(), "anon")
        case.stage("anatomy", "a", _says("sacrum"))
        case.stage("plan", version, plan or _says(f"plan {version}"))
        case.stage("report", version, _says(f"report of plan {version}"))


def test_a_stranger_s_ct_in_the_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ct.nii.gz").write_bytes(b"the only copy")
    with pytest.raises(CaseConflict, match=r"no case\.json"), CaseFolder.opened(tmp_path):
        pass
    assert _files(tmp_path) == {"ct.nii.gz": b"the only copy"}


@pytest.mark.usefixtures("toy_stages")
@pytest.mark.parametrize("left", [".case.json.partial", ".writing/ct.nii.gz"])
def test_a_run_killed_in_its_first_write_resumes(left: str, tmp_path: Path) -> None:
    _run(tmp_path / "whole", "1")
    (tmp_path / "case" / left).parent.mkdir(parents=True)
    (tmp_path / "case" / left).write_text("{ha")
    _run(tmp_path / "case", "1")
    assert _files(tmp_path / "case") == _files(tmp_path / "whole")


def test_a_run_killed_between_the_claim_and_the_ct_resumes(tmp_path: Path) -> None:
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
    whole = _files(tmp_path / "case")
    (tmp_path / "case" / "ct.nii.gz").unlink()
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
    assert _files(tmp_path / "case") == whole


@pytest.mark.usefixtures("toy_stages")
def test_an_old_report_never_stands_beside_a_new_plan(tmp_path: Path) -> None:
    root = tmp_path / "case"
    _run(root, "1")
    with CaseFolder.opened(root) as case:
        case.begin(_ct(), "anon")
        case.stage("anatomy", "a", _says("sacrum"))
        case.stage("plan", "2", _says("plan 2"))  # and then the power goes
    assert (root / "plan.txt").read_text() == "plan 2"
    assert not (root / "report.txt").exists()
    assert list(json.loads((root / "case.json").read_text())["stages"]) == ["anatomy", "plan"]


@pytest.mark.usefixtures("toy_stages")
def test_a_plan_that_is_refused_leaves_the_old_case_whole(tmp_path: Path) -> None:
    _run(tmp_path / "case", "1")
    before = _files(tmp_path / "case")

    def refuses(_report: Report) -> str:
        raise AnatomyNotTrusted("no")

    with pytest.raises(AnatomyNotTrusted):
        _run(tmp_path / "case", "2", refuses)
    assert _files(tmp_path / "case") == before


@pytest.mark.usefixtures("toy_stages")
def test_a_report_changed_by_hand_stops_a_new_plan_before_any_work(tmp_path: Path) -> None:
    root = tmp_path / "case"
    _run(root, "1")
    (root / "report.txt").write_text("with my notes")
    before = _files(root)

    def must_not_work(_report: Report) -> str:
        raise AssertionError

    with pytest.raises(CaseConflict, match=r"report\.txt"):
        _run(root, "2", must_not_work)
    assert _files(root) == before


def test_a_refusal_before_the_first_stage_leaves_no_folder(tmp_path: Path) -> None:
    def refuses(_report: Report) -> Any:
        raise AnatomyNotTrusted("a chest")

    def rehearse() -> None:
        with CaseFolder.opened(tmp_path / "a" / "case") as case:
            case.begin(_ct(), "anon")
            case.stage("anatomy", "a", refuses)

    with pytest.raises(AnatomyNotTrusted):
        rehearse()
    assert not (tmp_path / "a" / "case").exists()


def test_a_full_disk_is_one_sentence_and_keeps_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_stages: dict[str, stages.StageFiles]
) -> None:
    def full(_text: str, root: Path, _ct: Any) -> None:
        (root / "half").write_text("ha")
        raise OSError(28, "No space left on device")

    root = tmp_path / "case"
    plan = toy_stages["plan"]
    monkeypatch.setitem(toy_stages, "plan", stages.StageFiles(full, plan.read))
    with pytest.raises(CaseConflict, match="No space left"):
        _run(root, "1")
    assert set(_files(root)) == {"case.json", "ct.nii.gz", "anatomy.txt"}
    assert not (root / ".writing").exists()
    monkeypatch.setitem(toy_stages, "plan", plan)
    _run(root, "1")
    _run(tmp_path / "other", "1")
    assert _files(root) == _files(tmp_path / "other")


@pytest.mark.usefixtures("toy_stages")
@pytest.mark.parametrize(
    "change",
    [
        lambda case: [],
        lambda case: None,
        lambda case: case | {"schema_version": 2},
        lambda case: case | {"stages": []},
        lambda case: case | {"stages": {"plan": {}}},
        lambda case: case | {"stages": {"plan": {"key": 1, "files": {}, "numbers_used": []}}},
        lambda case: case | {"acquisition": {}},
        lambda case: {k: v for k, v in case.items() if k != "ct_sha256"},
    ],
)
def test_a_forged_case_is_refused_and_left_alone(
    change: Callable[[dict[str, Any]], Any], tmp_path: Path
) -> None:
    root = tmp_path / "case"
    _run(root, "1")
    (root / "case.json").write_text(
        json.dumps(change(json.loads((root / "case.json").read_text())))
    )
    before = _files(root)
    with pytest.raises(CaseConflict, match=r"case\.json"):
        _run(root, "1")
    assert _files(root) == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'"text"'])
def test_a_torn_case_json_is_refused_and_left_alone(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "case.json").write_bytes(content)
    with pytest.raises(CaseConflict, match=r"case\.json"), CaseFolder.opened(tmp_path):
        pass
    assert _files(tmp_path) == {"case.json": content}


def test_a_case_may_lie_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with CaseFolder.opened(tmp_path / "link") as case:
        case.begin(_ct(), "anon")
    assert set(_files(tmp_path / "real")) == {"case.json", "ct.nii.gz"}
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    with (
        pytest.raises(CaseConflict, match="another folder"),
        CaseFolder.opened(tmp_path / "broken"),
    ):
        pass
