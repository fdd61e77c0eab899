"""`plan.json`, and `plan.mrk.json` for 3D Slicer."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    findings_from,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.case_folder.needle_document import needle_document, needle_from
from sacroplasty.adapters.plan_export.slicer_markups import markups_document
from sacroplasty.anatomy import Level, Side
from sacroplasty.geometry import Frame
from sacroplasty.planning import ApproachOutcome, Margins, TrajectoryPlan


def write_plan(plan: TrajectoryPlan, root: Path) -> None:
    """plan.json and plan.mrk.json."""
    write_json(root / "plan.json", plan_document(plan))
    write_json(root / "plan.mrk.json", markups_document(plan))


def read_plan(root: Path) -> TrajectoryPlan:
    """The plan that `write_plan` wrote."""
    document = read_json(root / "plan.json")
    frame = Frame(document["frame_of_reference_uid"])
    return TrajectoryPlan(
        needles=tuple(needle_from(row, frame) for row in document["needles"]),
        margins=Margins(**document["margins_mm"]),
        findings=findings_from(document["findings"]),
        outcomes=tuple(_outcome_from(row, frame) for row in document["approaches"]),
        seed=document["seed"],
    )


def plan_document(plan: TrajectoryPlan) -> dict[str, Any]:
    """`plan.json`; `side` is the patient's own."""
    return {
        "verdict": plan.verdict.value,
        "frame_of_reference_uid": plan.needles[0].needle.frame.uid,
        "needles": [needle_document(planned) for planned in plan.needles],
        "margins_mm": asdict(plan.margins),
        "findings": findings_document(plan.findings),
        "approaches": [_outcome_document(outcome) for outcome in plan.outcomes],
        "seed": plan.seed,
    }


def _outcome_document(outcome: ApproachOutcome) -> dict[str, Any]:
    return {
        "side": outcome.side.value,
        "approach": outcome.approach,
        "level": outcome.level.value,
        "paths_considered": outcome.considered,
        "paths_safe": outcome.safe,
        "options": [needle_document(planned) for planned in outcome.options],
        "blocked_by": outcome.blocked_by,
    }


def _outcome_from(row: dict[str, Any], frame: Frame) -> ApproachOutcome:
    return ApproachOutcome(
        side=Side(row["side"]),
        approach=row["approach"],
        level=Level(row["level"]),
        considered=row["paths_considered"],
        safe=row["paths_safe"],
        options=tuple(needle_from(option, frame) for option in row["options"]),
        blocked_by=row["blocked_by"],
    )
