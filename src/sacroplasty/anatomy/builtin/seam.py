"""Two bones that touch: their plates make one bright seam with marrow on both sides.

A disc worn down to nothing, bridged by bone or lost between thick slices leaves no dark gap. What
tells the seam from the endplate beside a disc is that no other plate lies within a disc's height.
"""

import numpy as np
from numpy.typing import NDArray

# Through a seam: marrow of S1, the plates, marrow of L5, higher than any disc.
_BELOW_MM, _AT_MM, _ABOVE_MM = tuple(range(-15, -4, 2)), (-2, 0, 2), tuple(range(5, 22, 2))
_GRAIN_HU, _PLATE_HU = 100.0, 300.0


def lines_across(across_mm: tuple[int, ...], along_mm: tuple[int, ...]) -> NDArray[np.float64]:
    """Points (n, 3) as x, y, z of lines through a seam at the origin with its normal along z."""
    through = (*_BELOW_MM, *_AT_MM, *_ABOVE_MM)
    return np.array(
        [(x, y, z) for x in across_mm for y in along_mm for z in through], dtype=np.float64
    )


def seam_of(plates: NDArray[np.float32]) -> float:
    """How much brighter than anything beside it the middle of `lines_across` is; mean, 1 at most.

    plates: at the points of the lines, 1 for an endplate. A line that leaves bone (fat) counts 0.
    """
    lines = plates.reshape(-1, len(_BELOW_MM) + len(_AT_MM) + len(_ABOVE_MM))
    below, at, above = np.split(lines, [len(_BELOW_MM), len(_BELOW_MM) + len(_AT_MM)], axis=1)
    stands_out = at.max(axis=1) - np.maximum(below.max(axis=1), above.max(axis=1))
    in_bone = np.minimum(below.min(axis=1), above.min(axis=1)) > 0
    return float((np.clip(stands_out, 0.0, 1.0) * in_bone).mean())


def seam_along(
    hu: NDArray[np.float32], solid: NDArray[np.bool_], flank: int
) -> NDArray[np.float32]:
    """How much of a seam (0…1) each point of lines (nu, nv, nd) is; shape (nu, nv, nd − 2·flank).

    Bright between darker bone on both sides: solid must be both, or it is the edge of one bone.
    """
    last = hu.shape[2] - flank
    steps = range(1, flank + 1)
    before = np.stack([hu[..., flank - s : last - s] for s in steps]).min(axis=0)
    after = np.stack([hu[..., flank + s : hu.shape[2] - flank + s] for s in steps]).min(axis=0)
    ridge = hu[..., flank:last] - np.maximum(before, after) - _GRAIN_HU
    between = solid[..., : last - flank] & solid[..., 2 * flank :]
    return np.asarray(np.clip(ridge / _PLATE_HU, 0.0, 1.0) * between, dtype=np.float32)
