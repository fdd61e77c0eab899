"""Index to patient and back: exact in itself, and the same as SimpleITK's independent code."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Points, Volume

FRAME = Frame("1.2.3")
# Whole microradians: ITK inverts the direction by an SVD that breaks on numbers near 1e-300.
angles = st.tuples(*[st.integers(-3_141_592, 3_141_592).map(lambda n: n * 1e-6)] * 3)
places = st.tuples(*[st.floats(-500, 500)] * 3)
spacings = st.tuples(*[st.floats(0.2, 5)] * 3)
indices = st.tuples(*[st.floats(-20, 60)] * 3)


def turned(angles_rad: tuple[float, float, float]) -> NDArray[np.float64]:
    return np.asarray(Rotation.from_euler("xyz", angles_rad).as_matrix())


def some_grid(shape: tuple[int, int, int] = (6, 7, 8)) -> Grid:
    return Grid(shape, (-30.0, 12.0, 77.0), (0.7, 0.9, 2.5), turned((0.3, -0.2, 0.5)), FRAME)


def as_image(values: NDArray[np.generic], grid: Grid) -> SimpleITK.Image:
    image = SimpleITK.GetImageFromArray(values)
    image.SetOrigin(grid.origin_mm)
    image.SetSpacing(grid.spacing_mm)
    image.SetDirection(grid.direction.ravel().tolist())
    return image


@settings(max_examples=50, deadline=None)
@given(angles, places, spacings, indices)
def test_an_index_comes_back_from_the_patient(
    angle: tuple[float, float, float],
    origin: tuple[float, float, float],
    spacing: tuple[float, float, float],
    kji: tuple[float, float, float],
) -> None:
    grid = Grid((5, 6, 7), origin, spacing, turned(angle), FRAME)
    np.testing.assert_allclose(grid.kji_at(grid.points_at(np.array(kji)))[0], kji, atol=1e-8)


@settings(max_examples=50, deadline=None)
@given(angles, places, spacings, indices)
def test_points_are_where_simpleitk_puts_them(
    angle: tuple[float, float, float],
    origin: tuple[float, float, float],
    spacing: tuple[float, float, float],
    kji: tuple[float, float, float],
) -> None:
    grid = Grid((5, 6, 7), origin, spacing, turned(angle), FRAME)
    image = as_image(np.zeros((5, 6, 7), np.int16), grid)
    theirs = image.TransformContinuousIndexToPhysicalPoint(kji[::-1])
    np.testing.assert_allclose(grid.points_at(np.array(kji)).single, theirs, atol=1e-8)
    back = image.TransformPhysicalPointToContinuousIndex(theirs)
    np.testing.assert_allclose(
        grid.kji_at(Points.at(theirs, FRAME))[0], back[::-1], rtol=1e-9, atol=1e-8
    )


def test_plus_i_of_an_axis_aligned_grid_is_the_patients_left() -> None:
    grid = Grid.axis_aligned((3, 3, 3), (0, 0, 0), (1, 2, 3), FRAME)
    assert grid.points_at(np.array([0, 0, 1])).single.tolist() == [1, 0, 0]
    assert grid.points_at(np.array([0, 1, 0])).single.tolist() == [0, 2, 0]
    assert grid.points_at(np.array([1, 0, 0])).single.tolist() == [0, 0, 3]
    assert grid.spacing_kji_mm == (3, 2, 1)


@pytest.mark.parametrize(
    ("direction", "word"),
    [(np.diag([-1.0, 1, 1]), "mirrored"), ([[1, 0.1, 0], [0, 1, 0], [0, 0, 1]], "sheared")],
)
def test_mirrored_and_sheared_grids_are_refused(direction: NDArray[np.float64], word: str) -> None:
    with pytest.raises(BadInput, match=word):
        Grid((2, 2, 2), (0, 0, 0), (1, 1, 1), direction, FRAME)


@pytest.mark.parametrize("spacing", [(0, 1, 1), (1, -1, 1), (1, 1, np.nan), (1, np.inf, 1)])
def test_spacing_must_be_a_positive_length(spacing: tuple[float, float, float]) -> None:
    with pytest.raises(BadInput, match="positive spacing"):
        Grid.axis_aligned((2, 2, 2), (0, 0, 0), spacing, FRAME)


def test_a_crop_keeps_every_voxel_in_its_place() -> None:
    grid = some_grid()
    part = Volume(np.arange(336.0).reshape(6, 7, 8), grid).cropped((1, 2, 3), (4, 6, 8))
    assert part.values[1, 2, 3] == 336 / 336 * (2 * 56 + 4 * 8 + 6)
    np.testing.assert_allclose(
        part.grid.points_at(np.array([1, 2, 3])).xyz, grid.points_at(np.array([2, 4, 6])).xyz
    )
    with pytest.raises(BadInput, match="does not fit"):
        grid.cropped((0, 0, 0), (7, 1, 1))


def test_an_aligned_box_reaches_as_far_as_was_asked() -> None:
    grid = Grid.axis_aligned((50, 50, 50), (0, 0, 0), (1, 1, 1), FRAME)
    box = grid.aligned_box(Points.at(np.array([[10, 10, 10], [20, 20, 20]]), FRAME), 3.0, 0.1)
    np.testing.assert_allclose(box.corners.xyz.min(axis=0), 7.0)
    np.testing.assert_allclose(box.corners.xyz.max(axis=0), 23.0)
    thirds = grid.aligned_box(Points.at(np.array([[0, 0, 0], [0.3, 0.3, 0.3]]), FRAME), 0.0, 0.1)
    assert thirds.shape == (4, 4, 4)


@pytest.mark.parametrize(
    ("order", "how"), [(0, SimpleITK.sitkNearestNeighbor), (1, SimpleITK.sitkLinear)]
)
def test_resampling_is_simpleitks(order: int, how: int) -> None:
    values = np.random.default_rng(0).integers(-1000, 1500, (6, 7, 8)).astype(np.int16)
    source = Volume(values, some_grid())
    target = Grid((20, 21, 22), (-33.0, 9.0, 74.0), (0.4, 0.5, 0.8), turned((0.1, 0.1, 0.4)), FRAME)
    reference = as_image(np.zeros(target.shape, np.int16), target)
    theirs = SimpleITK.GetArrayFromImage(
        SimpleITK.Resample(
            as_image(values, source.grid), reference, SimpleITK.Transform(), how, -1024.0
        )
    )
    ours = source.on(target, order=order, outside=-1024).values
    assert (ours != -1024).mean() > 0.1
    assert np.abs(ours.astype(int) - theirs).max() <= 1  # they round a half the other way


def test_sampling_points_is_resampling_a_grid() -> None:
    values = np.random.default_rng(0).normal(size=(6, 7, 8))
    source = Volume(values, some_grid())
    target = Grid((5, 6, 7), (-31.0, 11.0, 76.0), (0.4, 0.5, 0.8), turned((0.1, 0.1, 0.4)), FRAME)
    every = target.points_at(np.argwhere(np.ones(target.shape, dtype=bool)))
    for order in (0, 1):
        sampled = source.at(every, order=order, outside=-7.0).reshape(target.shape)
        np.testing.assert_allclose(source.on(target, order=order, outside=-7.0).values, sampled)


@settings(max_examples=50, deadline=None)
@given(angles, places)
def test_resampling_onto_the_own_grid_changes_nothing_up_to_the_edge(
    angle: tuple[float, float, float], origin: tuple[float, float, float]
) -> None:
    grid = Grid((4, 5, 6), origin, (0.7, 0.9, 2.5), turned(angle), FRAME)
    volume = Volume(np.arange(1, 121, dtype=np.int16).reshape(4, 5, 6), grid)
    again = Grid(grid.shape, origin, (0.7, 0.9, 2.5), turned(angle) + 1e-14, FRAME)
    assert np.array_equal(volume.on(again, order=0).values, volume.values)
    assert np.array_equal(volume.on(again, order=1).values, volume.values)
    nearest = volume.at(grid.corners, order=0)
    np.testing.assert_allclose(volume.at(grid.corners), nearest, atol=1e-9)
    assert nearest.min() == 1


def test_a_voxel_reaches_to_its_faces_and_no_further() -> None:
    grid = Grid.axis_aligned((2, 2, 2), (0, 0, 0), (1, 1, 1), FRAME)
    volume = Volume(np.full((2, 2, 2), 5.0), grid)
    along = Points.at(np.outer([-0.51, -0.49, 0.5, 1.49, 1.51], [1, 0, 0]), FRAME)
    assert volume.at(along, outside=-1).tolist() == [-1, 5, 5, 5, -1]
    assert grid.contains(along).tolist() == [False, True, True, True, False]


def test_masks_resample_to_masks_and_arrays_are_sealed() -> None:
    mask = Volume(np.ones((6, 7, 8), dtype=bool), some_grid())
    there = mask.on(some_grid((3, 3, 3)), order=0)
    assert there.values.dtype == np.bool_
    assert there.values.all()
    with pytest.raises(ValueError, match="read-only"):
        mask.values[0, 0, 0] = False
    with pytest.raises(BadInput, match="does not fit its grid"):
        Volume(np.zeros((1, 2, 3)), some_grid())
