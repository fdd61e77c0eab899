"""A coarse map of bone, fine enough to recognise a pelvis and small enough to search."""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.geometry import Grid, Volume

COARSE_MM = 4.0
_BLUR_MM = 5.0  # about the mismatch of a generic pelvis, so that the fit has a slope to climb
_SOFT_HU, _HARD_HU = 100.0, 400.0
# Thin osteoporotic wings must count next to dense bone and metal: the map bends over at this value.
_HALF_WORTH = 0.25


def coarse_bone_map(hu: Volume[np.int16]) -> Volume[np.float32]:
    """Bone-ness 0…1 on an axis-aligned grid of 4 mm, blurred by 5 mm (one sigma).

    Bone-ness rises from 100 HU to 400 HU before it is averaged, so that thin cortex is not lost, and
    is then compressed: ``b (1 + h) / (b + h)``.
    """
    grid = hu.grid
    steps = np.maximum((COARSE_MM / 2 / np.asarray(grid.spacing_kji_mm)).astype(int), 1)
    steps = np.minimum(steps, grid.shape)
    means = _block_means(hu.values, (int(steps[0]), int(steps[1]), int(steps[2])))
    middle = grid.points_at((steps - 1) / 2).single
    spacing = np.asarray(grid.spacing_mm) * steps[::-1]
    blocks = Grid(means.shape, tuple(middle), tuple(spacing), grid.direction, grid.frame)
    ndimage.gaussian_filter(
        means, _BLUR_MM / spacing[::-1], truncate=2.5, output=means, mode="constant"
    )
    bent = means * np.float32(1 + _HALF_WORTH) / (means + np.float32(_HALF_WORTH))
    return Volume(bent, blocks).on(blocks.aligned_box(blocks.corners, 0.0, COARSE_MM), order=1)


@njit(cache=True)
def _block_means(hu: NDArray[np.int16], steps: tuple[int, int, int]) -> NDArray[np.float32]:
    """Mean bone-ness of blocks of voxels; a rest that fills no block is left out."""
    sk, sj, si = steps
    nk, nj, ni = hu.shape[0] // sk, hu.shape[1] // sj, hu.shape[2] // si
    means = np.zeros((nk, nj, ni), np.float32)
    share = np.float32(1.0 / ((_HARD_HU - _SOFT_HU) * sk * sj * si))
    for k in range(nk * sk):
        for j in range(nj * sj):
            for i in range(ni * si):
                over = hu[k, j, i] - _SOFT_HU
                if over > 0.0:
                    means[k // sk, j // sj, i // si] += share * min(over, _HARD_HU - _SOFT_HU)
    return means
