"""`placed.json` and `placed.html`: the needles of a control scan against the plan."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    point_document,
    rigid_document,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.report import PlacedCase, write_placed_page
from sacroplasty.planning import PlacedNeedle


def write_placed(case: PlacedCase, root: Path) -> None:
    """The document, and the page with the pictures."""
    write_json(root / "placed.json", placed_document(case))
    write_placed_page(case, root / "placed.html")


def read_placed(root: Path) -> dict[str, Any]:
    """The document that `write_placed` wrote: nothing downstream computes with it."""
    return read_json(root / "placed.json")


def placed_document(case: PlacedCase) -> dict[str, Any]:
    """`placed.json`; points in the frame of the planning CT, `side` is the patient's own."""
    report = case.report
    return {
        "verdict": report.verdict.value,
        "frame_of_reference_uid": report.frame.uid,
        "scan_digest": case.scan.acquisition.source_digest,
        "registration": {
            "planning_from_scan": rigid_document(report.laid.planning_from_scan),
            "similarity": report.laid.similarity,
            "residual_mm": report.laid.residual_mm,
            "shift_mm": report.laid.shift_mm,
        },
        "needles": [_needle_document(placed) for placed in report.needles],
        "missing": [planned.name for planned in report.missing],
        "other_metal": list(report.other_metal),
        "findings": findings_document(report.findings),
    }


def _needle_document(placed: PlacedNeedle) -> dict[str, Any]:
    return {
        "name": placed.planned.name if placed.planned else None,
        "number": placed.number,
        "side": placed.side.value,
        "entry_lps_mm": point_document(placed.needle.entry),
        "tip_lps_mm": point_document(placed.found.tip),
        "seen_length_mm": placed.found.length_mm,
        "deviation": asdict(placed.deviation) if placed.deviation else None,
        "clearance_mm": dict(placed.clearance_mm),
        "planned_clearance_mm": dict(placed.planned.clearance_mm) if placed.planned else {},
        "absent": dict(placed.absent),
    }
