"""The surface between L5 and the sacrum: along the endplate, then level between the laminae.

Sought as heights over the direction half way between the endplate and the level of the pelvis: a
sacrum that lies nearly flat has an upright endplate, over which no height along z is defined.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.builtin.dark_gap import gap_and_bone, sampled_lines
from sacroplasty.anatomy.builtin.disc import DiscPlane
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.seam import seam_along
from sacroplasty.anatomy.builtin.surface_search import cheapest_surface
from sacroplasty.geometry import Volume

_REACH_MM = 24.0
_STRAY_MM, _BODY_TO_ALA_MM, _STRAY_WEIGHTS = 10.0, (22.0, 32.0), (0.3, 0.1)
_MARROW_COST = 0.45  # so that the surface prefers free space to the inside of a bone
_FLANK_MM = 6
_STEP_MM = 1.0
_SLOPE = 0.08
_GAP_WEIGHT = 0.5  # vertebral marrow lies between bright plates too
# From the middle of the disc along the endplate: before and behind, the boundary runs level. The
# front of the alae stands before the endplate of a sacrum that lies nearly flat.
_FRONT_MM, _FRONT_OF_ALA_MM, _BACK_MM = 33.0, 10.0, 21.0
_ALONG_MM = (-90.0, 110.0)


def below_disc(
    ct: Volume[np.float32], solid: NDArray[np.bool_], axes: PelvisAxes, plane: DiscPlane
) -> NDArray[np.bool_]:
    """Voxels (nk, nj, ni) on the sacrum's side of the boundary to L5.

    The boundary is the cheapest smooth surface near the plane through what is dark, or through the
    plates of two bones that touch. Beside the body the disc says nothing about it: it passes over
    the alae, however high.
    """
    half = np.deg2rad(plane.tilt_deg) / 2
    along = np.arange(_ALONG_MM[0], _ALONG_MM[1] + axes.step_mm / 2, axes.step_mm)
    surface = _surface(ct, solid, axes, plane, along)
    y, z = axes.y_mm[None, :] - plane.y_mm, axes.z_mm[:, None] - plane.z_mm
    u, w = np.cos(half) * y + np.sin(half) * z, np.cos(half) * z - np.sin(half) * y
    row = np.clip(np.rint((u - along[0]) / axes.step_mm).astype(int), 0, len(along) - 1)
    rest = np.clip(u - along[row], -axes.step_mm / 2, axes.step_mm / 2)
    slope = np.gradient(surface, axes.step_mm, axis=0).astype(np.float32)
    height = surface.astype(np.float32)[row] + slope[row] * rest[..., None].astype(np.float32)
    return np.asarray(w[..., None] <= height)


def expected_height_mm(
    plane: DiscPlane, along_mm: NDArray[np.float64], x_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Height over the half-way direction, (along, x): up along the endplate, down where it is level."""
    half = np.deg2rad(plane.tilt_deg) / 2
    front = np.interp(np.abs(x_mm), _BODY_TO_ALA_MM, (_FRONT_MM, _FRONT_OF_ALA_MM))
    along = along_mm[:, None]
    on_plate = np.clip(along, -front * np.cos(half), _BACK_MM * np.cos(half))
    return np.asarray(np.tan(half) * (2 * on_plate - along))


def _surface(
    ct: Volume[np.float32],
    solid: NDArray[np.bool_],
    axes: PelvisAxes,
    plane: DiscPlane,
    along: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Height of the boundary for every (along, x), shape (len(along), ni)."""
    n, half = _FLANK_MM, np.deg2rad(plane.tilt_deg) / 2
    depth = np.arange(-_REACH_MM - n, _REACH_MM + n + 0.5, _STEP_MM)
    expected = expected_height_mm(plane, along, axes.x_mm)
    w = expected[..., None] + depth
    u = along[:, None, None]
    y = plane.y_mm + np.cos(half) * u - np.sin(half) * w
    z = plane.z_mm + np.sin(half) * u + np.cos(half) * w
    k = (z - axes.z_mm[0]) / axes.step_mm
    j = (y - axes.y_mm[0]) / axes.step_mm
    i = np.arange(len(axes.x_mm), dtype=np.float64)[None, :, None]
    lines = sampled_lines(ct.values, (k, j, i), order=1)
    inside = sampled_lines(solid.view(np.uint8), (k, j, i), order=0)
    valley, bone = gap_and_bone(lines, n)
    seam = seam_along(lines, inside > 0, n)
    bone = np.maximum(bone, _MARROW_COST * inside[..., n:-n]) * (1 - seam)
    depth = depth[n:-n]
    stray = np.interp(np.abs(axes.x_mm), _BODY_TO_ALA_MM, _STRAY_WEIGHTS)[None, :, None]
    cost = bone - _GAP_WEIGHT * np.maximum(valley, seam) + stray * (depth / _STRAY_MM) ** 2
    found = cheapest_surface(np.ascontiguousarray(cost, dtype=np.float32), _SLOPE)
    return np.asarray(expected + depth[0] + _STEP_MM * found)
