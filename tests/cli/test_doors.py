"""The command line answers at once, says one sentence when it must refuse, and keeps its schemas."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from sacroplasty.adapters.schemas import SCHEMAS, schema_text
from sacroplasty.cli import main
from sacroplasty.errors import BadUsage


def run_cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command, in this process."""
    monkeypatch.setattr(sys, "argv", ["sacroplasty", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_help_needs_no_heavy_import() -> None:
    heavy = {"numpy", "numba", "scipy", "SimpleITK", "pydicom", "matplotlib", "polars"}
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, sacroplasty.cli; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert not heavy & set(loaded)


@pytest.mark.parametrize("command", ["rehearse", "demo", "phantom", "schema", "doctor"])
def test_every_command_has_help_with_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run_cli(monkeypatch, capsys, command, "--help")
    assert code == 0
    assert "Example: sacroplasty" in out


def test_the_first_help_says_that_it_is_no_device(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run_cli(monkeypatch, capsys, "--help")
    assert "not a medical device" in " ".join(out.split())


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_a_valid_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))


def test_an_unknown_schema_lists_the_known_ones() -> None:
    with pytest.raises(BadUsage, match="plan, pose, rehearse"):
        schema_text("nothing")


def test_doctor_keeps_its_schema(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run_cli(monkeypatch, capsys, "doctor", "--json")
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, SCHEMAS["doctor"])
    assert all(document["libraries"].values())


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["rehearse", "no-such-place", "--out", "case"], 2, "no-such-place"),
        (["rehearse", ".", "--out", "case"], 2, "DICOM"),
        (["rehearse", ".", "--out", "case", "--cement", "glue"], 2, "glue"),
        (["rehearse", ".", "--out", "case", "--gauge", "7"], 2, "7 G"),
        (["rehearse", ".", "--out", "case", "--volume-ml", "80"], 2, "80"),
        (["rehearse", ".", "--out", "case", "--rate-ml-s", "0"], 2, "mL/s"),
        (["rehearse", ".", "--out", "case", "--label-map", "1=sacrum"], 2, "--labels"),
        (["rehearse", ".", "--out", "case", "--labels", "absent.nii.gz"], 2, "absent.nii.gz"),
        (["schema", "nothing"], 2, "nothing"),
        (["operate"], 2, "operate"),
    ],
)
def test_bad_usage_is_one_sentence_and_leaves_nothing(
    arguments: list[str],
    code: int,
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear colleague")
    ended, out, err = run_cli(monkeypatch, capsys, *arguments)
    assert ended == code
    assert word in err
    assert "Traceback" not in err
    assert not out
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_with_json_a_refusal_is_a_document_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = run_cli(monkeypatch, capsys, "rehearse", ".", "--out", "case", "--json")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMAS["error"])
    assert document["error"]["exit_code"] == code == 2


@pytest.mark.parametrize(
    ("room", "option"),
    [
        ("anatomy", "--scans"),
        ("injection", "--data"),
        ("planning", "--peers"),
        ("fluoroscopy", "--patients"),
    ],
)
def test_a_bench_option_of_another_room_is_not_ignored(
    room: str,
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run_cli(monkeypatch, capsys, "bench", room, option, "3")
    assert code == 2
    assert f"{option} is for" in err
    assert not out
    assert not list(tmp_path.iterdir())
