"""Needles: where they go, and what they pass at what distance."""

from sacroplasty.planning.clearance import NeedleMeasurement, measure_needle
from sacroplasty.planning.clearance_fields import ClearanceFields, build_clearance_fields
from sacroplasty.planning.judgement import judge_clearances
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.plan import plan_trajectories
from sacroplasty.planning.settings import Margins, PlanningSettings
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan

__all__ = [
    "ClearanceFields",
    "Margins",
    "Needle",
    "NeedleGauge",
    "NeedleMeasurement",
    "PlannedNeedle",
    "PlanningSettings",
    "TrajectoryPlan",
    "build_clearance_fields",
    "judge_clearances",
    "measure_needle",
    "plan_trajectories",
]
