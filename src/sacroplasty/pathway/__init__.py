"""The operative note in code: the only place that knows the order; no arithmetic."""

from sacroplasty.pathway.case_report import CaseReport, Provenance, View
from sacroplasty.pathway.notes import CaseNotes, InMemory, Report
from sacroplasty.pathway.rehearse import Tools, rehearse
from sacroplasty.pathway.settings import CaseSettings

__all__ = [
    "CaseNotes",
    "CaseReport",
    "CaseSettings",
    "InMemory",
    "Provenance",
    "Report",
    "Tools",
    "View",
    "rehearse",
]
