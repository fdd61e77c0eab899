"""A cut shows what lies there, and its letters tell the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.imaging import (
    ViewPlane,
    axial_plane,
    coronal_plane,
    direction_letters,
    edge_letters,
    reslice,
    sagittal_plane,
)

SCANNER = Frame("1.2.3")


def _grid() -> Grid:
    return Grid.axis_aligned((40, 50, 60), (-30.0, -25.0, -20.0), (1.0, 1.0, 1.0), SCANNER)


def _noise() -> Volume[np.float64]:
    grid = _grid()
    return Volume(np.random.default_rng(1).normal(size=grid.shape), grid)


def test_an_axial_cut_through_voxel_centres_is_the_array_slice() -> None:
    volume = _noise()
    middle = volume.grid.points_at(np.array([12, 24.5, 29.5]))
    cut = reslice(volume, axial_plane(middle, (50, 60), 1.0))
    np.testing.assert_allclose(cut, volume.values[12], atol=1e-12)


def test_a_sagittal_cut_has_the_head_on_top_and_anterior_on_the_viewers_left() -> None:
    volume = _noise()
    middle = volume.grid.points_at(np.array([19.5, 24.5, 7]))
    cut = reslice(volume, sagittal_plane(middle, (40, 50), 1.0))
    np.testing.assert_allclose(cut, volume.values[::-1, :, 7], atol=1e-12)


def test_a_coronal_cut_has_the_head_on_top_and_left_on_the_viewers_right() -> None:
    volume = _noise()
    middle = volume.grid.points_at(np.array([19.5, 11, 29.5]))
    cut = reslice(volume, coronal_plane(middle, (40, 60), 1.0))
    np.testing.assert_allclose(cut, volume.values[::-1, 11, :], atol=1e-12)


@given(seed=st.integers(0, 10_000), height=st.floats(-8.0, 8.0))
def test_any_cut_of_a_ball_is_a_disc_of_the_right_radius(seed: int, height: float) -> None:
    grid, radius = _grid(), 12.0
    points = grid.points_at(np.indices(grid.shape).reshape(3, -1).T)
    ball = Volume((radius - np.linalg.norm(points.xyz, axis=1)).reshape(grid.shape), grid)
    right, down, away = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    plane = ViewPlane.spanning(Points(away * height, SCANNER), right, down, (30, 30), 0.25)
    area_mm2 = np.count_nonzero(reslice(ball, plane, outside=-1) > 0) * plane.pixel_mm**2
    expected = np.pi * (radius**2 - height**2)
    assert area_mm2 == pytest.approx(expected, rel=0.03)


def test_a_marker_on_the_patients_left_is_on_the_viewers_right_by_two_routes() -> None:
    grid = _grid()
    values = np.zeros(grid.shape)
    marker = Points.at((20.0, 0.0, 0.0), SCANNER)
    k, j, i = np.round(grid.kji_at(marker)[0]).astype(int)
    values[k, j, i] = 1.0
    for make in (axial_plane, coronal_plane):
        plane = make(Points.at((0, 0, 0), SCANNER), (40, 60), 1.0)
        by_pixels = np.argwhere(reslice(Volume(values, grid), plane) > 0.1)[:, 1].mean()
        by_projection = plane.row_column(marker)[0, 1]
        middle = (plane.shape[1] - 1) / 2
        assert by_pixels > middle
        assert by_projection == pytest.approx(by_pixels, abs=0.6)
        assert edge_letters(plane).right == "L"


def test_letters_of_the_standard_cuts() -> None:
    middle = Points.at((0, 0, 0), SCANNER)
    axial = edge_letters(axial_plane(middle, (9, 9), 1.0))
    assert (axial.left, axial.right, axial.top, axial.bottom) == ("R", "L", "A", "P")
    sagittal = edge_letters(sagittal_plane(middle, (9, 9), 1.0))
    assert (sagittal.left, sagittal.right, sagittal.top, sagittal.bottom) == ("A", "P", "H", "F")
    coronal = edge_letters(coronal_plane(middle, (9, 9), 1.0))
    assert (coronal.left, coronal.right, coronal.top, coronal.bottom) == ("R", "L", "H", "F")


def test_an_oblique_edge_carries_two_letters_the_larger_share_first() -> None:
    assert direction_letters(np.array([0.0, -0.6, 0.8])) == "HA"
    assert direction_letters(np.array([0.95, 0.0, 0.31])) == "L"


def test_projection_and_pixel_centres_agree() -> None:
    right, down, _ = Rotation.from_euler("xyz", [20, 30, 40], degrees=True).as_matrix()
    plane = ViewPlane.spanning(Points.at((1, 2, 3), SCANNER), right, down, (7, 11), 0.5)
    rows, columns = np.mgrid[0 : plane.shape[0], 0 : plane.shape[1]]
    expected = np.stack([rows.ravel(), columns.ravel()], axis=1)
    np.testing.assert_allclose(plane.row_column(plane.points), expected, atol=1e-9)
    np.testing.assert_allclose(plane.behind_mm(plane.points), 0, atol=1e-9)


def test_a_plane_of_another_frame_is_refused() -> None:
    plane = axial_plane(Points.at((0, 0, 0), Frame("9.9")), (9, 9), 1.0)
    with pytest.raises(FrameMismatch):
        reslice(_noise(), plane)


def test_skewed_axes_and_empty_pictures_are_refused() -> None:
    middle = Points.at((0, 0, 0), SCANNER)
    with pytest.raises(BadInput, match="right angles"):
        ViewPlane.spanning(middle, (1, 0, 0), (1, 1, 0), (9, 9), 1.0)
    with pytest.raises(BadInput, match="no area"):
        ViewPlane(middle, np.array([1, 0, 0]), np.array([0, 1, 0]), (0, 9), 1.0)
