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
    shape: Shape, nk: int, nj: int, ni: int, corner: FloatArray, steps: FloatArray
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    hu = np.empty((nk, nj, ni), np.float32)
    labels = np.empty((nk, nj, ni), np.uint8)
    clefts = np.empty((nk, nj, ni), np.uint8)
    for k in range(nk):
        for j in range(nj):
            for i in range(ni):
                p = corner + k * steps[2] + j * steps[1] + i * steps[0]
                label, cleft, value = tissue_at(shape, p[0], p[1], p[2])
                hu[k, j, i] = value
                labels[k, j, i] = label
                clefts[k, j, i] = cleft
    return hu, labels, clefts


def render(
    shape: Shape, grid: Grid, rotation: FloatArray, centre: FloatArray
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    """HU before blur and noise, labels and clefts on `grid`.

    `rotation` (3, 3) and `centre` (3,) place the template in the scanner:
    ``scanner = rotation @ template + centre``. Each voxel is independent of every other, so the
    result does not depend on the number of threads.
    """
    corner = (np.asarray(grid.origin_mm) - centre) @ rotation
    steps = (grid.direction * np.asarray(grid.spacing_mm)).T @ rotation
    steps = np.ascontiguousarray(steps)
    nk, nj, ni = grid.shape

    def slab(k: int) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
        return _render(shape, min(_SLAB, nk - k), nj, ni, corner + k * steps[2], steps)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hu, labels, clefts = zip(*pool.map(slab, range(0, nk, _SLAB)), strict=True)
    return np.concatenate(hu), np.concatenate(labels), np.concatenate(clefts)
