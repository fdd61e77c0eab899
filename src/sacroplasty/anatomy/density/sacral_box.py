"""The box round something, so that no filter runs over a whole abdomen."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Grid
from sacroplasty.imaging import CTVolume

Box = tuple[tuple[int, int, int], tuple[int, int, int]]


def box_round(mask: NDArray[np.bool_], margin: int) -> Box:
    """Start and stop (k, j, i) round the true voxels, clipped to the array; all of it if none."""
    if not mask.any():
        return (0, 0, 0), (mask.shape[0], mask.shape[1], mask.shape[2])
    start, stop = [], []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        at = np.flatnonzero(mask.any(axis=others))
        start.append(max(int(at[0]) - margin, 0))
        stop.append(min(int(at[-1]) + 1 + margin, mask.shape[axis]))
    return (start[0], start[1], start[2]), (stop[0], stop[1], stop[2])


def ct_round(ct: CTVolume, grid: Grid, *, whole_slices: bool = False) -> CTVolume:
    """The part of a CT that lies round `grid`, or its whole slices at that height."""
    reach = ct.grid.kji_at(grid.corners)
    low = np.clip(np.floor(reach.min(axis=0)).astype(int) - 1, 0, np.asarray(ct.grid.shape) - 1)
    high = np.clip(np.ceil(reach.max(axis=0)).astype(int) + 2, low + 1, ct.grid.shape)
    if whole_slices:
        low[1:], high[1:] = 0, ct.grid.shape[1:]
    start, stop = (
        (int(low[0]), int(low[1]), int(low[2])),
        (int(high[0]), int(high[1]), int(high[2])),
    )
    part = ct.volume.cropped(start, stop)
    return CTVolume(part.values, part.grid, ct.acquisition)
