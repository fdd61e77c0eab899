"""Needles that are in: found in an intra-procedural CT, named and measured against the plan."""

from sacroplasty.planning.placed.deviation import Deviation
from sacroplasty.planning.placed.finding import Search, find_needles
from sacroplasty.planning.placed.found_needle import FoundNeedle
from sacroplasty.planning.placed.naming import Naming, name_needles
from sacroplasty.planning.placed.placed_report import PlacedNeedle, PlacedReport
from sacroplasty.planning.placed.registering import LaidScan, lay_scan_on_plan
from sacroplasty.planning.placed.verify_placed import Planned, verify_placed

__all__ = [
    "Deviation",
    "FoundNeedle",
    "LaidScan",
    "Naming",
    "PlacedNeedle",
    "PlacedReport",
    "Planned",
    "Search",
    "find_needles",
    "lay_scan_on_plan",
    "name_needles",
    "verify_placed",
]
