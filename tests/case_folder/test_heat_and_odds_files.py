"""Heat and odds come back from disk as they were, and a study that was stopped goes on."""

import json
from dataclasses import asdict
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from sacroplasty.adapters.case_folder.heat_files import read_heat, write_heat
from sacroplasty.adapters.case_folder.odds_files import read_odds, write_odds
from sacroplasty.adapters.case_folder.odds_rows import UNFINISHED, KeptRows
from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.anatomy import Level, Side, Structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.injection import (
    HeatBudget,
    HeatCourse,
    HeatRun,
    LeakOdds,
    MemberLeak,
    MemberRow,
    OddsSettings,
    RootHeat,
    Site,
)
from sacroplasty.leaks import LeakSite

SCANNER = Frame("1.2.3")
GRID = Grid.axis_aligned((3, 4, 5), (-1.5, 2.0, 7.1), (1.0, 1.0, 1.0), SCANNER)


def _heat() -> HeatRun:
    rng = np.random.default_rng(2)
    volumes = [Volume(rng.random(GRID.shape).astype(np.float32), GRID) for _ in range(4)]
    masks = [Volume(rng.random(GRID.shape) > 0.5, GRID) for _ in range(2)]
    time = np.array([0.0, 5.0, 10.0])
    roots = (
        RootHeat(Structure.CANAL, None, None, 37.5, 0.0, 9.0, Points.at((0, 1, 2), SCANNER)),
        RootHeat(
            Structure.FORAMEN_S1_LEFT, Level.S1, Side.LEFT, 44.0, 2.5, 0.0,
            Points.at((3, 4, 5), SCANNER),
        ),
    )  # fmt: skip
    course = HeatCourse(time, 40 + time, 38 + time, time / 20, np.stack([time, 2 * time], axis=1))
    return HeatRun(
        volumes[0], volumes[1], volumes[2], volumes[3], 47.0, masks[0], masks[1], 51.0, None, roots,
        course, 0.1, 0.9, HeatBudget(5.0, 2.0, 1.0, 2.0, 2.0),
        (Finding("heat at S1 left", Verdict.FAIL, "Hot.", "44 °C", "43 °C"),),
    )  # fmt: skip


def _row(member: int) -> MemberRow:
    where = Site(LeakSite.FORAMEN, Level.S1, Side.RIGHT)
    leaks = (MemberLeak(where, 0.1, 2.5, 0, 2.5, True),) if member % 2 else ()
    reached = np.packbits(np.arange(60) % (member + 2) == 0).tobytes()
    return MemberRow(member, (3.0,), (True,), 0.1, 0.5, leaks, {"rate, mL/s": 0.05}, reached)


def _odds() -> LeakOdds:
    rows = tuple(_row(member) for member in range(12))
    return LeakOdds(rows, ("right S1",), (3.0,), OddsSettings(members=12, seed=7), GRID, "study")


def test_a_heat_comes_back_whole(tmp_path: Path) -> None:
    heat = _heat()
    write_heat(heat, tmp_path)
    document = json.loads((tmp_path / "heat" / "heat.json").read_text())
    jsonschema.validate(document, SCHEMAS["heat"])
    at_s1 = document["heat"]["roots"][1]
    assert (at_s1["structure"], at_s1["side"]) == ("foramen_S1_left", "left")
    back = read_heat(tmp_path)
    assert back is not None
    for name in ("peak_c", "cem43_min", "damage", "above_s", "cement", "bone"):
        mine, own = getattr(back, name), getattr(heat, name)
        assert mine.grid == own.grid
        np.testing.assert_array_equal(mine.values, own.values)
    np.testing.assert_array_equal(back.course.roots_c, heat.course.roots_c)
    assert [(r.name, r.side, r.peak_c) for r in back.roots] == [
        ("canal", None, 37.5),
        ("S1 left", Side.LEFT, 44.0),
    ]
    assert back.budget == heat.budget
    assert back.findings == heat.findings
    assert back.interface_mean_peak_c is None


def test_odds_come_back_whole_and_are_stated_with_their_intervals(tmp_path: Path) -> None:
    odds = _odds()
    write_odds(odds, tmp_path)
    document = json.loads((tmp_path / "odds" / "odds.json").read_text())
    jsonschema.validate(document, SCHEMAS["odds"])
    said = document["odds"]["foramen_or_canal"]
    assert said["low"] < said["share"] == 0.5 < said["high"]
    assert document["odds"]["by_site"][0]["side"] == "right"
    back = read_odds(tmp_path)
    assert back is not None
    assert [asdict(row) for row in back.rows] == [asdict(row) for row in odds.rows]
    assert back.settings == odds.settings
    assert back.grid == odds.grid


@pytest.mark.parametrize("stage", ["heat", "odds"])
def test_what_nobody_asked_for_is_null(stage: str, tmp_path: Path) -> None:
    write, read = {"heat": (write_heat, read_heat), "odds": (write_odds, read_odds)}[stage]
    write(None, tmp_path)  # type: ignore[operator]
    document = json.loads((tmp_path / stage / f"{stage}.json").read_text())
    jsonschema.validate(document, SCHEMAS[stage])
    assert document == {stage: None}
    assert read(tmp_path) is None


def test_a_stopped_study_goes_on_with_the_rows_that_were_whole(tmp_path: Path) -> None:
    kept = KeptRows(tmp_path)
    for member in range(3):
        kept.keep("mine", _row(member))
    kept.keep("another", _row(9))
    with (tmp_path / UNFINISHED).open("a") as lines:
        lines.write('{"study": "mine", "member": 3, "peak')  # the machine went off here
    assert [row.member for row in kept.rows("mine")] == [0, 1, 2]
    kept.discard()
    assert not list(kept.rows("mine"))


def test_a_longer_study_begins_with_the_members_of_a_finished_shorter_one(tmp_path: Path) -> None:
    odds = _odds()
    write_odds(odds, tmp_path)
    assert [row.member for row in KeptRows(tmp_path).rows("study")] == list(range(12))


def test_a_row_behind_a_half_written_one_is_kept_and_what_is_no_row_is_passed_over(
    tmp_path: Path,
) -> None:
    kept = KeptRows(tmp_path)
    half = b'{"study": "mine", "member": 3, "peak'
    strange = b'3\n[]\n{"x": 1}\n{"study": "mine"}\n\xff\xfe\x00\n'
    (tmp_path / UNFINISHED).write_bytes(strange + half)
    kept.keep("mine", _row(3))
    assert [row.member for row in kept.rows("mine")] == [3]
