"""Hands adapters to the rooms that ask for them: what both doors (CLI, workbench) call."""

from sacroplasty.compose.benches import (
    bench_anatomy,
    bench_fluoroscopy,
    bench_injection,
    bench_planning,
)
from sacroplasty.compose.cases import (
    examine_into,
    plan_into,
    rehearse_into,
    require_dicom,
    write_segmentation,
)
from sacroplasty.compose.exports import ExportRequest, export_plan
from sacroplasty.compose.fluoroscopy import (
    BeamAsked,
    FluoroRequest,
    Lying,
    PosesAsked,
    Wanted,
    take_pictures,
)
from sacroplasty.compose.injection_requests import InjectionRequest, OddsRequest, StopRequest
from sacroplasty.compose.injections import inject_case, inject_into
from sacroplasty.compose.leak_views import view_leaks_of
from sacroplasty.compose.placed import failed_checks, verify_placed_into
from sacroplasty.compose.requests import (
    PlanRequest,
    RehearsalRequest,
    case_settings,
    needles_asked,
)
from sacroplasty.compose.scans import (
    drawn_needles,
    labelled_vessels,
    patient_of,
    read_scan,
    segmenter_for,
)
from sacroplasty.compose.virtual_patients import (
    PatientDetails,
    drawn_patient,
    require_new_folder,
    virtual_patient,
    write_patient,
)

__all__ = [
    "BeamAsked",
    "ExportRequest",
    "FluoroRequest",
    "InjectionRequest",
    "Lying",
    "OddsRequest",
    "PatientDetails",
    "PlanRequest",
    "PosesAsked",
    "RehearsalRequest",
    "StopRequest",
    "Wanted",
    "bench_anatomy",
    "bench_fluoroscopy",
    "bench_injection",
    "bench_planning",
    "case_settings",
    "drawn_needles",
    "drawn_patient",
    "examine_into",
    "export_plan",
    "failed_checks",
    "inject_case",
    "inject_into",
    "labelled_vessels",
    "needles_asked",
    "patient_of",
    "plan_into",
    "read_scan",
    "rehearse_into",
    "require_dicom",
    "require_new_folder",
    "segmenter_for",
    "take_pictures",
    "verify_placed_into",
    "view_leaks_of",
    "virtual_patient",
    "write_patient",
    "write_segmentation",
]
