"""Variation of bone from place to place: a Gaussian field with a correlation length."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Singles = NDArray[np.float32]

# The kernel is cut where it has fallen to e⁻⁸ of its middle.
_REACH = 4.0


def correlated_noise(seed: int, shape: tuple[int, int, int], length_voxels: float) -> Singles:
    """Standard normal numbers (k, j, i) whose correlation over a distance d is exp(−(d/L)²).

    White noise under a Gaussian kernel of the width L/2, scaled so that the variance is 1 on every
    grid. The box is periodic: opposite walls are alike, which no cement cloud can see. The field
    belongs to the grid: another voxel size is another field of the same law.
    """
    white = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    reach = math.ceil(_REACH * 0.5 * length_voxels)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-2.0 * (steps / max(length_voxels, 1e-3)) ** 2)
    weights = (weights / np.sqrt((weights**2).sum())).astype(np.float32)
    return np.asarray(_smooth(white, weights))


@njit(cache=True)
def _smooth(field: Singles, weights: Singles) -> Singles:
    """The kernel along k, j and i, one after the other, on a periodic box."""
    nk, nj, ni = field.shape
    reach = weights.size // 2
    one = np.zeros_like(field)
    two = np.zeros_like(field)
    padded = np.empty(ni + 2 * reach, dtype=np.float32)
    for k in range(nk):
        for t in range(weights.size):
            source = (k + t - reach) % nk
            for j in range(nj):
                for i in range(ni):
                    one[k, j, i] += weights[t] * field[source, j, i]
    for k in range(nk):
        for j in range(nj):
            for t in range(weights.size):
                source = (j + t - reach) % nj
                for i in range(ni):
                    two[k, j, i] += weights[t] * one[k, source, i]
    for k in range(nk):
        for j in range(nj):
            for i in range(ni + 2 * reach):
                padded[i] = two[k, j, (i - reach) % ni]
            for i in range(ni):
                total = np.float32(0.0)
                for t in range(weights.size):
                    total += weights[t] * padded[i + t]
                one[k, j, i] = total
    return one
