"""The operative note in code: the only place that knows the order; no arithmetic."""

from sacroplasty.pathway.case_injection import CaseInjection, PlannedPatient
from sacroplasty.pathway.case_plan import CasePlan
from sacroplasty.pathway.case_report import CaseReport, Provenance, View
from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.examine import BesidesCT, GivenFracture, Patient, Tools, examine
from sacroplasty.pathway.inject_cement import inject_cement, inject_planned, recommended_change
from sacroplasty.pathway.notes import CaseNotes, InMemory, Report
from sacroplasty.pathway.plan_needles import NeedlesAsked, plan_needles
from sacroplasty.pathway.rehearse import rehearse
from sacroplasty.pathway.settings import CaseSettings
from sacroplasty.pathway.view_leaks import (
    COMPARED_VIEWS,
    LeakViews,
    view_leaks,
    visibility_key,
    visibility_stage,
)
from sacroplasty.pathway.watched_views import WatchedViews, watching

__all__ = [
    "COMPARED_VIEWS",
    "BesidesCT",
    "CaseInjection",
    "CaseNotes",
    "CasePlan",
    "CaseReport",
    "CaseSettings",
    "Examination",
    "GivenFracture",
    "InMemory",
    "LeakViews",
    "NeedlesAsked",
    "Patient",
    "PlannedPatient",
    "Provenance",
    "Report",
    "Tools",
    "View",
    "WatchedViews",
    "examine",
    "inject_cement",
    "inject_planned",
    "plan_needles",
    "recommended_change",
    "rehearse",
    "view_leaks",
    "visibility_key",
    "visibility_stage",
    "watching",
]
