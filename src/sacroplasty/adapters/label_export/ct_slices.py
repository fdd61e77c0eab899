"""The CT objects that a segmentation refers to: their headers, and where their pixels lie."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.dicom_series.listing import list_sources
from sacroplasty.adapters.dicom_series.parsing import DAMAGE, parse, quietly
from sacroplasty.errors import FrameMismatch, UnreadableInput
from sacroplasty.geometry import Frame, Grid

_CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(frozen=True, eq=False, slots=True)
class CtSlice:
    """One CT Image object without its pixels; `grid` is its plane as a volume one voxel thick."""

    header: Any
    grid: Grid


def ct_slices(source: Path, series_uid: str, frame: Frame) -> list[CtSlice]:
    """The slices of one series under `source` (folder, zip, file), ordered along their normal.

    Raises `UnreadableInput` where the series is not there or is not made of single slices,
    `FrameMismatch` where it lies in another frame.
    """
    with ExitStack() as held, quietly():
        headers = [parse(found, pixels=False) for found in list_sources(source, held)]
    wanted = [h for h in headers if str(h.get("SeriesInstanceUID", "")) == series_uid]
    images = [h for h in wanted if str(h.get("SOPClassUID", "")) == _CT_IMAGE]
    if not images:
        raise UnreadableInput(
            f"{source.name!r} holds no CT Image of the series that was planned on; give the DICOM "
            "series of this case."
        )
    try:
        slices = [CtSlice(header, _plane(header, frame)) for header in images]
    except DAMAGE as problem:
        raise UnreadableInput(
            f"A slice of the series lacks its place ({type(problem).__name__}); export it again."
        ) from None
    return sorted(slices, key=lambda s: float(s.grid.direction[:, 2] @ np.array(s.grid.origin_mm)))


def _plane(header: Any, frame: Frame) -> Grid:
    if str(header.FrameOfReferenceUID) != frame.uid:
        raise FrameMismatch("The labels and the DICOM series lie in different frames of reference.")
    row, column = np.array(header.ImageOrientationPatient, dtype=float).reshape(2, 3)
    x, y, z = (float(p) for p in header.ImagePositionPatient)
    between_rows, between_columns = (float(s) for s in header.PixelSpacing)
    thickness = float(header.get("SliceThickness") or 1.0)
    direction = np.stack([row, column, np.cross(row, column)], axis=1)
    spacing = (between_columns, between_rows, thickness)
    return Grid((1, int(header.Rows), int(header.Columns)), (x, y, z), spacing, direction, frame)
