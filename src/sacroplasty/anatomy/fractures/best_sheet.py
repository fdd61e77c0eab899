"""The one surface through a block of evidence that gathers the most of it.

The surface holds one voxel c(a, b) of every column. Each step to a neighbouring column may change
c by one for a small price and by more for a larger one; rewards are added along eight directions
(semi-global matching, Hirschmüller 2008, turned from stereo depth to fracture surfaces), which
comes close to the best surface at the cost of a few passes.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_STEP_PRICE, _JUMP_PRICE = 0.3, 1.5
_WAYS = np.array([[0, 1], [1, 0], [1, 1], [1, -1], [0, -1], [-1, 0], [-1, -1], [-1, 1]])


def best_sheet(
    evidence: NDArray[np.float32], allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """c (na, nb) of the best surface through `evidence` (na, nb, nc), and where it is allowed."""
    rewards = np.ascontiguousarray(np.where(allowed, evidence, 0.0), dtype=np.float32)
    total = np.zeros_like(rewards)
    for way in _WAYS:
        _gather(rewards, total, way, np.float32(_STEP_PRICE), np.float32(_JUMP_PRICE))
    total[~allowed] = -np.inf
    best = total.argmax(axis=2)
    return best, np.take_along_axis(allowed, best[..., None], axis=2)[..., 0]


@njit(cache=True)
def _gather(
    rewards: NDArray[np.float32],
    total: NDArray[np.float32],
    way: NDArray[np.int64],
    step_price: np.float32,
    jump_price: np.float32,
) -> None:
    """Add to `total` the best sum of rewards that a path along `way` brings to every voxel."""
    na, nb, nc = rewards.shape
    paths = np.empty_like(rewards)
    da, db = way[0], way[1]
    for ia in range(na):
        a = ia if da >= 0 else na - 1 - ia
        for ib in range(nb):
            b = ib if da != 0 or db > 0 else nb - 1 - ib
            pa, pb = a - da, b - db
            if pa < 0 or pa >= na or pb < 0 or pb >= nb:
                paths[a, b] = rewards[a, b]
            else:
                before = paths[pa, pb]
                top = before.max()
                for c in range(nc):
                    gained = max(before[c], top - jump_price)
                    if c > 0:
                        gained = max(gained, before[c - 1] - step_price)
                    if c < nc - 1:
                        gained = max(gained, before[c + 1] - step_price)
                    paths[a, b, c] = rewards[a, b, c] + gained - top
            for c in range(nc):
                total[a, b, c] += paths[a, b, c]
