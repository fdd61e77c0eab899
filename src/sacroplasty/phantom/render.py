"""The patient on a voxel grid: every voxel centre is carried to the template and asked."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.geometry import Grid
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.tissue import tissue_at

FloatArray = NDArray[np.float64]
_SLAB = 8  # slices that one thread renders at a time


@njit(cache=True, error_model="numpy", nogil=True)
def _render(
    shape: Shape,
    hu: NDArray[np.float32],
    labels: NDArray[np.uint8],
    clefts: NDArray[np.uint8],
    corner: FloatArray,
    steps: FloatArray,
    labels_only: bool,
) -> None:
    nk, nj, ni = hu.shape
    for k in range(nk):
        for j in range(nj):
            x = corner[0] + k * steps[2, 0] + j * steps[1, 0]
            y = corner[1] + k * steps[2, 1] + j * steps[1, 1]
            z = corner[2] + k * steps[2, 2] + j * steps[1, 2]
            for i in range(ni):
                label, cleft, value = tissue_at(
                    shape,
                    x + i * steps[0, 0],
                    y + i * steps[0, 1],
                    z + i * steps[0, 2],
                    labels_only,
                )
                hu[k, j, i] = value
                labels[k, j, i] = label
                clefts[k, j, i] = cleft


def render(
    shape: Shape,
    grid: Grid,
    rotation: FloatArray,
    centre: FloatArray,
    labels_only: bool = False,
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    """HU before blur and noise, labels and clefts on `grid`.

    `rotation` (3, 3) and `centre` (3,) place the template in the scanner:
    ``scanner = rotation @ template + centre``. Each voxel is independent of every other, so the
    result does not depend on the number of threads. With `labels_only` the HU mean nothing.
    """
    corner = (np.asarray(grid.origin_mm) - centre) @ rotation
    steps = (grid.direction * np.asarray(grid.spacing_mm)).T @ rotation
    steps = np.ascontiguousarray(steps)
    hu = np.empty(grid.shape, np.float32)
    labels, clefts = np.empty(grid.shape, np.uint8), np.empty(grid.shape, np.uint8)

    def fill(k: int) -> None:
        part = slice(k, k + _SLAB)
        start = corner + k * steps[2]
        _render(shape, hu[part], labels[part], clefts[part], start, steps, labels_only)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, range(0, grid.shape[0], _SLAB)))
    return hu, labels, clefts
