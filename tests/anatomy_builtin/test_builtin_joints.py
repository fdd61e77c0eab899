"""The SI joint is one thin border between two bones: seen, blurred away, or far from usual."""

from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from sacroplasty.anatomy.builtin.bright_ridge import FLANK_MM, bone_on_both_sides, bright_ridge
from sacroplasty.anatomy.builtin.joints import joint_surface, prior_lateral_mm
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.structures import Side
from sacroplasty.geometry import Frame, Grid, Volume

_STEP_MM = 1.25
_MARROW_HU, _CORTEX_MM = 0.0, 1.5


def _axes() -> PelvisAxes:
    x, y, z = (np.arange(a, b, _STEP_MM) for a, b in ((-100, 100.1), (-30, 60), (-40, 30)))
    grid = Grid.axis_aligned(
        (len(z), len(y), len(x)), (x[0], y[0], z[0]), (_STEP_MM,) * 3, Frame("1.2.3")
    )
    return PelvisAxes(grid, x, y, z)


@cache
def _error_mm(
    gap_mm: float, voxel_mm: float, medial_mm: float, cortex_hu: float = 600.0
) -> tuple[float, float]:
    """Median and largest distance of the surface from a joint `medial_mm` inside the usual place.

    The ala is fatty: its marrow is darker than the joint space. Both bones are filled solid.
    """
    axes = _axes()
    away = np.abs(axes.x_mm) - (prior_lateral_mm(axes.z_mm, axes.y_mm)[..., None] - medial_mm)
    y = axes.y_mm[None, :, None]
    bone = (y > -12.0) & (y < 36.0) & (away < 28.0) & (away > -34.0)
    wall = np.minimum(np.abs(away) - gap_mm / 2, np.minimum(28.0 - away, 34.0 + away))
    wall = np.minimum(wall, np.minimum(y + 12.0, 36.0 - y))
    hu = np.where(wall < _CORTEX_MM, cortex_hu, np.where(away < 0, _MARROW_HU, 150.0))
    hu = np.where(np.abs(away) < gap_mm / 2, 60.0, hu)
    hu = np.where(bone, hu, 40.0)
    sigma = 0.42 * voxel_mm / _STEP_MM
    hu = ndimage.gaussian_filter(hu, sigma) + np.random.default_rng(1).normal(0, 12.0, hu.shape)
    ct = Volume(hu.astype(np.float32), axes.grid)
    solid = np.ascontiguousarray(np.broadcast_to(bone, hu.shape))
    found = joint_surface(ct, solid, axes, Side.LEFT)
    truth = prior_lateral_mm(axes.z_mm, axes.y_mm) - medial_mm
    inner = np.ix_(np.abs(axes.z_mm) < 25.0, (axes.y_mm > -6.0) & (axes.y_mm < 30.0))
    error = np.abs(found.lateral_mm - truth)[inner]
    return float(np.median(error)), float(np.percentile(error, 95))


@pytest.mark.parametrize("gap_mm", [1.0, 2.5])
@pytest.mark.parametrize("voxel_mm", [1.0, 3.0])
def test_a_joint_beside_fatty_marrow_is_found(gap_mm: float, voxel_mm: float) -> None:
    median, most = _error_mm(gap_mm, voxel_mm, 0.0)
    assert median < 0.5
    assert most < 1.0


@pytest.mark.parametrize(("gap_mm", "cortex_hu"), [(1.0, 400.0), (1.0, 300.0), (0.0, 300.0)])
def test_a_narrow_joint_parts_the_bones_though_3_mm_voxels_show_no_gap(
    gap_mm: float, cortex_hu: float
) -> None:
    """Lateral of the usual place, the fatty ala there: the only dark valley is marrow."""
    median, most = _error_mm(gap_mm, 3.0, -6.0, cortex_hu)
    assert median < 1.0
    assert most < 1.5


def test_a_fused_joint_parts_the_bones_along_its_cortices() -> None:
    median, most = _error_mm(0.0, 3.0, 0.0)
    assert median < 0.5
    assert most < 1.0


def test_the_joint_of_a_narrow_sacrum_is_followed_far_from_the_usual_place() -> None:
    median, most = _error_mm(2.5, 1.0, 15.0)
    assert median < 0.5
    assert most < 1.0


def test_two_cortices_blurred_into_one_are_a_ridge_and_wide_marrow_is_none() -> None:
    depth = np.arange(-40.0, 41.0)
    plates = np.exp(-((depth / 2.5) ** 2)) * 300.0 + 50.0
    line = plates[None, None, :].astype(np.float32)
    ridge = bright_ridge(line)[0, 0]
    assert np.argmax(ridge) == len(ridge) // 2
    assert ridge.max() > 0.5
    assert ridge[len(ridge) // 2 - 8] < 0.0


def test_bone_on_one_side_alone_is_no_joint() -> None:
    solid = np.zeros((1, 1, 81), dtype=np.float32)
    solid[..., 40:] = 1.0
    between = bone_on_both_sides(solid)[0, 0]
    assert len(between) == 81 - 2 * FLANK_MM
    assert between[: 40 - FLANK_MM].max() == 0.0
    assert bone_on_both_sides(np.ones_like(solid)).min() == pytest.approx(1.0)
