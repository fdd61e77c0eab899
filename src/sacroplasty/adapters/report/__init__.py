"""The report that a person reads: one self-contained HTML file, and radiographs as PNG."""

from sacroplasty.adapters.report.radiograph_picture import write_radiograph_png
from sacroplasty.adapters.report.page import write_report

__all__ = ["write_radiograph_png", "write_report"]
