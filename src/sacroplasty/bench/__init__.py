"""Measures the rooms: on virtual patients that know their truth, and on real scans at hand."""

from sacroplasty.bench.anatomy_case import AnatomyCase, measure_patient, measure_virtual
from sacroplasty.bench.anatomy_table import anatomy_page
from sacroplasty.bench.cohort import Row, measured_rows
from sacroplasty.bench.overlap import around, dice, sides_swapped
from sacroplasty.bench.placed_case import PlacedCase, measure_trial
from sacroplasty.bench.placed_needles import measure_placed_needles, placed_needles_table
from sacroplasty.bench.real_scans import RealRow, measure_real

__all__ = [
    "AnatomyCase",
    "PlacedCase",
    "RealRow",
    "Row",
    "anatomy_page",
    "around",
    "dice",
    "measure_patient",
    "measure_placed_needles",
    "measure_real",
    "measure_trial",
    "measure_virtual",
    "measured_rows",
    "placed_needles_table",
    "sides_swapped",
]
