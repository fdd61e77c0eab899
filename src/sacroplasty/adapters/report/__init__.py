"""The report that a person reads: one self-contained HTML file, and radiographs as PNG."""

from sacroplasty.adapters.report.anatomy_page import write_anatomy_page
from sacroplasty.adapters.report.injection_page import write_injection_page
from sacroplasty.adapters.report.page import write_report
from sacroplasty.adapters.report.placed_page import PlacedCase, write_placed_page
from sacroplasty.adapters.report.plan_page import write_plan_page
from sacroplasty.adapters.report.radiograph_picture import write_radiograph_png

__all__ = [
    "PlacedCase",
    "write_anatomy_page",
    "write_injection_page",
    "write_placed_page",
    "write_plan_page",
    "write_radiograph_png",
    "write_report",
]
