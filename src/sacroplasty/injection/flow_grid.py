"""The box of voxels that the cement may flow in."""

import math

import numpy as np

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Points

# The box must hold a ball of the whole volume in tissue that takes half of it, and then some:
# cement that escapes along a path of low resistance runs further than a ball.
_LEAST_POROSITY = 0.5
_REACH_FACTOR = 1.8
_REACH_EXTRA_MM = 5.0


def flow_grid(ct_grid: Grid, tips: Points, most_volume_mm3: float, spacing_mm: float) -> Grid:
    """An isotropic grid in scanner axes around the needle tips, within the CT.

    `most_volume_mm3` is the largest volume of one needle. The box is laid symmetrically about the
    middle of the tips, so that a mirrored patient gets the mirrored grid. Raises `BadInput` where a
    tip lies outside the CT.
    """
    inside = ct_grid.contains(tips)
    if not inside.all():
        outside = np.round(tips.xyz[~inside][0], 1).tolist()
        raise BadInput(
            f"The needle tip at {outside} mm lies outside the CT; move the target into the scan."
        )
    ball = (3.0 * most_volume_mm3 / (4.0 * math.pi * _LEAST_POROSITY)) ** (1.0 / 3.0)
    low, high = tips.xyz.min(axis=0), tips.xyz.max(axis=0)
    middle = (low + high) / 2.0
    reach = (high - low) / 2.0 + _REACH_FACTOR * ball + _REACH_EXTRA_MM
    corners = ct_grid.corners.xyz
    before = np.floor(np.minimum(reach, middle - corners.min(axis=0)) / spacing_mm).astype(int)
    after = np.floor(np.minimum(reach, corners.max(axis=0) - middle) / spacing_mm).astype(int)
    before, after = np.maximum(before, 0), np.maximum(after, 0)
    ni, nj, nk = (before + after + 1).tolist()
    x, y, z = (middle - before * spacing_mm).tolist()
    return Grid.axis_aligned((nk, nj, ni), (x, y, z), (spacing_mm,) * 3, ct_grid.frame)
