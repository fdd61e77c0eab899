"""Needles: where they go, what they pass at what distance, and what may happen on the way."""

from sacroplasty.planning.clearance import NeedleMeasurement, Passage, measure_needle
from sacroplasty.planning.clearance_fields import (
    OBSTACLES,
    Bone,
    ClearanceFields,
    build_clearance_fields,
)
from sacroplasty.planning.displaced_needle import displaced
from sacroplasty.planning.dose import Dose
from sacroplasty.planning.guidance import CArmAngles, DepthMarks, NeedleGuidance
from sacroplasty.planning.judgement import PLAIN_NAMES, check_side, judge_clearances, passage_of
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.own_needle import OwnNeedle, describe_needle, plan_own_needles
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
from sacroplasty.planning.placement_error import PlacementError
from sacroplasty.planning.placement_risk import Chance, PlacementRisk
from sacroplasty.planning.plan import plan_trajectories
from sacroplasty.planning.settings import ApproachChoice, Margins, PlanningSettings
from sacroplasty.planning.survey import survey_approaches
from sacroplasty.planning.trajectory_plan import (
    ApproachOutcome,
    PlannedNeedle,
    TrajectoryPlan,
)

__all__ = [
    "OBSTACLES",
    "PLAIN_NAMES",
    "ApproachChoice",
    "ApproachOutcome",
    "Bone",
    "CArmAngles",
    "Chance",
    "ClearanceFields",
    "DepthMarks",
    "Dose",
    "FoundNeedle",
    "LaidScan",
    "Margins",
    "Needle",
    "NeedleGauge",
    "NeedleGuidance",
    "NeedleMeasurement",
    "OwnNeedle",
    "Passage",
    "PlacedNeedle",
    "PlacedReport",
    "PlacementError",
    "PlacementRisk",
    "Planned",
    "PlannedNeedle",
    "PlanningSettings",
    "Search",
    "TrajectoryPlan",
    "build_clearance_fields",
    "check_side",
    "describe_needle",
    "displaced",
    "find_needles",
    "judge_clearances",
    "lay_scan_on_plan",
    "measure_needle",
    "name_needles",
    "passage_of",
    "plan_own_needles",
    "plan_trajectories",
    "survey_approaches",
    "verify_placed",
]
