"""A case resumes after any interruption, never mixes two scans, and never overwrites a person's work."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from needle_particulars import GUIDANCE, RISK
from sacroplasty.adapters.case_folder import CaseFolder
from sacroplasty.adapters.case_folder.stages import CODECS
from sacroplasty.anatomy import Level, Side
from sacroplasty.errors import CaseConflict
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Grid, Points
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.pathway import Report
from sacroplasty.planning import (
    ApproachOutcome,
    Margins,
    Needle,
    NeedleGauge,
    PlannedNeedle,
    TrajectoryPlan,
)

SCANNER = Frame("1.2.3")


def _ct(digest: str = "a" * 64) -> CTVolume:
    grid = Grid.axis_aligned((4, 5, 6), (-3.1, 2.7, 11.3), (0.7, 0.7, 3.0), SCANNER)
    return CTVolume(
        np.arange(120, dtype=np.int16).reshape(4, 5, 6), grid, Acquisition(digest, "toy")
    )


def _plan(tip_x: float = 30.1) -> TrajectoryPlan:
    needle = Needle(
        Points.at([31.0, 95.5, 10.0], SCANNER),
        Points.at([tip_x, 20.0, 1 / 3], SCANNER),
        NeedleGauge.of(11),
    )
    planned = PlannedNeedle(
        name="left S1",
        side=Side.LEFT,
        approach="short-axis",
        level=Level.S1,
        needle=needle,
        cement_ml=3.0,
        clearance_mm={"canal": 12.3},
        bone_entry_depth_mm=40.2,
        risk=RISK,
        guidance=GUIDANCE,
        reason="why",
    )
    outcome = ApproachOutcome(Side.LEFT, "short-axis", Level.S1, 900, 3, (planned,), None)
    blocked = ApproachOutcome(Side.LEFT, "transiliac", Level.S1, 800, 0, (), "the disc is near")
    found = (Finding("canal", Verdict.PASS, "clear", "12.3 mm", "3 mm"),)
    return TrajectoryPlan((planned,), Margins(), found, (outcome, blocked), 7)


def _work(calls: list[str], plan: TrajectoryPlan) -> Callable[[Report], TrajectoryPlan]:
    def work(report: Report) -> TrajectoryPlan:
        report(1.0)
        calls.append("worked")
        return plan

    return work


def _bytes(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_a_stage_is_done_once_and_then_read_back_exactly(tmp_path: Path) -> None:
    calls: list[str] = []
    for _ in range(2):
        with CaseFolder.opened(tmp_path / "case") as case:
            case.begin(_ct(), "anon")
            plan = case.stage("plan", "k" * 64, _work(calls, _plan()))
            assert plan.needles[0].needle.tip == _plan().needles[0].needle.tip
            assert plan.needles[0].side is Side.LEFT
            assert plan.findings == _plan().findings
    assert calls == ["worked"]
    assert [record.resumed for record in case.records] == [True]


def test_the_same_case_twice_is_the_same_to_the_byte(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with CaseFolder.opened(tmp_path / name) as case:
            case.begin(_ct(), "anon")
            case.stage("plan", "k" * 64, _work([], _plan()))
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_a_changed_key_does_the_stage_again(tmp_path: Path) -> None:
    calls: list[str] = []
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
        case.stage("plan", "k" * 64, _work(calls, _plan()))
        moved = case.stage("plan", "m" * 64, _work(calls, _plan(tip_x=29.0)))
    assert calls == ["worked", "worked"]
    assert moved.needles[0].needle.tip.single[0] == 29.0


def test_a_run_killed_inside_a_stage_leaves_a_folder_that_resumes(tmp_path: Path) -> None:
    def killed(_report: Report) -> TrajectoryPlan:
        raise KeyboardInterrupt

    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
        with pytest.raises(KeyboardInterrupt):
            case.stage("plan", "k" * 64, killed)
    assert not (tmp_path / "case" / "plan.json").exists()
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
        assert case.stage("plan", "k" * 64, _work([], _plan())).needles


def test_files_that_were_renamed_but_not_recorded_are_replaced(tmp_path: Path) -> None:
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
        (tmp_path / "case" / "plan.json").write_text("{half a docu")
        case.stage("plan", "k" * 64, _work([], _plan()))
    assert json.loads((tmp_path / "case" / "plan.json").read_text())["needles"]


def test_a_file_changed_by_hand_is_named_and_kept(tmp_path: Path) -> None:
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
        case.stage("plan", "k" * 64, _work([], _plan()))
        (tmp_path / "case" / "plan.json").write_text("my own plan")
        for key in ("k" * 64, "m" * 64):
            with pytest.raises(CaseConflict, match=r"plan\.json"):
                case.stage("plan", key, _work([], _plan()))
    assert (tmp_path / "case" / "plan.json").read_text() == "my own plan"


def test_the_case_of_another_scan_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
    before = _bytes(tmp_path / "case")
    with (
        CaseFolder.opened(tmp_path / "case") as case,
        pytest.raises(CaseConflict, match="another scan"),
    ):
        case.begin(_ct("b" * 64), "anon")
    assert _bytes(tmp_path / "case") == before


def test_a_folder_of_something_else_is_never_written_into(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"sun")
    with pytest.raises(CaseConflict, match=r"no case\.json"), CaseFolder.opened(tmp_path):
        pass
    assert _bytes(tmp_path) == {"holiday.jpg": b"sun"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "case").write_text("x")
    with pytest.raises(CaseConflict, match="is a file"), CaseFolder.opened(tmp_path / "case"):
        pass


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        target = Path("/proc/case")  # not writable, not even for root
    else:
        tmp_path.chmod(0o500)
        target = tmp_path / "case"
    with pytest.raises(CaseConflict, match="another folder"), CaseFolder.opened(target):
        pass


def test_two_runs_cannot_write_one_case(tmp_path: Path) -> None:
    with (
        CaseFolder.opened(tmp_path / "case"),
        pytest.raises(CaseConflict, match="Another run"),
        CaseFolder.opened(tmp_path / "case"),
    ):
        pass


def test_no_document_of_a_case_holds_a_clock(tmp_path: Path) -> None:
    with CaseFolder.opened(tmp_path / "case") as case:
        case.begin(_ct(), "anon")
        case.stage("plan", "k" * 64, _work([], _plan()))
    for path in (tmp_path / "case").glob("*.json"):
        assert not {"seconds", "created", "date", "time"} & set(json.loads(path.read_text()))


def test_the_page_of_a_plan_comes_right_after_it() -> None:
    """A plan that changes takes its own page and all that follows with it.

    Which view shows which leak rests on the plan and on no injection, so it stands before that.
    """
    order = list(CODECS)
    after = order[order.index("plan") :]
    assert after[:4] == ["plan", "plan_page", "visibility", "injection"]
