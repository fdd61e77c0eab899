"""The operative note in code: the only place that knows the order; no arithmetic."""

from sacroplasty.pathway.case_report import CaseReport, Provenance, View

__all__ = ["CaseReport", "Provenance", "View"]
