"""A study that is stopped goes on; rows of other code are not believed."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from sacroplasty.bench import measured_rows

MEASURED: list[int] = []


@dataclass(frozen=True)
class _Square:
    seed: int
    square: int


def _measure(seed: int) -> _Square:
    MEASURED.append(seed)
    if seed == 13:
        raise KeyboardInterrupt
    return _Square(seed, seed * seed)


@pytest.fixture(autouse=True)
def _forget() -> None:
    MEASURED.clear()


def _rows(seeds: list[int], kept: Path) -> list[dict[str, int]]:
    return measured_rows(_measure, seeds, kept, workers=1, progress=lambda _fraction: None)


def test_a_stopped_study_goes_on_where_it_was(tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    with pytest.raises(KeyboardInterrupt):
        _rows([1, 2, 13, 4], kept)
    kept.write_text(kept.read_text() + '{"what": "sac')  # killed while writing
    MEASURED.clear()
    assert _rows([4, 2, 1], kept) == [
        {"seed": 4, "square": 16},
        {"seed": 2, "square": 4},
        {"seed": 1, "square": 1},
    ]
    assert MEASURED == [4]


def test_rows_of_other_code_are_measured_anew(tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    _rows([3], kept)
    entry = json.loads(kept.read_text())
    kept.write_text(json.dumps(entry | {"code": "0" * 64}) + "\n")
    MEASURED.clear()
    _rows([3], kept)
    assert MEASURED == [3]


def test_two_processes_give_the_rows_of_one(tmp_path: Path) -> None:
    seeds = [5, 3, 4]
    one = _rows(seeds, tmp_path / "one.jsonl")
    two = measured_rows(
        _measure, seeds, tmp_path / "two.jsonl", workers=2, progress=lambda _fraction: None
    )
    assert one == two
