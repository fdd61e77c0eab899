"""`plan.json`, and `plan.mrk.json` for 3D Slicer."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    findings_from,
    point_document,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.plan_export.slicer_markups import markups_document
from sacroplasty.anatomy import Level, Side
from sacroplasty.geometry import Frame, Points
from sacroplasty.planning import Margins, Needle, NeedleGauge, PlannedNeedle, TrajectoryPlan


def write_plan(plan: TrajectoryPlan, root: Path) -> None:
    """plan.json and plan.mrk.json."""
    write_json(root / "plan.json", plan_document(plan))
    write_json(root / "plan.mrk.json", markups_document(plan))


def read_plan(root: Path) -> TrajectoryPlan:
    """The plan that `write_plan` wrote."""
    document = read_json(root / "plan.json")
    frame = Frame(document["frame_of_reference_uid"])
    return TrajectoryPlan(
        needles=tuple(_needle_from(row, frame) for row in document["needles"]),
        margins=Margins(**document["margins_mm"]),
        findings=findings_from(document["findings"]),
    )


def plan_document(plan: TrajectoryPlan) -> dict[str, Any]:
    """`plan.json`; `side` is the patient's own."""
    return {
        "verdict": plan.verdict.value,
        "frame_of_reference_uid": plan.needles[0].needle.frame.uid,
        "needles": [_needle_document(planned) for planned in plan.needles],
        "margins_mm": asdict(plan.margins),
        "findings": findings_document(plan.findings),
    }


def _needle_document(planned: PlannedNeedle) -> dict[str, Any]:
    gauge = planned.needle.gauge
    return {
        "name": planned.name,
        "side": planned.side.value,
        "approach": planned.approach,
        "level": planned.level.value,
        "entry_lps_mm": point_document(planned.needle.entry),
        "target_lps_mm": point_document(planned.needle.tip),
        "gauge": gauge.gauge,
        "outer_diameter_mm": gauge.outer_diameter_mm,
        "inner_diameter_mm": gauge.inner_diameter_mm,
        "length_mm": planned.needle.length_mm,
        "bone_entry_depth_mm": planned.bone_entry_depth_mm,
        "cement_ml": planned.cement_ml,
        "clearance_mm": dict(planned.clearance_mm),
        "reason": planned.reason,
    }


def _needle_from(row: dict[str, Any], frame: Frame) -> PlannedNeedle:
    return PlannedNeedle(
        name=row["name"],
        side=Side(row["side"]),
        approach=row["approach"],
        level=Level(row["level"]),
        needle=Needle(
            entry=Points.at(row["entry_lps_mm"], frame),
            tip=Points.at(row["target_lps_mm"], frame),
            gauge=NeedleGauge(row["gauge"], row["outer_diameter_mm"], row["inner_diameter_mm"]),
        ),
        cement_ml=row["cement_ml"],
        clearance_mm=row["clearance_mm"],
        bone_entry_depth_mm=row["bone_entry_depth_mm"],
        reason=row["reason"],
    )
