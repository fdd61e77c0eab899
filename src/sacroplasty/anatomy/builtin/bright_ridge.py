"""The two cortices of a narrow joint, blurred into one: a bright ridge between two marrows.

A gap of 1-2 mm leaves no valley in 3 mm voxels, and the fatty marrow of an old ala is a wider and
darker valley than any joint. Over some millimetres the joint with its cortices is nevertheless
brighter than the marrow on both sides of it, whatever the voxel.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_FLOOR_HU, _CEILING_HU = -50.0, 600.0  # fat is no darker than water; metal is no brighter a cortex
_NARROW_MM, _WIDE_MM = 2.0, 6.0  # sigmas: two cortices with their gap, and the marrow around them
_CLEAR_HU = 150.0
_BESIDE_MM = (3, 9)  # where the marrow of either bone is looked for
FLANK_MM = 12  # lines must reach this far beyond the points that are asked for
_ALONG = 3  # voxels over which columns are averaged: a joint runs on, a trabecula does not


def bone_on_both_sides(solid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Share (0…1) of bone from 3 to 9 mm away, on the side that has less; (nu, nv, nd − 2·FLANK_MM).

    solid: bone with its marrow along lines (nu, nv, nd), 0 or 1, 1 mm apart.
    """
    last = solid.shape[2] - FLANK_MM
    steps = range(_BESIDE_MM[0], _BESIDE_MM[1] + 1)
    before = sum(solid[..., FLANK_MM - s : last - s] for s in steps)
    after = sum(solid[..., FLANK_MM + s : last + s] for s in steps)
    return np.asarray(np.minimum(before, after) / np.float32(len(steps)))


def bright_ridge(hu: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of a ridge (−1…1) each point is, shape (nu, nv, nd − 2·FLANK_MM).

    hu: lines (nu, nv, nd) in HU, 1 mm apart; the ridge is a difference of two Gaussian means.
    """
    clipped = np.clip(hu, _FLOOR_HU, _CEILING_HU)
    clipped = ndimage.uniform_filter(clipped, (_ALONG, _ALONG, 1))
    narrow = ndimage.gaussian_filter1d(clipped, _NARROW_MM, axis=2, truncate=3.0)
    wide = ndimage.gaussian_filter1d(clipped, _WIDE_MM, axis=2, truncate=2.0)
    return np.asarray(np.clip((narrow - wide)[..., FLANK_MM:-FLANK_MM] / _CLEAR_HU, -1.0, 1.0))
