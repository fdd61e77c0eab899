"""How wide the canal is: to its side walls, and across the openings where roots leave it."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacral_sheet import SacralSheet

# The canal is not wider than this on either side.
_WIDEST_MM = 17.0
# Where the side wall is read, as parts of the way from body to lamina: the canal is a triangle
# with its base on the bodies.
_HEIGHTS = (0.1, 0.35, 0.6, 0.85)
# Rows whose wall stands further out than the fit are openings of foramina; walls bulge this much.
_BULGE_MM = 1.0
_ROUNDS = 12
_LEAST_ROWS = 12
_USUAL_MM = (10.0, 10.0)

Rows = NDArray[np.float64]


def canal_region(
    sheet: SacralSheet, rows: Rows, enclosed: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Open voxels (k, j, i) of the canal, and of the way out of it to the foramina.

    `rows` (n, 3) hold slice, body wall and lamina (j).

    The half width at four heights falls linearly from S1 to the hiatus. Where roots leave, the wall
    is missing: the line through the rows that have one goes on across, and what lies beyond it
    belongs to the foramen. The region hangs together with the centreline.
    """
    region = np.zeros(sheet.grid.shape, dtype=bool)
    ways_out = region.copy()
    walls = _wall_lines(sheet, rows[enclosed] if enclosed.any() else rows)
    j = np.arange(sheet.grid.shape[1])[:, None]
    across = np.abs(sheet.x_mm)[None, :]
    for (k, start, stop), closed in zip(rows, enclosed, strict=True):
        n = int(k)
        part = np.clip((j[:, 0] - start) / max(stop - start, 1.0), 0.0, 1.0)
        half = {
            side: np.interp(part, _HEIGHTS, [line[0] + line[1] * k for line in walls[side]])[
                :, None
            ]
            for side in (-1, 1)
        }
        width = np.where(sheet.x_mm[None, :] > 0, half[1], half[-1])
        lids = (j >= sheet.ventral[n]) & (j <= sheet.dorsal[n]) if closed else True
        within = (j >= start - 2) & (j <= stop + 1) & (sheet.distance[n] > 0) & lids
        tube = (np.abs(j - (start + stop) / 2) <= 2) & (across <= 3)
        region[n] = (within & (across <= np.clip(width, 2.0, _WIDEST_MM))) | tube
        ways_out[n] = within & (across <= _WIDEST_MM) & ~region[n] & closed
    parts, _ = ndimage.label(region)
    seeds = np.round(np.stack([rows[:, 0], rows[:, 1:].mean(axis=1)])).astype(int)
    wanted = np.unique(parts[seeds[0], seeds[1], _middle(sheet)])
    canal = np.asarray(np.isin(parts, wanted[wanted > 0]))
    return canal, ways_out & ndimage.binary_dilation(
        canal, iterations=int(_WIDEST_MM), mask=ways_out | canal
    )


def _wall_lines(sheet: SacralSheet, rows: Rows) -> dict[int, list[tuple[float, float]]]:
    """Half width = a + b k per side and height: the lower envelope of what is read."""
    return {
        side: [_fitted(rows[:, 0], _half_widths(sheet, rows, side, part)) for part in _HEIGHTS]
        for side in (-1, 1)
    }


def _half_widths(sheet: SacralSheet, rows: Rows, side: int, part: float) -> NDArray[np.float64]:
    """Open way (mm) from the midline to the side wall in every row; the widest where there is none."""
    middle = _middle(sheet)
    reach = int(_WIDEST_MM) + 1
    found = []
    for k, start, stop in rows:
        j = round(start + part * (stop - start))
        line = sheet.distance[int(k), j, middle::side][:reach]
        closed = np.flatnonzero(line <= 0)
        found.append(float(closed[0]) - 0.5 if len(closed) else _WIDEST_MM)
    return np.array(found)


def _fitted(k: NDArray[np.float64], width: NDArray[np.float64]) -> tuple[float, float]:
    kept = (width > 1.0) & (width < _WIDEST_MM)
    if kept.sum() < _LEAST_ROWS:
        return (float(np.median(width)) if len(width) else _USUAL_MM[0], 0.0)
    slope, level = 0.0, float(np.median(width[kept]))
    for _ in range(_ROUNDS):
        slope, level = (float(n) for n in np.polyfit(k[kept], width[kept], 1))
        near = (width > 1.0) & (width <= level + slope * k + _BULGE_MM)
        if near.sum() < _LEAST_ROWS:
            break
        kept = near
    return level, slope


def _middle(sheet: SacralSheet) -> int:
    return int(np.argmin(np.abs(sheet.x_mm)))
