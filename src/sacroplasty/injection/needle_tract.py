"""The gap between a needle's shaft and the bone: the way back along the needle."""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Grid, Points
from sacroplasty.injection.tubes import Tube, tube_of, walk
from sacroplasty.planning import Needle


def needle_tract(needle: Needle, grid: Grid, open_space: NDArray[np.bool_]) -> Tube:
    """The chain of voxels from the tip along the shaft, to the skin or the first closed voxel."""
    ends = Points(np.vstack([needle.tip.xyz, needle.entry.xyz]), needle.frame)
    line = grid.kji_at(ends)
    cells, whole = walk(line, open_space)
    return tube_of(cells, line, whole, grid.shape, grid.spacing_mm[0])


def annulus_conduction_mm4(shaft_mm: float, gap_mm: float) -> float:
    """G = π d b³ / 12 of the gap b around a shaft of the diameter d: a slot as wide as it is round.

    Q = −(G/μ) ∂p/∂l; the curvature changes it by less than b/d. The needle is taken to lie in the
    middle of its hole; one that lies against the wall conducts up to 2.5 times as much.
    """
    return math.pi * shaft_mm * gap_mm**3 / 12.0


def annulus_area_mm2(shaft_mm: float, gap_mm: float) -> float:
    """Cross-section π d b of the gap."""
    return math.pi * shaft_mm * gap_mm
