"""The sacral canal: the gap between bodies and laminae in the midline."""

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacral_sheet import SacralSheet

# Half width of the strip whose bone profile is read, and the shortest gap that counts as canal.
_STRIP_MM = 5.0
_GAP_MM = 4
_BODY_MM = 5
_REACH_MM = 15.0
_HALF_WIDTH_MM = 17.0
# Marrow and soft tissue below this count as open where the mask was filled in.
_OPEN_HU = 60


def find_canal(sheet: SacralSheet) -> NDArray[np.float64]:
    """Centreline (n, 3) as (k, j, i) on the sheet's grid, cranial to caudal; empty if not found.

    Per slice, the bone profile from ventral to dorsal over a 10 mm midline strip is read: body,
    then gap, then lamina. A filled mask is opened by the CT (soft tissue below 60 HU behind the
    body). Cranial to the first lamina the line goes straight on to the endplate.
    """
    middle = int(np.argmin(np.abs(sheet.x_mm)))
    strip = np.abs(sheet.x_mm) <= _STRIP_MM
    by_mask = (sheet.distance[:, :, strip] < 0).mean(axis=2)
    by_ct = ((sheet.distance < 0) & (sheet.hu > _OPEN_HU))[:, :, strip].mean(axis=2)
    rows: list[tuple[float, float]] = []
    for k in range(sheet.grid.shape[0] - 1, -1, -1):
        if sheet.depth_mm[k] < 2:
            continue
        gap = _gap_behind_body(by_mask[k]) or _gap_behind_body(by_ct[k])
        if gap is not None:
            rows.append((k, sum(gap) / 2))
    if len(rows) < 8:
        return np.zeros((0, 3))
    line = _up_to_the_endplate(_longest_run(np.array(rows)), sheet)
    smooth = ndimage.gaussian_filter1d(ndimage.median_filter(line[:, 1], 9, mode="nearest"), 3.0)
    return np.stack([line[:, 0], smooth, np.full(len(line), middle, dtype=float)], axis=1)


def _gap_behind_body(profile: NDArray[np.floating]) -> tuple[int, int] | None:
    """First open stretch [start, stop] behind at least 5 mm of bone and in front of more bone."""
    runs, count = ndimage.label(profile > 0.5)
    spans = [np.flatnonzero(runs == n) for n in range(1, count + 1)]
    solid = [s for s in spans if len(s) >= 2]
    for body, lamina in itertools.pairwise(solid):
        if len(body) >= _BODY_MM and lamina[0] - body[-1] > _GAP_MM:
            return int(body[-1]) + 1, int(lamina[0]) - 1
    return None


def _longest_run(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows of the longest stretch whose neighbours are at most 8 mm apart, gaps filled."""
    breaks = np.flatnonzero(np.abs(np.diff(rows[:, 0])) > 8) + 1
    longest = max(np.split(rows, breaks), key=len)
    k = np.arange(longest[0, 0], longest[-1, 0] - 1, -1.0)
    return np.stack([k, np.interp(k, longest[::-1, 0], longest[::-1, 1])], axis=1)


def _up_to_the_endplate(line: NDArray[np.float64], sheet: SacralSheet) -> NDArray[np.float64]:
    """The line continued straight to the level of the S1 endplate, where no lamina closes it."""
    top = int(np.argmin(np.abs(sheet.depth_mm)))
    above = np.arange(top, line[0, 0], -1.0)
    slope, height = np.polyfit(line[:20, 0], line[:20, 1], 1)
    ahead = np.clip(slope * above + height, 0, sheet.grid.shape[1] - 1)
    return np.concatenate([np.stack([above, ahead], axis=1), line])


def canal_region(sheet: SacralSheet, line: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Voxels (k, j, i) of the open canal around its centreline."""
    region = np.zeros(sheet.grid.shape, dtype=bool)
    if not len(line):
        return region
    j = np.arange(sheet.grid.shape[1])[:, None]
    for k, middle, _ in line:
        near = (np.abs(j - middle) <= _REACH_MM) & (np.abs(sheet.x_mm)[None, :] <= _HALF_WIDTH_MM)
        region[int(k)] = near
    region &= (sheet.distance > 0) & sheet.between_lids
    seeds = np.round(line).astype(int)
    reach = np.abs(sheet.x_mm)[None, :] <= 3
    for k, middle, _ in seeds:
        region[k, max(middle - 2, 0) : middle + 3] |= reach
    parts, _ = ndimage.label(region)
    wanted = np.unique(parts[tuple(seeds.T)])
    return np.asarray(np.isin(parts, wanted[wanted > 0]))
