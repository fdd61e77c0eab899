"""The surface in each SI joint: the dark sheet between two bright cortices, which are one bright
ridge where the scan is too coarse or the joint too narrow for a dark sheet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.bright_ridge import FLANK_MM, bone_on_both_sides, bright_ridge
from sacroplasty.anatomy.builtin.dark_gap import gap_and_bone, sampled_lines
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.surface_search import cheapest_surface, smoothed_surface
from sacroplasty.anatomy.structures import Side
from sacroplasty.geometry import Volume

_STEP_MM = 1.0
_FLANK_MM = 5  # a cortex is looked for this far on both sides of the gap
_SLOPE = 0.12  # cost of one step sideways between neighbouring columns
_STRAY_WEIGHT = 0.4
# Behind the joint, ligaments and muscle fill a wide cleft: any place in it is as good.
_JOINT_TO_CLEFT_MM, _CLEFT_SHARE = (22.0, 36.0), 0.2
# How far a surface is looked for, and how far from the expected place costs the stray weight.
_FIRST_REACH_MM, _SECOND_REACH_MM = (22.0, 22.0), (16.0, 10.0)
_CLEAR_VALLEY = 0.15  # weaker gaps than this say nothing about where the joint is
_MARROW_COST = 0.6  # so that the surface prefers free space to the inside of a bone
_RIDGE_WEIGHT = 0.25  # a faint joint's only mark; what tells marrow from a joint beside it
_FREE_MM, _FREE_BONE = 2, 0.15  # free space is wider than this and softer than bone
# A gap that is no ridge may be marrow or a cleft behind the joint; a ridge without a gap may be a
# narrow joint in thick slices, and counts where nothing better is seen.
_LONE_GAP, _LONE_RIDGE = 0.2, 0.05
_TRUST_PRIOR = 0.02
_DOUBT_MM = 3.0
_SMOOTH_MM = 2.5  # an auricular surface undulates over 10 mm and more; slices step by 3 mm


@dataclass(frozen=True, eq=False, slots=True)
class JointSurface:
    """|x| of the surface in mm, the depth of the dark valley in it (0…1), how far it is also the
    ridge of two cortices between two bones (0…1), and where it passes through free space (0 or 1),
    all (nk, nj)."""

    lateral_mm: NDArray[np.float64]
    valley: NDArray[np.float64]
    ridge: NDArray[np.float64]
    free: NDArray[np.float64]


def prior_lateral_mm(z_mm: NDArray[np.float64], y_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the joint usually is, lateral of the midplane (mm), shape (nk, nj)."""
    notch = np.clip(-10.0 - z_mm, 0.0, 40.0)[:, None] * np.clip((y_mm - 10.0) / 20.0, 0.0, 1.0)
    return np.asarray(50.0 - 0.45 * (np.clip(y_mm, -30.0, 60.0) - 15.0) + 0.4 * notch)


def joint_surface(
    ct: Volume[np.float32], solid: NDArray[np.bool_], axes: PelvisAxes, side: Side
) -> JointSurface:
    """The joint of one side: a free search first, then a narrow one around its smooth trend."""
    prior = prior_lateral_mm(axes.z_mm, axes.y_mm)
    first = _searched(ct, solid, axes, side, prior, _FIRST_REACH_MM)
    trend = _smooth_trend(first, prior, axes)
    found = _searched(ct, solid, axes, side, trend, _SECOND_REACH_MM)
    stray = found.lateral_mm - trend
    weight = np.maximum(found.valley**2, found.free)
    smooth = smoothed_surface(stray, weight, _SMOOTH_MM / axes.step_mm)
    return JointSurface(trend + smooth, found.valley, found.ridge, found.free)


def _searched(
    ct: Volume[np.float32],
    solid: NDArray[np.bool_],
    axes: PelvisAxes,
    side: Side,
    expected: NDArray[np.float64],
    reach_and_stray_mm: tuple[float, float],
) -> JointSurface:
    """The cheapest surface within reach of the expected one (nk, nj)."""
    reach_mm, stray_mm = reach_and_stray_mm
    n, more = FLANK_MM, FLANK_MM - _FLANK_MM
    depth = np.arange(-reach_mm - n, reach_mm + n + 0.5, _STEP_MM)
    i = (side.sign * (expected[..., None] + depth) - axes.x_mm[0]) / axes.step_mm
    k, j = (
        a[..., None].astype(np.float64)
        for a in np.meshgrid(*map(np.arange, expected.shape), indexing="ij")
    )
    lines = sampled_lines(ct.values, (k, j, i), order=1)
    inside = sampled_lines(solid.view(np.uint8), (k, j, i), order=0)
    between, inside = bone_on_both_sides(inside), inside[..., n:-n]
    valley, bone = gap_and_bone(lines[..., more:-more], _FLANK_MM)
    valley = ndimage.uniform_filter(valley, (3, 3, 1)) * np.where(inside > 0, between, 1.0)
    bone = np.maximum(bone, _MARROW_COST * inside)
    # Between two bones a fused cortex is as good a place as marrow: gap and ridge decide.
    bone -= between * np.maximum(bone - _MARROW_COST, 0.0)
    depth = depth[n:-n]
    stray = _STRAY_WEIGHT * np.interp(axes.y_mm, _JOINT_TO_CLEFT_MM, (1.0, _CLEFT_SHARE))
    cost = bone - valley + stray[:, None] * (depth / stray_mm) ** 2
    ridge = between * bright_ridge(lines)
    cost -= _RIDGE_WEIGHT * ridge
    found = cheapest_surface(np.ascontiguousarray(cost, dtype=np.float32), _SLOPE)
    beside = ndimage.maximum_filter1d(bone, 2 * _FREE_MM + 1, axis=2)
    index = np.rint(found).astype(int)[..., None]
    gap, plates, near = (
        np.take_along_axis(a, index, axis=2)[..., 0].astype(np.float64)
        for a in (valley, np.maximum(ridge, 0.0), beside)
    )
    lateral = expected + depth[0] + _STEP_MM * found
    return JointSurface(lateral, gap, plates, (near <= _FREE_BONE).astype(np.float64))


def _smooth_trend(
    surface: JointSurface, prior: NDArray[np.float64], axes: PelvisAxes
) -> NDArray[np.float64]:
    """Quadric through the clear part of the surface, robust to columns that strayed."""
    z, y = np.meshgrid(axes.z_mm / 50.0, axes.y_mm / 50.0, indexing="ij")
    basis = np.stack([np.ones_like(y), y, z, y * y, y * z, z * z], axis=-1).reshape(-1, 6)
    near = ((np.abs(z) <= 1.0) & (y > -0.5) & (y < 1.3)).ravel()
    offset = (surface.lateral_mm - prior).ravel()
    gap = np.where(surface.valley > _CLEAR_VALLEY, surface.valley, 0.0)
    seen = gap * (_LONE_GAP + (1 - _LONE_GAP) * surface.ridge) + _LONE_RIDGE * surface.ridge
    clear = seen.ravel() * near
    ridge = _TRUST_PRIOR * max(clear.sum(), 1.0) * np.diag([0.05, 1, 1, 2, 2, 2])
    weight = clear
    shape = np.zeros(6)
    for _ in range(8):
        shape = np.linalg.solve((basis.T * weight) @ basis + ridge, (basis.T * weight) @ offset)
        weight = clear / (1.0 + ((offset - basis @ shape) / _DOUBT_MM) ** 2)
    return np.asarray(prior + np.clip(basis @ shape, -20.0, 20.0).reshape(prior.shape))
