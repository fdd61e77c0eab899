"""Array axes in the order everyone reads them: i to the left, j to the back, k to the head."""

from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Grid, Volume


def in_patient_order(volume: Volume[np.int16]) -> Volume[np.int16]:
    """The same voxels with axes permuted and flipped towards left, posterior, superior.

    No voxel moves and nothing is resampled; an oblique grid stays oblique. Axes (k, j, i) of the
    result are those closest to superior, posterior and left, so that ``values[k]`` is an
    axial-like slice whatever way the file was stored.
    """
    grid = volume.grid
    turn = max(_quarter_turns(), key=lambda t: float(np.trace(grid.direction @ t)))
    source = np.abs(turn).argmax(axis=0)  # new axis a (i, j, k) was axis source[a]
    flipped = turn.sum(axis=0) < 0
    spacing = tuple(np.asarray(grid.spacing_mm)[source].tolist())
    values = volume.values.transpose([2 - source[a] for a in (2, 1, 0)])
    values = values[tuple(slice(None, None, -1 if flipped[a] else 1) for a in (2, 1, 0))]
    first_kji = np.zeros(3)
    for old in source[flipped]:
        first_kji[2 - old] = grid.shape[2 - old] - 1
    origin = tuple(grid.points_at(first_kji).single.tolist())
    k, j, i = values.shape
    return Volume(values, Grid((k, j, i), origin, spacing, grid.direction @ turn, grid.frame))


def _quarter_turns() -> list[NDArray[np.float64]]:
    """The 24 rotations that permute and flip axes without mirroring; doing nothing comes first."""
    turns = [
        np.eye(3)[:, list(order)] * np.array(signs)
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
    ]
    return [turn for turn in turns if np.linalg.det(turn) > 0]
