"""Whatever is typed and wherever it is printed, the command line answers in one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from sacroplasty import compose
from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.cli import main
from sacroplasty.errors import BadUsage
from sacroplasty.geometry import Frame, Grid
from sacroplasty.imaging import Acquisition, CTVolume

Run = tuple[int, str, str]


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> Run:
    """Exit code, stdout and stderr of one command, in this process."""
    monkeypatch.setattr(sys, "argv", ["sacroplasty", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["rehearse"],
        ["rehearse", "ct"],
        ["rehearse", "ct", "--out", "case", "--sides", "up"],
        ["rehearse", "ct", "--out", "case", "--gauge", "thick"],
        ["rehearse", "ct", "--out", "case", "--volume-ml", "nan"],
        ["rehearse", "ct", "--out", "case", "--volume-ml", "12"],
        ["rehearse", "ct", "--out", "case", "--rate-ml-s", "-1"],
        ["rehearse", "ct", "--out", "case", "--no-such-option"],
        ["rehearse", "x" * 300, "--out", "case"],
        ["phantom", "patient", "--age", "200"],
        ["phantom", "patient", "--fracture", "skull"],
        ["demo", "--seed", "-1"],
        ["inject", "case", "--odds-seed", "1"],
        ["fluoro", "case"],
        ["schema", "no-such-document"],
        ["operate"],
    ],
)
def test_with_json_wrong_usage_is_one_document_and_one_line(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(monkeypatch, capsys, *arguments, "--json")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMAS["error"])
    assert document["error"]["exit_code"] == code == 2
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def _fails_with(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    def read_scan(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(compose, "read_scan", read_scan)


def _met_in_a_kernel() -> SystemError:
    """Ctrl-C as it comes out of compiled code."""
    problem = SystemError("returned a result with an exception set")
    problem.__cause__ = KeyboardInterrupt()
    return problem


@pytest.mark.parametrize(
    ("problem", "code", "word"),
    [
        (OSError(28, "No space left on device", "x.json"), 2, "No space left"),
        (PermissionError(13, "Permission denied", "scan.dcm"), 2, "scan.dcm"),
        (MemoryError(), 2, "memory"),
        (KeyboardInterrupt(), 130, "resume"),
        (_met_in_a_kernel(), 130, "resume"),
        (ZeroDivisionError("bug"), 1, "defect"),
    ],
)
def test_what_the_machine_refuses_is_not_called_a_defect(
    problem: BaseException,
    code: int,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _fails_with(monkeypatch, problem)
    ended, out, err = run(monkeypatch, capsys, "rehearse", "ct", "--out", "case", "--json")
    assert ended == code
    assert word in err
    assert ("defect" in err) == (code == 1)
    jsonschema.validate(json.loads(out), SCHEMAS["error"])


def test_a_defect_shows_its_traceback_only_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _fails_with(monkeypatch, ZeroDivisionError("bug"))
    _, _, err = run(monkeypatch, capsys, "rehearse", "ct", "--out", "case")
    assert "Traceback" not in err
    monkeypatch.setattr(sys, "argv", ["sacroplasty", "rehearse", "ct", "--out", "case", "--debug"])
    with pytest.raises(ZeroDivisionError):
        main()


def test_a_hostile_name_cannot_write_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _fails_with(monkeypatch, OSError(2, "No such file", "scan\x1b[2J\nsacroplasty: all is well"))
    _, _, err = run(monkeypatch, capsys, "rehearse", "ct", "--out", "case")
    assert "\x1b" not in err
    assert err.count("\n") == 1


def _command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from sacroplasty.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_an_ascii_terminal_gets_every_answer(tmp_path: Path) -> None:
    asked = _command(
        "rehearse", str(tmp_path / "Kreuzbein-é漢"), "--out", "case", PYTHONIOENCODING="ascii"
    )
    assert asked.returncode == 2
    assert "Kreuzbein" in asked.stderr
    assert _command("schema", "plan", PYTHONIOENCODING="ascii").returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_or_closed_stdout_is_no_traceback() -> None:
    command = [sys.executable, "-c", "from sacroplasty.cli import main; main()", "schema", "plan"]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert ended.returncode == 2
    assert "No space left" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_machine_without_a_writable_home_can_still_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sacroplasty

    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda *_: False)
    sacroplasty._make_room_for_kernels()
    made = Path(os.environ["NUMBA_CACHE_DIR"])
    assert made.is_dir()
    assert made.stat().st_mode & 0o077 == 0  # nobody else may put compiled code there


@pytest.mark.parametrize(
    "name", ["two\nlines", "\x1b[2J", "bytes \udce9 of no encoding", "x" * 200]
)
def test_a_pseudonym_that_cannot_be_printed_is_refused_before_any_file(
    name: str, tmp_path: Path
) -> None:
    ct = CTVolume(
        np.zeros((3, 3, 3), dtype=np.int16),
        Grid.axis_aligned((3, 3, 3), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), Frame("1.2")),
        Acquisition("0" * 64, "toy"),
    )
    with pytest.raises(BadUsage, match="--pseudonym"):
        compose.patient_of(ct, pseudonym=name)
    assert not any(tmp_path.iterdir())
