"""The case folder: everything about one rehearsal, readable by a person and resumable by a tool."""

from sacroplasty.adapters.case_folder.case_summaries import (
    anatomy_summary,
    plan_summary,
    rehearsal_summary,
)
from sacroplasty.adapters.case_folder.files import move_tree
from sacroplasty.adapters.case_folder.folder import CaseFolder, StageRecord
from sacroplasty.adapters.case_folder.imaged_case import ImagedCase, read_imaged_case
from sacroplasty.adapters.case_folder.injection_summary import injection_document
from sacroplasty.adapters.case_folder.planned_case import PlannedCase, read_planned_case
from sacroplasty.adapters.case_folder.planned_patient import read_planned_patient
from sacroplasty.adapters.case_folder.visibility_files import visibility_document

__all__ = [
    "CaseFolder",
    "ImagedCase",
    "PlannedCase",
    "StageRecord",
    "anatomy_summary",
    "injection_document",
    "move_tree",
    "plan_summary",
    "read_imaged_case",
    "read_planned_case",
    "read_planned_patient",
    "rehearsal_summary",
    "visibility_document",
]
