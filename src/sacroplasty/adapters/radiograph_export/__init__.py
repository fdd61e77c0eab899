"""Simulated radiographs for people and programs: marked PNG, growing GIF, 16-bit DICOM."""

from sacroplasty.adapters.radiograph_export.injection_gif import injection_gif
from sacroplasty.adapters.radiograph_export.marked_picture import marked_picture
from sacroplasty.adapters.radiograph_export.side_marker import SideMarker, side_marker
from sacroplasty.adapters.radiograph_export.xa_image import (
    ImageWords,
    pseudonymous_header,
    xa_image,
)

__all__ = [
    "ImageWords",
    "SideMarker",
    "injection_gif",
    "marked_picture",
    "pseudonymous_header",
    "side_marker",
    "xa_image",
]
