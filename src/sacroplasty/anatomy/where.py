"""Where to look: a point as a finding carries it."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Points


def where(points: Points) -> tuple[float, float, float]:
    """The middle of `points`, LPS mm, to a hundredth."""
    return middle_of(points.xyz)


def middle_of(xyz: NDArray[np.float64]) -> tuple[float, float, float]:
    """The same of an array (n, 3) in LPS mm."""
    x, y, z = xyz.mean(axis=0).round(2).tolist()
    return (x, y, z)
