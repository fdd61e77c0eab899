"""The sacral canal: the gap between bodies and laminae in the midline."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.canal_walls import canal_region
from sacroplasty.anatomy.endplate import Endplate
from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.reference import constant

# Half width of the strip whose bone profile is read, and the shortest gap that counts as canal.
_STRIP_MM = 5.0
_GAP_MM = 4
_BODY_MM = 5
_LEAST_ROWS = 8
# Where no lamina closes it, the canal is taken as deep as where it was last seen.
_LEAST_DEPTH_MM = 4.0
_TAPER = 0.985
# A dorsal wall further from its expected place than this is another surface.
_WALL_JUMP_MM = 3.0
_WALL_FIT_ROWS = 15
# Downwards the canal ends where the bodies have been out of sight for this many slices.
_MOST_UNSEEN = 6
# The plane of the endplate may rise this far above its own middle where the canal passes it.
_ABOVE_MM = 12.0
# Marrow and soft tissue below this count as open where the mask was filled in.
_OPEN_HU = 60

Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class FoundCanal:
    """The canal on the sheet's grid.

    line: (n, 3) as (k, j, i), cranial to caudal, empty if not found. region: its voxels (k, j, i).
    ways_out: open voxels beside it, between body and lamina, through which roots leave.
    seen_mm: the length over which body and lamina enclose it; the rest goes on along the bodies.
    """

    line: NDArray[np.float64]
    region: NDArray[np.bool_]
    ways_out: NDArray[np.bool_]
    seen_mm: float


def find_canal(sheet: SacralSheet, endplate: Endplate | None) -> FoundCanal:
    """The canal from the plane of the S1 endplate down to the S4 foramina.

    Per slice, the bone profile from ventral to dorsal over a 10 mm midline strip is read: body,
    then gap, then lamina. A filled mask is opened by the CT (soft tissue below 60 HU behind the
    body). Above the first and below the last lamina that was seen, the canal goes on behind the
    dorsal wall of the bodies.
    """
    middle = int(np.argmin(np.abs(sheet.x_mm)))
    strip = np.abs(sheet.x_mm) <= _STRIP_MM
    by_mask = (sheet.distance[:, :, strip] < 0).mean(axis=2)
    by_ct = ((sheet.distance < 0) & (sheet.hu > _OPEN_HU))[:, :, strip].mean(axis=2)
    rows: list[tuple[float, float, float]] = []
    for k in range(sheet.grid.shape[0] - 1, -1, -1):
        if sheet.depth_mm[k] < 2:
            continue
        gap = _gap_behind_body(by_mask[k]) or _gap_behind_body(by_ct[k])
        if gap is not None:
            rows.append((k, *gap))
    if len(rows) < _LEAST_ROWS:
        nothing = np.zeros(sheet.grid.shape, dtype=bool)
        return FoundCanal(np.zeros((0, 3)), nothing, nothing, 0.0)
    seen, seen_mm = _longest_run(np.array(rows))
    top = int(np.argmin(np.abs(sheet.depth_mm + _ABOVE_MM)))
    bottom = int(np.argmin(np.abs(sheet.depth_mm - constant("foramen_depth_s4").value)))
    above = _continued(seen[::-1], by_mask, top, 1.0)[::-1]
    below = _continued(seen, by_mask, bottom, _TAPER)
    line = _below_endplate(sheet, np.concatenate([above, seen, below]), endplate)
    centre = np.stack([line[:, 0], line[:, 1:].mean(axis=1), np.full(len(line), middle)], axis=1)
    enclosed = np.isin(line[:, 0], seen[:, 0])
    return FoundCanal(centre, *canal_region(sheet, line, enclosed), seen_mm)


def _below_endplate(sheet: SacralSheet, rows: Rows, endplate: Endplate | None) -> Rows:
    """Rows whose middle lies below the plane of the endplate, or of its middle where it is unknown."""
    if endplate is None:
        return rows[sheet.depth_mm[rows[:, 0].astype(int)] >= 0]
    middle = np.full(len(rows), int(np.argmin(np.abs(sheet.x_mm))))
    at = np.stack([rows[:, 0], rows[:, 1:].mean(axis=1), middle], axis=1)
    return rows[endplate.height_mm(sheet.grid.points_at(at)) <= 0]


def _gap_behind_body(profile: NDArray[np.floating]) -> tuple[int, int] | None:
    """First open stretch [start, stop] behind at least 5 mm of bone and in front of more bone."""
    solid = [s for s in _runs(profile) if s[1] - s[0] >= 1]
    for body, lamina in itertools.pairwise(solid):
        if body[1] - body[0] + 1 >= _BODY_MM and lamina[0] - body[1] > _GAP_MM:
            return body[1] + 1, lamina[0] - 1
    return None


def _runs(profile: NDArray[np.floating]) -> list[tuple[int, int]]:
    """First and last index of every stretch of bone."""
    edges = np.diff(np.concatenate([[0], (profile > 0.5).astype(np.int8), [0]]))
    first, last = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0) - 1
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _longest_run(rows: Rows) -> tuple[Rows, float]:
    """The longest stretch whose neighbours are at most 8 mm apart, gaps filled; its seen length."""
    breaks = np.flatnonzero(np.abs(np.diff(rows[:, 0])) > 8) + 1
    longest = max(np.split(rows, breaks), key=len)
    k = np.arange(longest[0, 0], longest[-1, 0] - 1, -1.0)
    smooth = [
        ndimage.gaussian_filter1d(
            ndimage.median_filter(
                np.interp(k, longest[::-1, 0], longest[::-1, n]), 9, mode="nearest"
            ),
            2.0,
            mode="nearest",
        )
        for n in (1, 2)
    ]
    return np.stack([k, *smooth], axis=1), float(len(longest))


def _continued(seen: Rows, profiles: NDArray[np.floating], end: int, taper: float) -> Rows:
    """Rows beyond the last of `seen` up to slice `end`, behind the dorsal wall of the bodies."""
    near = seen[-_WALL_FIT_ROWS:]
    step = 1 if near[-1, 0] > near[0, 0] else -1
    slope = step * float(np.polyfit(near[:, 0], near[:, 1], 1)[0])
    depth = float(np.median(near[:, 2] - near[:, 1]))
    wall, k = float(near[-1, 1]), int(near[-1, 0])
    unseen = 0
    rows: list[tuple[float, float, float]] = []
    while k != end and (end - k) * step > 0:
        k += step
        runs = _runs(profiles[k])
        if not runs:
            break
        expected = wall + slope
        found = min((last + 1 for _, last in runs), key=lambda j: abs(j - expected))
        seen_here = abs(found - expected) <= _WALL_JUMP_MM
        unseen = 0 if seen_here else unseen + 1
        if step < 0 and unseen > _MOST_UNSEEN:
            return np.array(rows[:-_MOST_UNSEEN]).reshape(-1, 3)
        moved = 0.5 * (found + expected) if seen_here else expected
        slope = 0.8 * slope + 0.2 * (moved - wall) if seen_here else slope
        wall = moved
        depth = max(depth * taper, _LEAST_DEPTH_MM)
        if wall < 0 or wall + depth > profiles.shape[1] - 1:
            break
        rows.append((float(k), wall, wall + depth))
    return np.array(rows).reshape(-1, 3)
