"""A dark gap between two bright cortices, measured along lines that cross it."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_SOFT_HU, _HARD_HU, _DEEP_HU = 80.0, 350.0, 300.0
_FLOOR_HU, _CEILING_HU = -50.0, 1000.0  # fat is no darker a gap than water; metal no brighter


def sampled_lines(
    values: NDArray[np.generic],
    kji: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    order: int,
) -> NDArray[np.float32]:
    """`values` at index arrays that broadcast against each other, shape of the broadcast."""
    places = np.broadcast_arrays(*kji)
    return np.asarray(
        ndimage.map_coordinates(values, places, order=order, mode="nearest", output=np.float32)
    )


def gap_and_bone(
    hu: NDArray[np.float32], flank: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much of a gap (0…1) and of bone (0…1.5) each point is, shape (nu, nv, nd − 2·flank).

    hu: lines (nu, nv, nd) in HU, 1 mm apart; a gap is as deep as the lower of the two highest
    values within `flank` steps on either side.
    """
    hu = np.clip(hu, _FLOOR_HU, _CEILING_HU)
    last = hu.shape[2] - flank
    steps = range(1, flank + 1)
    before = np.stack([hu[..., flank - s : last - s] for s in steps]).max(axis=0)
    after = np.stack([hu[..., flank + s : hu.shape[2] - flank + s] for s in steps]).max(axis=0)
    here = hu[..., flank:last]
    gap = np.clip((np.minimum(before, after) - here) / _DEEP_HU, 0.0, 1.0)
    bone = np.clip((here - _SOFT_HU) / (_HARD_HU - _SOFT_HU), 0.0, 1.5)
    return gap, bone
