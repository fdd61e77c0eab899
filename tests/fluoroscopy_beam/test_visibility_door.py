"""`sacroplasty fluoro --visibility`: worked out once, kept, and told as the table says."""

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from box_patient import toy_ct, toy_needle, toy_plan, toy_sacrum
from sacroplasty.adapters.case_folder import CaseFolder
from sacroplasty.adapters.case_folder.visibility_files import read_visibility
from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.anatomy import Side
from sacroplasty.cement import recipe
from sacroplasty.cli import main
from sacroplasty.pathway import view_leaks
from sacroplasty.planning import Planned

CEMENT = "medium viscosity"
WRITTEN = Path("fluoroscopy") / "visibility.json"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planned case of the patient of boxes."""
    root, sacrum = tmp_path_factory.mktemp("visibility") / "case", toy_sacrum()
    with CaseFolder.opened(root) as notes:
        notes.begin(toy_ct(sacrum, 200, 700), "toy-patient")
        notes.stage("anatomy", "a", lambda _: sacrum)
        notes.stage("plan", "b", lambda _: toy_plan(*(toy_needle(side) for side in Side)))
    return root


def told(
    patch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str], *arguments: str | Path
) -> tuple[int, str, str]:
    patch.setattr(sys, "argv", ["sacroplasty", "fluoro", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    read = said.readouterr()
    return int(ended.value.code or 0), read.out, read.err


def test_the_table_is_worked_out_once_written_and_read_back(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (case, "--visibility", "--cement", CEMENT)
    code, out, err = told(monkeypatch, capsys, *asked, "--json")
    assert code == 0, err
    document = json.loads(out)
    jsonschema.validate(document, SCHEMAS["visibility"])
    assert json.loads((case / WRITTEN).read_text()) == document
    sacrum = toy_sacrum()
    plan = toy_plan(*(toy_needle(side) for side in Side))
    directly = view_leaks(Planned(toy_ct(sacrum, 200, 700), sacrum, plan), recipe(CEMENT))
    assert read_visibility(case) == directly
    (foramen,) = (p for p in document["places"] if p["place"] == "foramen S1 left")
    assert (foramen["side"], foramen["level"]) == ("left", "S1")
    # The boxes' axes are those of the scanner: along their S1–S2 axis no C-arm can look.
    assert [one["view"] for one in document["not_taken"]] == ["inlet"]
    assert "±80°" in document["not_taken"][0]["why"]
    told_apart = {view["view"]: view["told_apart_share"] for view in foramen["views"]}
    assert told_apart["ap"] > 0.95
    assert told_apart["lateral"] < 0.05
    written = (case / WRITTEN).stat().st_mtime_ns
    code, out, _ = told(monkeypatch, capsys, *asked)
    assert (code, (case / WRITTEN).stat().st_mtime_ns) == (0, written)
    assert " and ".join(document["recommended_pair"]["views"]) in out
    (line,) = (line for line in out.splitlines() if line.startswith("foramen S1 left"))
    assert line.count("seen (") >= 1
    assert "hidden" in line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cement", CEMENT, "--view", "ap", "--gif"], "leave --view, --gif out"),
        (["--cement", CEMENT, "--kvp", "80"], "leave --kvp out"),
        ([], "does not say its cement"),
        (["--cement", "glue"], "glue"),
    ],
)
def test_what_visibility_cannot_do_is_one_sentence(
    case: Path,
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = told(monkeypatch, capsys, case, "--visibility", *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
