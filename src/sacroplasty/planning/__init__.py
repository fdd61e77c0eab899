"""Needles: where they go, and what they pass at what distance."""

from sacroplasty.planning.clearance import NeedleMeasurement, measure_needle
from sacroplasty.planning.clearance_fields import ClearanceFields, build_clearance_fields
from sacroplasty.planning.judgement import judge_clearances
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.placed import (
    FoundNeedle,
    LaidScan,
    PlacedNeedle,
    PlacedReport,
    Planned,
    Search,
    find_needles,
    lay_scan_on_plan,
    name_needles,
    verify_placed,
)
from sacroplasty.planning.plan import plan_trajectories
from sacroplasty.planning.settings import Margins, PlanningSettings
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan

__all__ = [
    "ClearanceFields",
    "FoundNeedle",
    "LaidScan",
    "Margins",
    "Needle",
    "NeedleGauge",
    "NeedleMeasurement",
    "PlacedNeedle",
    "PlacedReport",
    "Planned",
    "PlannedNeedle",
    "PlanningSettings",
    "Search",
    "TrajectoryPlan",
    "build_clearance_fields",
    "find_needles",
    "judge_clearances",
    "lay_scan_on_plan",
    "measure_needle",
    "name_needles",
    "plan_trajectories",
    "verify_placed",
]
