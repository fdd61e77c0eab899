"""TotalSegmentator as an engine: our side of the pipe, against a small program that writes its layout.

No weights are here and none are downloaded, so its network itself has never run in these tests.
"""

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from label_formats import Labels, stand_in, write_masks

from sacroplasty import compose
from sacroplasty.adapters.totalsegmentator import totalsegmentator
from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadUsage, EngineMissing
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import Acquisition, CTVolume

GRID = Grid.axis_aligned((12, 10, 30), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), Frame("1.2.3"))


def blocks() -> Labels:
    values = np.zeros(GRID.shape, dtype=np.uint8)
    values[:, :, 10:20] = Structure.SACRUM
    values[:, :, 20:] = Structure.ILIUM_LEFT
    values[:, :, :10] = Structure.ILIUM_RIGHT
    return Volume(values, GRID)


def scan() -> CTVolume:
    noise = np.random.default_rng(1).integers(300, 900, GRID.shape)
    return CTVolume(noise.astype(np.int16), GRID, Acquisition("0", "toy"))


@pytest.fixture
def program(tmp_path: Path) -> tuple[str, Path]:
    (tmp_path / "made").mkdir()
    write_masks(blocks(), tmp_path / "made")
    path, weights = stand_in(tmp_path, tmp_path / "made")
    return os.fspath(path), weights


def test_its_masks_come_back_through_the_same_import(program: tuple[str, Path]) -> None:
    said: list[str] = []
    segmenter = totalsegmentator(program[1], program=program[0], tell=said.append)
    masks = segmenter.segment(scan())
    assert (masks.labels.values == blocks().values).all()
    assert masks.engine == segmenter.name
    assert segmenter.name.startswith("TotalSegmentator 2.4.0, 1.5 mm, weights ")
    assert said == ["Predicting part 2 of 5 ..."]


def test_other_weights_are_another_engine(program: tuple[str, Path]) -> None:
    first = totalsegmentator(program[1], program=program[0]).name
    (program[1] / "Dataset292_x" / "fold_0" / "checkpoint_final.pth").write_bytes(b"x")
    assert totalsegmentator(program[1], program=program[0]).name != first


def test_without_the_program_its_weights_or_version_2_it_is_missing(
    program: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOTALSEG_WEIGHTS_PATH", raising=False)
    with pytest.raises(EngineMissing, match="no program TotalSegmentator"):
        totalsegmentator(program[1], program="no-such-program")
    with pytest.raises(EngineMissing, match=r"give --weights.*Nothing is downloaded"):
        totalsegmentator(program=program[0])
    with pytest.raises(EngineMissing, match=r"cannot be read.*No such file"):
        totalsegmentator(tmp_path / "nowhere", program=program[0])
    with pytest.raises(EngineMissing, match=r"lacks Dataset297_….*Nothing is downloaded"):
        totalsegmentator(program[1], program=program[0], fast=True)
    monkeypatch.setenv("TOTALSEG_WEIGHTS_PATH", str(program[1]))
    assert totalsegmentator(program=program[0]).name
    text = Path(program[0]).read_text()
    Path(program[0]).write_text(text.replace("2.4.0", "1.5.7"))
    with pytest.raises(EngineMissing, match=r"2 is needed .* is 1\.5\.7"):
        totalsegmentator(program=program[0])
    assert EngineMissing.exit_code == 4


@pytest.mark.parametrize(
    ("then", "says"),
    [
        ("print('ConnectionError: port 9'); raise SystemExit(3)", r"exit code 3.*port 9"),
        ("raise SystemExit(0)", "without a mask of the sacrum"),
    ],
)
def test_a_run_that_fails_says_what_it_said(then: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    path, weights = stand_in(tmp_path, tmp_path / "made", then)
    with pytest.raises(EngineMissing, match=says):
        totalsegmentator(weights, program=os.fspath(path)).segment(scan())


def test_an_interrupt_ends_the_program_and_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    then = (
        "import subprocess, time; "
        f"child = subprocess.Popen(['sleep', '60']); open({str(mark)!r}, 'w').write(str(child.pid)); "
        "print('started', flush=True); time.sleep(60)"
    )
    path, weights = stand_in(tmp_path, tmp_path, then)

    def interrupt(line: str) -> None:
        if line == "started":
            threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    # A shell's background job is born deaf to interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            totalsegmentator(weights, program=os.fspath(path), tell=interrupt).segment(scan())
    finally:
        signal.signal(signal.SIGINT, before)
    assert _gone(int(mark.read_text()))


def test_options_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="one of the two"):
        compose.segmenter_for(tmp_path, None, engine="built-in")
    with pytest.raises(BadUsage, match="--weights are TotalSegmentator's"):
        compose.segmenter_for(None, None, weights=tmp_path)
    with pytest.raises(BadUsage, match="no engine 'nnunet'"):
        compose.segmenter_for(None, None, engine="nnunet")
    assert compose.segmenter_for(None, None, engine="built-in").name.startswith("built-in")


def _gone(pid: int) -> bool:
    """Whether a process has ended (or waits to be reaped)."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
