"""A tile of smooth noise that repeats without a seam: the texture of fat, muscle and marrow."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

GRAIN_N = 64  # a power of two: kernels wrap with a bit mask
GRAIN_PER_FEATURE = 4.0  # nodes per feature
_SIGMA_NODES = 1.5
_SD = 0.36  # as of value noise in −1…1


def grain_tile(rng: np.random.Generator) -> NDArray[np.float32]:
    """Array (GRAIN_N, GRAIN_N, GRAIN_N) with mean 0, within −1…1."""
    tile = rng.standard_normal((GRAIN_N,) * 3)
    tile = gaussian_filter(tile, _SIGMA_NODES, mode="wrap")
    tile *= _SD / tile.std()
    return np.clip(tile, -1.0, 1.0).astype(np.float32)
