"""Needles that were placed, verified against the case's plan."""

from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder import CaseFolder, read_planned_case
from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.adapters.report import PlacedCase
from sacroplasty.errors import FrameMismatch
from sacroplasty.findings import Verdict
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import verify_placed
from sacroplasty.provenance import digest, software_digest


def verify_placed_into(
    folder: Path, scan: CTVolume, *, watcher: Watcher | None = None
) -> dict[str, Any]:
    """Verify the needles of a control scan against the case's plan; `placed.json` as a document.

    Raises `CaseConflict` for a folder without a plan, `FrameMismatch` for the planning CT itself or
    another patient's scan, `BadInput` for a scan without a needle.
    """
    case = read_planned_case(folder)
    planned = case.planned
    if scan.acquisition.source_digest == planned.ct.acquisition.source_digest:
        raise FrameMismatch(
            "This scan is the planning CT of the case; give the CT that was made with the needles in."
        )
    key = digest(case.key, scan.acquisition.source_digest, software_digest())

    def work(_: object) -> Any:
        return PlacedCase(case.pseudonym, verify_placed(scan, planned), scan, planned)

    with CaseFolder.opened(folder, watcher) as notes:
        notes.begin(planned.ct, case.pseudonym)
        document: dict[str, Any] = notes.stage("placed", key, work)
    return document


def failed_checks(document: dict[str, Any]) -> list[str]:
    """What failed, in sentences; the first is what a person should read first."""
    return [
        f"{finding['check']}: {finding['says']}"
        for finding in document["findings"]
        if finding["verdict"] == Verdict.FAIL
    ]
