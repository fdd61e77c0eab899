"""The plan for other programs and for the wall of the room: each file one format."""

from sacroplasty.adapters.plan_export.needle_segments import write_needle_segmentation
from sacroplasty.adapters.plan_export.needle_transform import transform_message
from sacroplasty.adapters.plan_export.plan_sheet import write_plan_sheet
from sacroplasty.adapters.plan_export.secondary_capture import write_secondary_captures
from sacroplasty.adapters.plan_export.sending import listener_address, send_needles
from sacroplasty.adapters.plan_export.slicer_markups import (
    DrawnLine,
    markups_document,
    read_markups,
)
from sacroplasty.adapters.plan_export.structured_report import write_structured_report

__all__ = [
    "DrawnLine",
    "listener_address",
    "markups_document",
    "read_markups",
    "send_needles",
    "transform_message",
    "write_needle_segmentation",
    "write_plan_sheet",
    "write_secondary_captures",
    "write_structured_report",
]
