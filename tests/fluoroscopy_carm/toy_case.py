"""A case folder of a toy patient: CT, anatomy, and where wanted a plan and an injection on the left."""

from pathlib import Path

import numpy as np
from carm_bench import lopsided_scan, sacrum_at, turned_about

from needle_particulars import GUIDANCE, RISK
from sacroplasty.adapters.case_folder import CaseFolder
from sacroplasty.anatomy import Level, Side
from sacroplasty.cement import CementField
from sacroplasty.findings import Finding, Verdict
from sacroplasty.fluoroscopy import expose, named_view
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.injection import InjectionRun, Timeline
from sacroplasty.leaks import LeakReport
from sacroplasty.pathway import View
from sacroplasty.planning import Margins, Needle, NeedleGauge, PlannedNeedle, TrajectoryPlan
from xray_room import FRAME

SACRUM = sacrum_at(turned_about((1, 0, 0), 35.0), np.array([0.0, -5.0, 30.0]))
CEMENT_AT = np.array([30.0, 0.0, 0.0])
"""On the patient's left."""
END_S = 60.0


def planned(side: Side, name: str) -> PlannedNeedle:
    entry, tip = np.array([36.0 * side.sign, 40.0, -8.0]), CEMENT_AT * [side.sign, 1, 1]
    needle = Needle(Points(entry, FRAME), Points(tip, FRAME), NeedleGauge.of(11))
    return PlannedNeedle(
        name, side, "short-axis", Level.S1, needle, 3.0, {"foramina": 4.0}, 10.0, RISK, GUIDANCE,
        "A toy.",
    )  # fmt: skip


def plan(*sides: Side) -> TrajectoryPlan:
    """Needles on these sides; on both unless told otherwise."""
    needles = tuple(planned(side, f"{side} S1 toy") for side in sides or (Side.LEFT, Side.RIGHT))
    return TrajectoryPlan(needles, Margins(), (Finding("toy", Verdict.PASS, "A toy."),), (), seed=1)


def injection() -> InjectionRun:
    """A ball of cement on the left that reaches 10 mm after a minute."""
    grid = Grid.axis_aligned((30, 30, 30), tuple((CEMENT_AT - 14.5).tolist()), (1.0,) * 3, FRAME)
    kji = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    away = np.linalg.norm(grid.points_at(kji.reshape(-1, 3)).xyz - CEMENT_AT, axis=1)
    away = away.reshape(grid.shape).astype(np.float32)
    arrival = np.where(away < 10, away * np.float32(END_S / 10), np.float32(np.inf))
    cement = CementField(Volume(np.where(away < 10, 0.8, 0.0).astype(np.float32), grid))
    time = np.linspace(0.0, END_S, 13)
    column = np.ones(13)
    return InjectionRun(
        Volume(arrival, grid),
        Volume(np.full(grid.shape, 0.8, np.float32), grid),
        Volume(np.where(away < 10, 100.0, 0.0).astype(np.float32), grid),
        cement,
        Timeline(time, np.zeros(13, np.int64), time, column, column, column),
        LeakReport((), cement.volume_mm3, cement.volume_mm3, cement.volume_mm3, 0.0, {1: 1.0}),
        (cement.volume_mm3,),
        0.0,
        (),
    )


def make_case(
    root: Path,
    *,
    injected: bool = True,
    cement: str = "medium viscosity",
    needles: tuple[Side, ...] = (),
    withdraw_mm_per_ml: float = 0.0,
) -> Path:
    """The folder, as the stages of the pathway leave it; needles: on both sides unless told."""
    ct = lopsided_scan()
    with CaseFolder.opened(root) as case:
        case.begin(ct, "toy-patient")
        case.stage("anatomy", "a", lambda _: SACRUM)
        if injected:
            case.stage("plan", "b", lambda _: plan(*needles))
            case.stage("injection", "c", lambda _: injection())
            before = expose(ct, None, named_view("ap", SACRUM))
            case.stage(
                "fluoroscopy", "d", lambda _: (View(*(before,) * 3, cement, withdraw_mm_per_ml),)
            )
    return root
