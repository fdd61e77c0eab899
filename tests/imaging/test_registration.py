"""Two pictures of one thing are brought together; two things are not."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.imaging import Registered, carried, register_rigid
from sacroplasty.imaging.registration_checks import inverse_disagreement_mm

CT, MRI = Frame("1.1"), Frame("2.2")


@dataclass(frozen=True)
class Pair:
    """A body of lumps in two frames with unlike brightness, and where it truly lies."""

    fixed: Volume[np.float32]
    moving: Volume[np.float32]
    region: Volume[np.bool_]
    truth: Rigid


def lumps(points: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    """Kinds 0 … 4 of tissue: a few dozen balls, all over a box of 80 mm."""
    rng = np.random.default_rng(seed)
    kind = np.zeros(len(points), dtype=np.int64)
    for _ in range(45):
        centre, radius = rng.uniform(-45, 45, 3), rng.uniform(6, 15)
        kind[np.linalg.norm(points - centre, axis=1) < radius] = rng.integers(1, 5)
    return kind


def turned(degrees: float, shift: tuple[float, float, float]) -> Rigid:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    return Rigid(turn, np.array(shift), to=CT, source=MRI)


def pair(truth: Rigid, seed: int = 3, other: int | None = None) -> Pair:
    """The CT reads kinds in one order, the MRI in another, with a coil bias and noise."""
    rng = np.random.default_rng(7)
    fixed_grid = Grid.axis_aligned((50, 50, 50), (-49, -49, -49), (2.0,) * 3, CT)
    moving_grid = Grid.axis_aligned((25, 60, 60), (-45, -44, -48), (1.5, 1.5, 4.0), MRI)
    every = np.argwhere(np.ones(fixed_grid.shape, dtype=bool))
    xyz = fixed_grid.points_at(every).xyz
    ct = np.array([-100.0, 50.0, 300.0, 20.0, 900.0])[lumps(xyz, seed)]
    ct = ndimage.gaussian_filter((ct + rng.normal(0, 15, len(ct))).reshape(fixed_grid.shape), 0.5)
    at = moving_grid.points_at(np.argwhere(np.ones(moving_grid.shape, dtype=bool)))
    kinds = lumps(truth(at).xyz, seed if other is None else other)
    mr = np.array([80.0, 400.0, 150.0, 900.0, 30.0])[kinds] * (1 + at.xyz[:, 0] / 200)
    mr = np.abs(mr + rng.normal(0, 20, len(mr))).reshape(moving_grid.shape)
    inside = np.asarray((np.abs(xyz) < 36).all(axis=1)).reshape(fixed_grid.shape)
    return Pair(
        Volume(ct.astype(np.float32), fixed_grid),
        Volume(mr.astype(np.float32), moving_grid),
        Volume(inside, fixed_grid),
        truth,
    )


def error_mm(found: Registered, given: Pair) -> float:
    corners = Points(np.array(np.meshgrid([-36, 36], [-36, 36], [-36, 36])).reshape(3, -1).T, MRI)
    return float(found.fixed_from_moving(corners).distance_mm(given.truth(corners)).max())


@pytest.fixture(scope="module")
def registered() -> tuple[Pair, Registered]:
    given = pair(turned(6.0, (7.0, -9.0, 11.0)))
    return given, register_rigid(given.moving, given.fixed, given.region)


def test_a_known_displacement_is_found(registered: tuple[Pair, Registered]) -> None:
    given, found = registered
    assert error_mm(found, given) < 1.0
    assert found.verdict is Verdict.PASS
    found.require_trusted()
    assert found.residual_mm < 2.0
    assert (found.fixed_from_moving.to, found.fixed_from_moving.source) == (CT, MRI)


def test_the_same_images_give_the_same_bytes(registered: tuple[Pair, Registered]) -> None:
    given, found = registered
    again = register_rigid(given.moving, given.fixed, given.region)
    assert np.array_equal(again.fixed_from_moving.rotation, found.fixed_from_moving.rotation)
    assert np.array_equal(again.fixed_from_moving.translation, found.fixed_from_moving.translation)
    assert again.findings == found.findings


def test_the_moving_image_is_carried_to_the_same_places(
    registered: tuple[Pair, Registered],
) -> None:
    """By two routes: resampled on the grid, and looked up point by point."""
    given, _ = registered
    laid = carried(given.moving, given.truth, given.fixed.grid)
    assert laid.grid == given.fixed.grid
    points = given.fixed.grid.points_at(np.random.default_rng(1).integers(10, 40, (50, 3)))
    direct = given.moving.at(given.truth.inverse(points))
    assert np.allclose(laid.at(points, order=0), direct, atol=1e-2)


def test_another_thing_is_refused() -> None:
    given = pair(turned(0.0, (2.0, 0.0, 0.0)), other=99)
    found = register_rigid(given.moving, given.fixed, given.region)
    assert found.verdict is Verdict.FAIL
    with pytest.raises(FrameMismatch, match="cannot be laid over"):
        found.require_trusted()


def test_an_image_that_shows_little_of_the_region_is_refused() -> None:
    given = pair(turned(0.0, (0.0, 0.0, 0.0)))
    part = given.moving.cropped((0, 0, 0), (8, 60, 60))
    found = register_rigid(part, given.fixed, given.region)
    assert found.verdict is Verdict.FAIL
    assert found.overlap < 0.6
    with pytest.raises(FrameMismatch, match="overlap"):
        found.require_trusted()


def test_wrong_frames_and_empty_regions_are_named() -> None:
    given = pair(turned(0.0, (0.0, 0.0, 0.0)))
    back = given.truth.inverse
    with pytest.raises(FrameMismatch, match="starting position"):
        register_rigid(given.moving, given.fixed, given.region, initial=back)
    empty = Volume(np.zeros(given.region.grid.shape, dtype=bool), given.region.grid)
    with pytest.raises(BadInput, match="empty"):
        register_rigid(given.moving, given.fixed, empty)
    with pytest.raises(FrameMismatch):
        register_rigid(given.fixed, given.moving, given.region)


def test_a_wide_field_costs_no_memory() -> None:
    """A whole-body series round the same small region: only the part round it is looked at."""
    shown = pair(turned(8.0, (10.0, -6.0, 12.0)))
    ends = [(85, 85), (70, 70), (70, 70)]
    wide = np.pad(shown.moving.values, ends)
    grid = shown.moving.grid
    first = grid.points_at(-np.array([low for low, _ in ends])).single
    origin = (float(first[0]), float(first[1]), float(first[2]))
    moving = Volume(wide, Grid(wide.shape, origin, grid.spacing_mm, grid.direction, MRI))
    tracemalloc.start()
    apart = inverse_disagreement_mm(moving, shown.fixed, shown.region, shown.truth, 2.0)
    peak_mb = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    assert apart < 1.0
    assert peak_mb < 150
