"""The cheapest smooth surface through a cost volume (semi-global matching).

For every column (u, v) one depth d is chosen so that cost plus roughness is small. The exact
problem is solved along straight paths by dynamic programming,

    L(p, d) = C(p, d) + min_e [ L(p − r, e) + slope · |d − e| ] − min_e L(p − r, e),

and the path sums of eight directions r are added (Hirschmüller, IEEE TPAMI 30:328, 2008).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

_DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))
_MEDIAN_SIZE = 3  # single columns that jump are noise


@njit(cache=True)
def _aggregate(  # pragma: no cover - compiled
    cost: NDArray[np.float32], du: int, dv: int, slope: float, total: NDArray[np.float32]
) -> None:
    nu, nv, nd = cost.shape
    path = np.zeros(cost.shape, np.float32)
    for a in range(nu):
        u = a if du >= 0 else nu - 1 - a
        for b in range(nv):
            v = b if dv >= 0 else nv - 1 - b
            pu, pv = u - du, v - dv
            if pu < 0 or pu >= nu or pv < 0 or pv >= nv:
                for d in range(nd):
                    path[u, v, d] = cost[u, v, d]
            else:
                lowest = path[pu, pv].min()
                carried = path[pu, pv] - lowest
                for d in range(1, nd):
                    carried[d] = min(carried[d], carried[d - 1] + slope)
                for d in range(nd - 2, -1, -1):
                    carried[d] = min(carried[d], carried[d + 1] + slope)
                for d in range(nd):
                    path[u, v, d] = cost[u, v, d] + carried[d]
            for d in range(nd):
                total[u, v, d] += path[u, v, d]


def cheapest_surface(cost: NDArray[np.float32], slope: float) -> NDArray[np.float64]:
    """Depth index (nu, nv) of the surface through `cost` (nu, nv, nd); `slope` per index step."""
    total = np.zeros_like(cost)
    for du, dv in _DIRECTIONS:
        _aggregate(cost, du, dv, slope, total)
    depth = np.argmin(total, axis=2).astype(np.float64)
    return np.asarray(ndimage.median_filter(depth, _MEDIAN_SIZE, mode="nearest"))
