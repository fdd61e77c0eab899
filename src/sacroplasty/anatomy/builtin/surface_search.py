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
_LEAST_WEIGHT = 0.02  # so that a patch without any clear column still has a mean


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
    depth = _between_steps(total)
    return np.asarray(ndimage.median_filter(depth, _MEDIAN_SIZE, mode="nearest"))


def _between_steps(total: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where a parabola through the lowest sum and its two neighbours is lowest."""
    lowest = np.clip(np.argmin(total, axis=2), 1, total.shape[2] - 2)
    before, here, after = (
        np.take_along_axis(total, lowest[..., None] + step, axis=2)[..., 0].astype(np.float64)
        for step in (-1, 0, 1)
    )
    curve = before - 2 * here + after
    shift = np.where(curve > 0, (before - after) / (2 * np.maximum(curve, 1e-9)), 0.0)
    return np.asarray(lowest + np.clip(shift, -0.5, 0.5))


def smoothed_surface(
    depth: NDArray[np.float64], weight: NDArray[np.float64], sigma: float
) -> NDArray[np.float64]:
    """Gaussian mean of `depth` (nu, nv) over `sigma` columns, in which clear columns count more.

    weight: (nu, nv), 0 where a column says nothing; such columns take their neighbours' depth.
    """
    weight = weight + _LEAST_WEIGHT
    total = ndimage.gaussian_filter(weight, sigma, mode="nearest")
    return np.asarray(ndimage.gaussian_filter(weight * depth, sigma, mode="nearest") / total)
