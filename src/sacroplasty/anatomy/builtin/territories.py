"""Whose bone is whose: the space on each side of the joint and disc surfaces."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.builtin.disc import DiscPlane
from sacroplasty.anatomy.builtin.joints import JointSurface
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.structures import Side, Structure, ilium_structure

_SACRUM_LENGTH_MM = 150.0  # below the L5/S1 disc; longer than any adult sacrum with coccyx
_L5_HEIGHT_MM = 34.0  # body of L5 with its disc
_L5_HALF_WIDTH_MM = 48.0
_JOINT_END_MM = -35.0  # below this height the ilium has left the sacrum and the notch begins
_APEX_MM = -75.0
_BODY_TO_ALA_MM = (20.0, 28.0)


def territories(
    axes: PelvisAxes,
    joints: dict[Side, JointSurface],
    below: NDArray[np.bool_],
    plane: DiscPlane,
) -> NDArray[np.uint8]:
    """A `Structure` value for every voxel (nk, nj, ni) that one of the four bones may claim.

    below: which lie on the sacrum's side of the boundary to L5, the same shape.
    """
    z, x = axes.z_mm[:, None, None], axes.x_mm[None, None, :]
    y = axes.y_mm[None, :, None]
    owner = np.zeros(axes.grid.shape, dtype=np.uint8)
    medial = np.ones(axes.grid.shape, dtype=bool)
    for side in Side:
        outside = side.sign * x > joints[side].lateral_mm[:, :, None]
        medial &= ~outside
        owner[outside] = ilium_structure(side)
    owner[medial & below & _pelvic_hollow_excluded(axes, plane)] = Structure.SACRUM
    turn = np.deg2rad(plane.tilt_deg * 0.6)  # L5 itself is less steep than its lower disc
    along = np.cos(turn) * (z - plane.z_mm) - np.sin(turn) * np.minimum(y - plane.y_mm, 20.0)
    above = medial & ~below & (along < _L5_HEIGHT_MM) & (np.abs(x) < _L5_HALF_WIDTH_MM)
    owner[above] = Structure.L5
    owner[medial & ~below & ~above] = Structure.OUTSIDE
    return owner


def _pelvic_hollow_excluded(axes: PelvisAxes, plane: DiscPlane) -> NDArray[np.bool_]:
    """Where a sacrum can be below the disc: not in the pelvic hollow, not beside its taper."""
    z, y, x = axes.z_mm[:, None, None], axes.y_mm[None, :, None], axes.x_mm[None, None, :]
    heights = [_APEX_MM - 20.0, _APEX_MM, _JOINT_END_MM, _JOINT_END_MM + 20.0]
    beside = np.interp(
        np.abs(x), _BODY_TO_ALA_MM, [25.0, 12.0]
    )  # iliac vessels lie before the alae
    ventral = np.interp(z, heights[:3], [0.0, 5.0, -15.0])
    above = np.clip((z - _JOINT_END_MM) / 20.0, 0.0, 1.0)
    ventral = ventral + above * (plane.y_mm - beside + 15.0)
    lateral = np.interp(z, heights, [25.0, 32.0, 56.0, 90.0])
    return (y > ventral) & (np.abs(x) < lateral) & (z > plane.z_mm - _SACRUM_LENGTH_MM)
