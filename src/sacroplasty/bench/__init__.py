"""Measures the rooms: on virtual patients that know their truth, and on real scans at hand."""

from sacroplasty.bench.anatomy_case import AnatomyCase, measure_patient, measure_virtual
from sacroplasty.bench.anatomy_table import anatomy_page
from sacroplasty.bench.cohort import Row, measured_rows
from sacroplasty.bench.coloured_portions import portion_error_mm
from sacroplasty.bench.ellipsoids import ellipsoid_scan
from sacroplasty.bench.fluoroscopy_case import BEAMS, bench_pose, measure_fluoroscopy
from sacroplasty.bench.fluoroscopy_page import fluoroscopy_page
from sacroplasty.bench.fluoroscopy_peers import peer_pictures
from sacroplasty.bench.foam_rig import FoamLeak, foam_leaks
from sacroplasty.bench.heat_ball import CuredBall, HeatBall
from sacroplasty.bench.heat_targets import HeatRow, published_heat_rows
from sacroplasty.bench.injection_page import injection_page
from sacroplasty.bench.landmark_target import LandmarkTarget, landmark_targets
from sacroplasty.bench.leak_population import LeakPatient, measure_leaks
from sacroplasty.bench.overlap import around, dice, sides_swapped
from sacroplasty.bench.placed_case import PlacedCase, measure_trial
from sacroplasty.bench.placed_needles import measure_placed_needles, placed_needles_table
from sacroplasty.bench.planning_case import (
    PlannedWay,
    PlanningCase,
    measure_scan_plan,
    measure_true_plan,
)
from sacroplasty.bench.planning_table import planning_page
from sacroplasty.bench.real_plans import RealPlan, measure_real_plans, plan_of_model
from sacroplasty.bench.real_radiographs import measure_real_radiographs, side_by_side
from sacroplasty.bench.real_scans import RealRow, measure_real
from sacroplasty.bench.true_shaft import TrueShaft, ask_shaft

__all__ = [
    "BEAMS",
    "AnatomyCase",
    "CuredBall",
    "FoamLeak",
    "HeatBall",
    "HeatRow",
    "LandmarkTarget",
    "LeakPatient",
    "PlacedCase",
    "PlannedWay",
    "PlanningCase",
    "RealPlan",
    "RealRow",
    "Row",
    "TrueShaft",
    "anatomy_page",
    "around",
    "ask_shaft",
    "bench_pose",
    "dice",
    "ellipsoid_scan",
    "fluoroscopy_page",
    "foam_leaks",
    "injection_page",
    "landmark_targets",
    "measure_fluoroscopy",
    "measure_leaks",
    "measure_patient",
    "measure_placed_needles",
    "measure_real",
    "measure_real_plans",
    "measure_real_radiographs",
    "measure_scan_plan",
    "measure_trial",
    "measure_true_plan",
    "measure_virtual",
    "measured_rows",
    "peer_pictures",
    "placed_needles_table",
    "plan_of_model",
    "planning_page",
    "portion_error_mm",
    "published_heat_rows",
    "side_by_side",
    "sides_swapped",
]
