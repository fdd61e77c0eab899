"""The plan for other programs and for the wall of the room: each file one format."""

from sacroplasty.adapters.plan_export.needle_transform import transform_message
from sacroplasty.adapters.plan_export.sending import listener_address, send_needles
from sacroplasty.adapters.plan_export.slicer_markups import (
    DrawnLine,
    markups_document,
    read_markups,
)

__all__ = [
    "DrawnLine",
    "listener_address",
    "markups_document",
    "read_markups",
    "send_needles",
    "transform_message",
]
