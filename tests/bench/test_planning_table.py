"""The page counts every needle that truly crosses something, and every refusal."""

from dataclasses import asdict, replace

from sacroplasty.bench import (
    LandmarkTarget,
    PlannedWay,
    PlanningCase,
    TrueShaft,
    planning_page,
)

CLEAN = TrueShaft((), anterior=False, tip_in_bone=1.0, gap_mm=0.0)
CROSSING = TrueShaft(("canal",), anterior=True, tip_in_bone=0.5, gap_mm=4.0)
TARGETS = (
    LandmarkTarget("left", False, 11.0, 12.0, 13.0),
    LandmarkTarget("right", True, 0.0, 0.0, 0.0),
)


def way(*shafts: TrueShaft, side: str = "left", blocked_by: str | None = None) -> PlannedWay:
    return PlannedWay(
        "short-axis",
        side,
        len(shafts),
        bool(shafts),
        blocked_by,
        shafts,
        0.1 if shafts else None,
        {"canal": 5.0},
        {"canal": 3.5},
    )


CASE = PlanningCase(1, "typical", "none", None, (way(CLEAN, CROSSING),), TARGETS, 2.0)


def _line(page: str, start: str) -> str:
    return next(line for line in page.splitlines() if line.startswith(f"| {start}"))


def test_needles_that_truly_cross_are_counted_and_named() -> None:
    page = planning_page([asdict(CASE)], [], [], [])
    assert "1 of 2 (canal)" in _line(page, "needles offered that cross")
    assert "1 of 2" in _line(page, "… that come out of the front")
    assert "1 of 2" in _line(page, "… whose end")


def test_a_side_without_a_needle_is_counted_and_so_is_one_without_a_reason() -> None:
    nothing = way(side="right", blocked_by="too narrow")
    case = replace(CASE, ways=(way(CLEAN), nothing))
    page = planning_page([asdict(case)], [], [], [])
    assert "1 of 2" in _line(page, "typical")
    assert "1 of 2" in _line(page, "sides without any safe path")
    assert "0 of 1" in _line(page, "approaches refused without a reason")
    silent = replace(case, ways=(way(CLEAN), replace(nothing, blocked_by=None)))
    assert "1 of 1" in _line(planning_page([asdict(silent)], [], [], []), "approaches refused")


def test_the_clearance_that_is_not_truly_there_is_lost() -> None:
    refused = replace(CASE, refused="no joint", ways=())
    page = planning_page([], [asdict(CASE), asdict(refused)], [], [])
    assert "1 were refused" in page
    assert "| +1.5 mm | +1.5 mm | +1.5 mm | 3.5 mm |" in _line(page, "canal")


def test_a_target_outside_bone_counts_and_lends_no_distance_to_the_mean() -> None:
    page = planning_page([asdict(CASE)], [], [], [])
    assert "1 of 2" in _line(page, "target outside sacral bone")
    assert "11.0 ± 0.0 mm" in _line(page, "parallel to the L5–S1 disc")
