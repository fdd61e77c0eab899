"""Needles: where they go, and what they pass at what distance."""

from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.settings import Margins, PlanningSettings
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan

__all__ = [
    "Margins",
    "Needle",
    "NeedleGauge",
    "PlannedNeedle",
    "PlanningSettings",
    "TrajectoryPlan",
]
