"""A CT made ready for the beam: stacked along one axis, air counted as nothing.

The shear-warp projector reads the scan slice after slice along the axis that the beam follows
most closely. A stack holds the same voxels as ``values[b, p, a]``: p that axis, a contiguous in
memory, one layer of zeros around a and b so that interpolation needs no edge cases. Values are
"milliwater" (1000 μ/μ_water = HU + 1000, whole numbers, so nothing is rounded); air is 0, and
`first`, `last` say where in each row (b, p) the first and last voxel that stops anything lies.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from sacroplasty.geometry import Grid, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.reference import constant

# For each principal axis (0 k, 1 j, 2 i): the array axes that serve as b, p and a.
_ORDER = {0: (1, 0, 2), 1: (0, 1, 2), 2: (0, 2, 1)}
_TILE = 32  # transposes in blocks that stay in the first-level cache


@dataclass(frozen=True, eq=False, slots=True)
class Stack:
    """`values` uint16 (nb + 2, np, na + 2); `order` = array axes of (b, p, a) in `grid`'s kji."""

    values: NDArray[np.uint16]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    order: tuple[int, int, int]
    grid: Grid


def restack(ct: CTVolume, principal_axis: int) -> Stack:
    """The scan in milliwater, stacked along an array axis (0 k, 1 j, 2 i). Costs one copy of it."""
    ceiling = int(constant("radiograph_air_ceiling").value)
    return _stack(ct.hu, ct.grid, principal_axis, (1000, ceiling))


def restack_volume(volume: Volume[np.uint16], principal_axis: int) -> Stack:
    """Any whole-numbered quantity, stacked alike: water, bone, whatever is asked for by mm of ray."""
    return _stack(volume.values, volume.grid, principal_axis, (0, 0))


def _stack(
    values: NDArray[np.generic], grid: Grid, principal_axis: int, added_above: tuple[int, int]
) -> Stack:
    order = _ORDER[principal_axis]
    stacked, first, last = _restack(np.ascontiguousarray(values), order, *added_above)
    return Stack(stacked, first, last, order, grid)


@njit(cache=True, parallel=True)
def _restack(hu, order, added, ceiling):  # type: ignore[no-untyped-def]
    """Copy (k, j, i) into padded (b, p, a); a = i copies rows, a = j transposes in tiles."""
    shape = (hu.shape[order[0]], hu.shape[order[1]], hu.shape[order[2]])
    values = np.zeros((shape[0] + 2, shape[1], shape[2] + 2), dtype=np.uint16)
    for k in prange(hu.shape[0]):
        if order[2] == 2:
            for j in range(hu.shape[1]):
                row = values[k + 1, j] if order[0] == 0 else values[j + 1, k]
                _counted(hu[k, j], row[1:-1], added, ceiling)
        else:
            _transpose(hu[k], values[k + 1], added, ceiling)
    first = np.full(values.shape[:2], values.shape[2], dtype=np.int32)
    last = np.full(values.shape[:2], -1, dtype=np.int32)
    for b in prange(values.shape[0]):
        for p in range(values.shape[1]):
            row = values[b, p]
            low, high = 0, len(row) - 1
            while low <= high and row[low] == 0:
                low += 1
            while high >= low and row[high] == 0:
                high -= 1
            if low <= high:
                first[b, p], last[b, p] = low, high
    return values, first, last


@njit(cache=True)
def _counted(hu, out, added, ceiling):  # type: ignore[no-untyped-def]
    """`added` on top of what lies above the ceiling; the rest is zero."""
    for i in range(len(hu)):
        number = np.int32(hu[i])
        out[i] = max(number + added, 0) if number > ceiling else 0


@njit(cache=True)
def _transpose(hu, out, added, ceiling):  # type: ignore[no-untyped-def]
    """One axial slice (j, i) into (i, j + 1)."""
    n_j, n_i = hu.shape
    for j0 in range(0, n_j, _TILE):
        for i0 in range(0, n_i, _TILE):
            for i in range(i0, min(i0 + _TILE, n_i)):
                for j in range(j0, min(j0 + _TILE, n_j)):
                    number = np.int32(hu[j, i])
                    out[i, j + 1] = max(number + added, 0) if number > ceiling else 0
