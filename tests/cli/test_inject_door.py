"""`inject`: one sentence for what cannot be done, one document for what was, nothing done twice."""

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from test_doors import run_cli

from sacroplasty.adapters.schemas import SCHEMAS

Rehearsed = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def planned_case(rehearsed: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that is planned and injected already, to be injected into anew."""
    case = tmp_path_factory.mktemp("inject") / "case"
    shutil.copytree(rehearsed[0], case)
    return case


def _document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> dict[str, Any]:
    code, out, err = run_cli(monkeypatch, capsys, "inject", *arguments, "--json")
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    jsonschema.validate(document, SCHEMAS["inject"])
    return document


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--rate-ml-s", "-1"], "-1.0 mL/s"),
        (["--rate-ml-s", "nan"], "nan"),
        (["--volume-ml", "80"], "80"),
        (["--volume-ml", "-2"], "-2"),
        (["--needle-ml", "left S1=80"], "80"),
        (["--needle-ml", "left S1"], "NAME=mL"),
        (["--needle-ml", "left S1=2", "--needle-ml", "left S1=3"], "two volumes"),
        (["--waited-s", "5000"], "has set"),
        (["--room-c", "90"], "90 °C"),
        (["--cement", "glue"], "'low viscosity', 'medium viscosity'"),
        (["--drive", "screw"], "'rate', 'pressure'"),
        (["--drive", "pressure", "--rate-ml-s", "0.05"], "leave the rate out"),
        (["--stop", "never", "--stop-pause-s", "60"], "stops nothing"),
        (["--stop-gap-mm", "-1"], "-1.0 mm"),
        (["--stop-when-visible", "ap,judet"], "'judet'"),
        (["--stop-when-visible", ""], "no view ''"),
        (["--grid-mm", "0.01"], "0.01 mm"),
        (["--withdraw", "99"], "99"),
        (["--max-mpa", "0"], "0"),
        (["--members", "-3"], "--members"),
        (["--limit", "0.05"], "members"),
        (["--odds-seed", "7"], "--members"),
        (["--members", "5", "--limit", "1.5"], "1.5"),
        (["--workers", "0"], "--workers"),
        ([], "holds no case.json"),
    ],
)
def test_what_cannot_be_injected_is_one_sentence_before_any_work(
    arguments: list[str],
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    out_option = ["--out", "case"] if arguments else []
    code, out, err = run_cli(monkeypatch, capsys, "inject", "scan", *out_option, *arguments)
    assert code == 2
    assert word in err
    assert err.count("\n") == 1
    assert not out
    assert not list(tmp_path.iterdir())


def test_its_help_has_an_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run_cli(monkeypatch, capsys, "inject", "--help")
    assert code == 0
    assert "Example: sacroplasty inject" in out


def test_a_rehearsed_case_is_not_injected_twice(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same cement and settings through the same plan: the rehearsal's own stages are found."""
    document = _document(monkeypatch, capsys, str(rehearsed[0]))
    assert [stage["name"] for stage in document["stages"]] == [
        "visibility", "injection", "heat", "odds", "injection_page",
    ]  # fmt: skip
    assert all(stage["resumed"] for stage in document["stages"])
    assert document["leaks"] == rehearsed[1]["leaks"]
    assert document["heat"] is None
    assert document["odds"] is None
    assert Path(document["growth"]).stat().st_size < 3_000_000


def test_another_volume_is_injected_through_the_needles_that_are_there(
    planned_case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = json.loads((planned_case / "plan.json").read_text())
    first, second = (needle["name"] for needle in plan["needles"])
    wanted = [
        str(planned_case), "--volume-ml", "1", "--needle-ml", f"{second}=0.6", "--grid-mm", "1.5",
        "--members", "2", "--workers", "1",
    ]  # fmt: skip
    document = _document(monkeypatch, capsys, *wanted)
    needles = document["injection"]["needles"]
    assert [n["name"] for n in needles] == [first, second]
    assert [n["injected_ml"] for n in needles] == pytest.approx([1.0, 0.6], rel=1e-3)
    assert [n["side"] for n in needles] == [n["side"] for n in plan["needles"]]
    assert document["odds"]["members"] == 2
    assert json.loads((planned_case / "plan.json").read_text()) == plan
    again = _document(monkeypatch, capsys, *wanted)
    assert all(stage["resumed"] for stage in again["stages"])
    assert again["odds"] == document["odds"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--approach", "long-axis"], "--approach"),
        (["--labels", "labels.nii.gz"], "--labels"),
        (["--out", "elsewhere"], "a case already"),
        (["--needle-ml", "third=1"], "no needle 'third'"),
    ],
)
def test_a_case_keeps_its_own_plan(
    arguments: list[str],
    word: str,
    rehearsed: Rehearsed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = run_cli(monkeypatch, capsys, "inject", str(rehearsed[0]), *arguments)
    assert code == 2
    assert word in err
    assert not out


def test_a_case_without_a_plan_is_refused(
    rehearsed: Rehearsed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = json.loads((rehearsed[0] / "case.json").read_text())
    case["stages"] = {"anatomy": case["stages"]["anatomy"]}
    (tmp_path / "case.json").write_text(json.dumps(case))
    code, _, err = run_cli(monkeypatch, capsys, "inject", str(tmp_path))
    assert code == 2
    assert "no plan yet" in err


@pytest.mark.parametrize("name", ["plan.json", "anatomy/density.json", "fracture/fracture.json"])
def test_a_case_that_was_changed_by_hand_is_not_injected(
    name: str,
    rehearsed: Rehearsed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the injection reads of plan and examination is what was recorded."""
    case = tmp_path / "case"
    shutil.copytree(rehearsed[0], case)
    with (case / name).open("a") as file:
        file.write(" ")
    code, out, err = run_cli(monkeypatch, capsys, "inject", str(case))
    assert (code, out) == (2, "")
    assert name in err
    assert "was changed since" in err


def test_a_needle_that_ends_outside_bone_is_refused(
    planned_case: Path,
    virtual_patient: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The operator's own needle, a third of the way to a target that was fine."""
    needle = json.loads((planned_case / "plan.json").read_text())["needles"][0]
    entry, target = np.array(needle["entry_lps_mm"]), np.array(needle["target_lps_mm"])
    drawn = [",".join(f"{v:.2f}" for v in p) for p in (entry, entry + (target - entry) / 3)]
    scan, case = str(virtual_patient / "dicom"), str(planned_case)
    code, _, err = run_cli(
        monkeypatch,
        capsys,
        "inject",
        scan,
        "--out",
        case,
        "--entry",
        drawn[0],
        "--target",
        drawn[1],
    )
    assert code == 2
    assert "bone" in err.splitlines()[-1]
