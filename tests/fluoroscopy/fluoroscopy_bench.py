"""A small virtual bench: scans, poses and a sacral frame made by hand."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.fluoroscopy import CArmPose
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.imaging import Acquisition, CTVolume

FRAME = Frame("1.2.3")
AIR = -1000


def turned_about(axis: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Rotation matrix (3, 3) by Rodrigues' formula."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def centred_grid(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    direction: NDArray[np.float64] | None = None,
) -> Grid:
    """A grid whose middle is the origin of patient space."""
    turn = np.eye(3) if direction is None else direction
    half = (np.asarray(shape[::-1]) - 1) / 2 * np.asarray(spacing_mm)
    origin = -turn @ half
    return Grid(shape, (origin[0], origin[1], origin[2]), spacing_mm, turn, FRAME)


def scan_of(grid: Grid, hu_at: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> CTVolume:
    """A scan whose voxels hold a function of their centre (n, 3) mm."""
    kji = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    hu = hu_at(grid.points_at(kji.reshape(-1, 3)).xyz).reshape(grid.shape)
    return CTVolume(np.rint(hu).astype(np.int16), grid, Acquisition("test", "made"))


def pose_along(
    beam: NDArray[np.float64], *, shape: tuple[int, int] = (65, 65), pixel_mm: float = 2.0
) -> CArmPose:
    """Cone beam through the origin: 600 mm before it, 400 mm behind."""
    beam = np.asarray(beam, dtype=np.float64) / np.linalg.norm(beam)
    head = np.array([0.0, 0.0, 1.0]) if abs(beam[2]) < 0.9 else np.array([0.0, -1.0, 0.0])
    right = np.cross(beam, head)
    right /= np.linalg.norm(right)
    return CArmPose(
        "test",
        Points(-600.0 * beam, FRAME),
        Points(400.0 * beam, FRAME),
        right,
        np.cross(beam, right),
        shape,
        pixel_mm,
    )


def all_pixels(shape: tuple[int, int]) -> NDArray[np.int64]:
    """(n, 2) of every pixel in reading order."""
    return np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1).reshape(-1, 2)


def sacrum_at(rotation: NDArray[np.float64], origin: NDArray[np.float64]) -> SacrumModel:
    """A model with nothing but a block of sacrum and a frame: what a pose needs."""
    grid = Grid.axis_aligned((60, 60, 60), tuple((origin - 60).tolist()), (2.0, 2.0, 2.0), FRAME)
    labels = np.full(grid.shape, Structure.SACRUM, dtype=np.uint8)
    return SacrumModel(
        Volume(labels, grid),
        Volume(labels, grid),
        Rigid(rotation, origin, to=FRAME, source=FRAME.attached("sacrum")),
        (),
        Points(origin[None], FRAME),
        {},
        (),
        "made by hand",
    )


def tilted_sacrum() -> SacrumModel:
    """A sacrum that leans 40° and a patient who lies rotated by 8°."""
    lean = turned_about(np.array([1.0, 0.0, 0.0]), np.deg2rad(40.0))
    roll = turned_about(np.array([0.0, 0.0, 1.0]), np.deg2rad(8.0))
    return sacrum_at(roll @ lean, np.array([5.0, -3.0, 20.0]))
