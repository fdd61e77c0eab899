"""One patient's case folder: examined, planned or rehearsed into it."""

from pathlib import Path

from sacroplasty.adapters.case_folder import CaseFolder
from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.adapters.label_export import write_dicom_segmentation
from sacroplasty.anatomy import Segmenter
from sacroplasty.errors import BadUsage
from sacroplasty.imaging import CTVolume
from sacroplasty.pathway import (
    CaseReport,
    CaseSettings,
    Examination,
    NeedlesAsked,
    Patient,
    Tools,
    examine,
    plan_needles,
    rehearse,
)
from sacroplasty.planning import TrajectoryPlan
from sacroplasty.provenance import digest


def rehearse_into(
    patient: Patient,
    segmenter: Segmenter,
    settings: CaseSettings,
    folder: Path,
    *,
    watcher: Watcher | None = None,
) -> tuple[CaseReport, CaseFolder]:
    """Rehearse into a case folder, resuming what is there, and write its report."""
    with CaseFolder.opened(folder, watcher) as case:
        report = rehearse(patient, settings, tools=Tools(segmenter), notes=case)
        key = digest(report.provenance, case.stage_keys())
        case.stage("report", key, lambda _: report)
    return report, case


def examine_into(
    patient: Patient, segmenter: Segmenter, folder: Path, *, watcher: Watcher | None = None
) -> tuple[Examination, CaseFolder]:
    """Find and measure the sacrum into a case folder; a rehearsal there goes on from it."""
    with CaseFolder.opened(folder, watcher) as case:
        return examine(patient, tools=Tools(segmenter), notes=case), case


def plan_into(
    patient: Patient,
    segmenter: Segmenter,
    needles: NeedlesAsked,
    folder: Path,
    *,
    watcher: Watcher | None = None,
) -> tuple[TrajectoryPlan, CaseFolder]:
    """Find needles, or measure the operator's own, into a case folder; a rehearsal goes on from it."""
    with CaseFolder.opened(folder, watcher) as case:
        _, plan = plan_needles(patient, needles, tools=Tools(segmenter), notes=case)
        return plan, case


def require_dicom(ct: CTVolume) -> None:
    """Raises `BadUsage` where a DICOM SEG is wanted of a CT that names no DICOM series."""
    if not ct.acquisition.series_uid:
        raise BadUsage(
            "--dicom-seg lays the labels on the slices of a DICOM series, and this CT is a "
            "volume file; give the DICOM folder, or use anatomy/labels.seg.nrrd of the case."
        )


def write_segmentation(seen: Examination, source: Path, path: Path) -> None:
    """The labels as DICOM SEG on the series in `source`; raises `BadInput` where that is no DICOM."""
    write_dicom_segmentation(seen.sacrum.labels, seen.ct, source, path)
