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

from sacroplasty.geometry import Grid
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
    """The scan stacked along an array axis (0 k, 1 j, 2 i). Costs one copy of the CT."""
    order = _ORDER[principal_axis]
    ceiling = int(constant("radiograph_air_ceiling").value)
    values, first, last = _restack(ct.hu.transpose(order), ceiling)
    return Stack(values, first, last, order, ct.grid)


@njit(cache=True, parallel=True)
def _restack(hu, ceiling):  # type: ignore[no-untyped-def]
    nb, np_, na = hu.shape
    values = np.zeros((nb + 2, np_, na + 2), dtype=np.uint16)
    first = np.full((nb + 2, np_), na + 2, dtype=np.int32)
    last = np.full((nb + 2, np_), -1, dtype=np.int32)
    for b in prange(nb):
        for p0 in range(0, np_, _TILE):
            for a0 in range(0, na, _TILE):
                for p in range(p0, min(p0 + _TILE, np_)):
                    for a in range(a0, min(a0 + _TILE, na)):
                        number = hu[b, p, a]
                        if number > ceiling:
                            values[b + 1, p, a + 1] = max(np.int32(number) + 1000, 0)
                            first[b + 1, p] = min(first[b + 1, p], a + 1)
                            last[b + 1, p] = max(last[b + 1, p], a + 1)
    return values, first, last
