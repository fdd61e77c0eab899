"""Distances to voxels are exact; distances to walls are as good as a label map allows."""

import numpy as np
from scipy import ndimage

from sacroplasty.planning.distance_field import FAR_MM, signed_distance_mm


def test_the_transform_agrees_with_scipy_voxel_by_voxel() -> None:
    mask = np.random.default_rng(3).random((23, 31, 40)) > 0.995
    ours = signed_distance_mm(mask, 0.8)
    theirs = ndimage.distance_transform_edt(~mask, sampling=0.8) - 0.4
    assert np.abs(ours - theirs)[~mask].max() < 1e-4


def test_depth_inside_agrees_with_scipy() -> None:
    mask = np.zeros((30, 30, 30), dtype=bool)
    mask[5:25, 8:20, 3:28] = True
    depth = ndimage.distance_transform_edt(mask) - 0.5
    assert np.abs(signed_distance_mm(mask, 1.0) + depth)[mask].max() < 1e-4


def test_a_wall_on_voxel_faces_is_measured_exactly_from_both_sides() -> None:
    mask = np.zeros((9, 9, 40), dtype=bool)
    mask[:, :, 25:] = True
    row = signed_distance_mm(mask, 1.0)[4, 4]
    assert np.allclose(row, 24.5 - np.arange(40), atol=1e-5)


def test_oblique_walls_are_measured_within_half_a_voxel_and_0_35_on_average() -> None:
    rng = np.random.default_rng(5)
    centred = np.stack(np.meshgrid(*[np.arange(-20, 21)] * 3, indexing="ij"), axis=-1)
    core = np.s_[9:-9, 9:-9, 9:-9]
    for _ in range(25):
        normal = rng.normal(size=3)
        normal /= np.linalg.norm(normal)
        true = centred @ normal - rng.uniform(-3, 3)
        error = (signed_distance_mm(true < 0, 1.0) - true)[core][(true[core] > 2)]
        assert abs(error.mean()) < 0.35
        assert np.abs(error).max() < 0.51


def test_what_is_not_there_is_far_away() -> None:
    assert (signed_distance_mm(np.zeros((3, 4, 5), dtype=bool), 1.0) == FAR_MM).all()
