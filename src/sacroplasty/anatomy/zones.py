"""Denis zones: I lateral to the foramina, II the strip of the foramina, III central."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.structures import Level, Side, foramen_structure
from sacroplasty.reference import constant


def denis_zones(sheet: SacralSheet, region: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Zone 1, 2 or 3 of every voxel (k, j, i) of the sheet; the caller cuts out the sacrum.

    The inner and outer edges of the foramina are joined by straight lines from level to level and
    go on straight above S1 and below the last. A side without a foramen takes the other side's
    edges mirrored; without any, the published offset of the S1 foramen.
    """
    edges = {side: _edges(sheet, region, side) for side in Side}
    offset, radius = constant("foramen_offset").value, constant("foramen_radius").value
    zones = np.ones(sheet.grid.shape, dtype=np.uint8)
    for side in Side:
        rows = edges[side] or edges[Side.RIGHT if side is Side.LEFT else Side.LEFT]
        rows = rows or [(0.0, offset - radius, offset + radius)]
        k, inner, outer = np.array(sorted(rows)).T
        at = np.arange(sheet.grid.shape[0])
        low, high = np.interp(at, k, inner)[:, None], np.interp(at, k, outer)[:, None]
        x = sheet.x_mm[None, :] * side.sign
        plane = np.where(x < low, 3, np.where(x <= high, 2, 1)).astype(np.uint8)
        own = np.broadcast_to((x >= 0)[:, None, :], zones.shape)
        zones = np.where(own, plane[:, None, :], zones)
    return zones


def _edges(
    sheet: SacralSheet, region: NDArray[np.uint8], side: Side
) -> list[tuple[float, float, float]]:
    """Per level found: middle (k), inner and outer edge (mm from the midline)."""
    rows = []
    for level in Level:
        voxels = np.argwhere(region == foramen_structure(level, side))
        if len(voxels):
            x = sheet.x_mm[voxels[:, 2]] * side.sign
            rows.append((float(voxels[:, 0].mean()), float(x.min()), float(x.max())))
    return rows
