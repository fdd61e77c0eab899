"""Where bone ends: at half maximum, at the canal, at the hip joint, at a border that was drawn."""

import numpy as np
from scipy import ndimage

from sacroplasty.anatomy.builtin.canal_course import open_canal
from sacroplasty.anatomy.builtin.cut_out_bone import cut_out_bone
from sacroplasty.anatomy.builtin.disc import DiscPlane
from sacroplasty.anatomy.builtin.half_maximum import peeled
from sacroplasty.anatomy.builtin.hip_joint import beyond_hip, femoral_head
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.structures import Side
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import Acquisition, CTVolume


def _axes(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> PelvisAxes:
    step = 1.25
    centres = [np.arange(*limits, step) for limits in (x, y, z)]
    shape = (len(centres[2]), len(centres[1]), len(centres[0]))
    grid = Grid.axis_aligned(shape, (x[0], y[0], z[0]), (step,) * 3, Frame("1.2.3"))
    return PelvisAxes(grid, *centres)


def _scanned(hu: np.ndarray, axes: PelvisAxes) -> Volume[np.float32]:
    """HU after the blur of a scanner, with its noise."""
    noise = np.random.default_rng(3).normal(0.0, 15.0, hu.shape)
    return Volume((ndimage.gaussian_filter(hu, 0.7) + noise).astype(np.float32), axes.grid)


def test_a_blurred_ball_of_cortex_keeps_its_size() -> None:
    k, j, i = np.indices((48, 48, 48)) * 1.25 - 29.4
    truth = np.sqrt(k * k + j * j + i * i) < 20.0
    hu = ndimage.gaussian_filter(np.where(truth, 600.0, 40.0), 0.8).astype(np.float32)
    by_threshold = hu > 130.0
    assert by_threshold.sum() > 1.08 * truth.sum()
    assert abs(peeled(by_threshold, hu, 1.25).sum() / truth.sum() - 1.0) < 0.02


def test_marrow_without_cortex_is_not_peeled() -> None:
    hu = np.full((20, 20, 20), 40.0, dtype=np.float32)
    hu[5:15, 5:15, 5:15] = 140.0
    bone = hu > 130.0
    np.testing.assert_array_equal(peeled(bone, hu, 1.25), bone)


def test_a_narrow_canal_behind_the_bodies_is_opened_and_marrow_is_not() -> None:
    axes = _axes((-30.0, 30.0), (-40.0, 110.0), (-115.0, 20.0))
    z, y, x = axes.z_mm[:, None, None], axes.y_mm[None, :, None], axes.x_mm[None, None, :]
    behind = y - (20.0 - 0.4 * z)  # the canal runs dorsally on its way down
    column = (np.abs(behind + 4.0) < 14.0) & (np.abs(x) < 22.0) & (z < 10.0)
    marrow = (np.abs(behind + 10.0) < 6.0) & (np.abs(x) < 20.0) & (z < 8.0)
    canal = (np.hypot(behind, x) < 5.0) & (z < 10.0)
    hu = np.where(column, 500.0, 40.0)
    hu[np.broadcast_to(marrow, hu.shape)] = 120.0
    hu[np.broadcast_to(canal, hu.shape)] = 15.0
    opened = open_canal(_scanned(hu, axes), axes, DiscPlane(0.0, 12.0, 30.0, 1.0))
    below = np.broadcast_to((z < 0.0) & (z > -90.0), hu.shape)
    core = np.broadcast_to(np.hypot(behind, x) < 2.5, hu.shape) & below
    assert opened[core].mean() > 0.9
    assert opened[np.broadcast_to(marrow, hu.shape)].mean() < 0.01


def test_the_femoral_head_is_found_on_its_own_side_and_the_ischium_stays() -> None:
    axes = _axes((-140.0, 140.0), (-100.0, 40.0), (-125.0, 20.0))
    z, y, x = axes.z_mm[:, None, None], axes.y_mm[None, :, None], axes.x_mm[None, None, :]
    centre = np.array([92.0, -38.0, -66.0])
    r = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2)
    socket = (r > 27.0) & (r < 36.0) & (0.8 * (z - centre[2]) - 0.6 * (x - centre[0]) > 0.0)
    hu = np.where((r < 24.0) | socket, 450.0, 40.0)
    ct = _scanned(hu, axes)
    head = femoral_head(ct, axes, Side.LEFT)
    assert head is not None
    found = np.array([head.x_mm, head.y_mm, head.z_mm])
    assert np.linalg.norm(found - centre) < 4.0
    assert abs(head.radius_mm - 24.0) < 2.5
    femur = beyond_hip(head, axes)
    assert femur[r < 20.0].mean() > 0.99
    assert femur[socket & (r > 30.0)].mean() < 0.1
    ischium = tuple(axes.index(a, v) for a, v in (("z", -115.0), ("y", -10.0), ("x", 78.0)))
    assert not femur[ischium]
    assert femur_head_mirrored(ct, axes, head.x_mm)
    assert femoral_head(ct, axes, Side.RIGHT) is None


def femur_head_mirrored(ct: Volume[np.float32], axes: PelvisAxes, x_mm: float) -> bool:
    """Whether the mirrored scan has its head on the right, as far from the midplane."""
    mirrored = Volume(ct.values[:, :, ::-1].copy(), axes.grid)
    head = femoral_head(mirrored, axes, Side.RIGHT)
    return head is not None and abs(head.x_mm + x_mm) < 3.1


def test_only_a_scan_with_one_constant_background_counts_as_cut_out() -> None:
    axes = _axes((-60.0, 60.0), (-70.0, 70.0), (-70.0, 20.0))
    z, y, x = axes.z_mm[:, None, None], axes.y_mm[None, :, None], axes.x_mm[None, None, :]
    drawn = np.broadcast_to(
        np.sqrt(x * x + (y - 35.0) ** 2 + (z + 20.0) ** 2) < 25.0, (72, 112, 96)
    )
    hu = np.where(drawn, np.random.default_rng(5).normal(60.0, 40.0, drawn.shape), 0.0)
    whole = hu + np.random.default_rng(6).normal(0.0, 10.0, drawn.shape)
    for values, is_cut_out in ((hu, True), (whole, False)):
        ct = CTVolume(np.rint(values).astype(np.int16), axes.grid, Acquisition("0" * 64, "test"))
        found = cut_out_bone(ct, Volume(ct.hu.astype(np.float32), axes.grid), axes)
        assert (found is not None) == is_cut_out
        if found is not None:
            assert np.mean(found != drawn) < 0.002
