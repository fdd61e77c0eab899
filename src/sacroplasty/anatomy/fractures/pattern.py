"""The shape that several limbs make: H, U, T, …"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.fractures.fracture import SacralFracturePattern
from sacroplasty.anatomy.fractures.limb import FractureLimb
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Side

_REACH_MM = 10.0  # a vertical limb goes on beyond the horizontal one if by more than this


def suggest_pattern(limbs: Sequence[FractureLimb], sacrum: SacrumModel) -> SacralFracturePattern:
    """The pattern of the limbs.

    With vertical limbs on both sides and a horizontal one between: H where the vertical limbs go on
    below it, U where they end at it (spinopelvic dissociation either way, Roy-Camille 1985), T
    where they go down from it only. One that follows no pattern is named by its sides.
    """
    Pattern = SacralFracturePattern
    across = [limb for limb in limbs if limb.horizontal]
    upright = [limb for limb in limbs if not limb.horizontal]
    sides = {limb.side for limb in upright}
    both = {Side.LEFT, Side.RIGHT} <= sides
    if not across:
        if not upright:
            return Pattern.NONE
        return Pattern.BILATERAL_ALA if both else Pattern.UNILATERAL_ALA
    if not upright:
        return Pattern.HORIZONTAL
    if not both:
        return Pattern.T if None in sides else Pattern.ONE_SIDE_AND_HORIZONTAL
    middle = float(np.median(np.concatenate([_heights(limb, sacrum) for limb in across])))
    above = min(_reach(upright, side, sacrum, middle, 1.0) for side in Side)
    below = min(_reach(upright, side, sacrum, middle, -1.0) for side in Side)
    if above < _REACH_MM:
        return Pattern.T
    return Pattern.H if below > _REACH_MM else Pattern.U


def _heights(limb: FractureLimb, sacrum: SacrumModel) -> NDArray[np.float64]:
    return sacrum.scanner_from_sacrum.inverse(limb.cleft).xyz[:, 2]


def _reach(
    upright: Sequence[FractureLimb], side: Side, sacrum: SacrumModel, z_mm: float, way: float
) -> float:
    """How far the limbs of a side go above (way 1) or below (way −1) a height; 2 % may stray."""
    z = np.concatenate([_heights(limb, sacrum) for limb in upright if limb.side is side])
    return float(np.percentile((z - z_mm) * way, 98.0))
