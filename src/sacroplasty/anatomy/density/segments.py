"""Segments S1–S5 of the sacrum as a map, between the planes that the landmarks name."""

from collections.abc import Iterable

import numpy as np

from sacroplasty.anatomy.landmarks import SegmentPlane
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.geometry import Volume, require_same_frame

_LAST = 5


def map_segments(sacrum: SacrumModel, planes: Iterable[SegmentPlane]) -> Volume[np.uint8]:
    """1 … 5 for S1 … S5 in the sacral bone, on the model's grid; 0 elsewhere and where unknown.

    A plane is the upper border of its segment (`find_landmarks`). A segment reaches down to the
    next plane, S5 to the apex; bone above S1's plane (its articular processes) counts as S1. Where
    the next plane is absent a segment has no known end: its bone stays 0. Raises `FrameMismatch`.
    """
    known = {plane.segment: plane for plane in planes}
    grid = sacrum.labels.grid
    segments = np.zeros(grid.shape, dtype=np.uint8)
    at = np.argwhere(sacrum.mask(Structure.SACRUM))
    points = grid.points_at(at)
    number = np.zeros(len(at), dtype=np.uint8)
    for level in range(1, _LAST + 1):
        plane = known.get(f"S{level}")
        if plane is None:
            continue
        require_same_frame(plane.point, points)
        below = (points.xyz - plane.point.single) @ plane.normal < 0
        ends = level == _LAST or f"S{level + 1}" in known
        number[below | (level == 1)] = level if ends else 0
    segments[tuple(at.T)] = number
    return Volume(segments, grid)
