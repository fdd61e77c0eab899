"""The L5/S1 disc: the slab between the endplates of two bodies."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.working_grid import SPACING_MM
from sacroplasty.geometry import Grid, Points, Rigid, Volume

# The part of the sacral frame in which the disc lies: beside it are alae, behind it canal and facets.
_HALF_WIDTH_MM, _FRONT_MM, _BACK_MM = 32.0, -26.0, 22.0
_LOW_MM, _HIGH_MM = -16.0, 40.0
# A disc of 4–18 mm, seen along an axis that its wedge and tilt may make oblique by 40°.
_HIGHEST_MM = 24.0
# Bone that a column must hold beyond each endplate: less is a facet, a rim or a process.
_BODY_MM = 6
_SMOOTHING = 7


def disc_between(
    sacrum: NDArray[np.float32], l5: NDArray[np.float32], grid: Grid, frame: Rigid
) -> NDArray[np.bool_]:
    """Disc voxels (k, j, i) on `grid`, from signed distances (mm) to S1 and L5.

    `frame` is the sacral frame along the S1 endplate: a column along its +z that holds sacral body, then a gap of at
    most 24 mm, then L5 body is disc between the two; heights are smoothed by a median and the
    largest piece is kept. Where the masks touch, one voxel of S1's endplate becomes disc: a disc
    without a voxel could not be guarded. Facet gaps and the space around the bodies stay soft tissue.
    """
    slab = _slab_grid(frame)
    s1 = Volume(sacrum, grid).on(slab, order=1, outside=99.0).values < 0
    upper = Volume(l5, grid).on(slab, order=1, outside=99.0).values < 0
    nk = slab.shape[0]
    k = np.arange(nk)[:, None, None]
    floor = np.where(s1.any(axis=0), nk - 1 - s1[::-1].argmax(axis=0), -1)
    above = upper & (k > floor)
    roof = np.where(above.any(axis=0), above.argmax(axis=0), nk)
    body = (_run(s1, k, floor - _BODY_MM, floor) & _run(upper, k, roof, roof + _BODY_MM)) & (
        (floor >= 0) & (roof < nk) & (roof - floor - 1 <= _HIGHEST_MM)
    )
    bodies = ndimage.binary_opening(body, iterations=2)
    pieces, count = ndimage.label(bodies)
    if not count:
        return np.zeros(grid.shape, dtype=bool)
    largest = pieces == 1 + int(np.bincount(pieces.ravel())[1:].argmax())
    floor, roof = (
        ndimage.median_filter(np.where(largest, level, np.median(level[largest])), _SMOOTHING)
        for level in (floor, roof)
    )
    gap = (k > floor) & (k < roof) & ~s1 & ~upper
    touching = (roof - floor <= 1) & (k == floor)
    filled = largest & (gap | touching)
    return np.asarray(Volume(filled.astype(np.uint8), slab).on(grid, order=0).values > 0)


def _slab_grid(frame: Rigid) -> Grid:
    """1 mm, k, j, i along the sacral frame's +z, +y, +x."""
    low = np.array([-_HALF_WIDTH_MM, _FRONT_MM, _LOW_MM])
    shape = np.array([_HIGH_MM - _LOW_MM, _BACK_MM - _FRONT_MM, 2 * _HALF_WIDTH_MM]) + 1
    corner = frame(Points.at(low, frame.source)).single
    nk, nj, ni = shape.astype(int).tolist()
    return Grid((nk, nj, ni), tuple(corner.tolist()), (SPACING_MM,) * 3, frame.rotation, frame.to)


def _run(
    bone: NDArray[np.bool_],
    k: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Columns (j, i) in which bone fills most of [first, last]."""
    wanted = (k >= first) & (k <= last)
    return np.asarray((bone & wanted).sum(axis=0) >= 0.8 * (_BODY_MM + 1))
