"""A small X-ray room: scans, sacra, cement, needles and poses made by hand."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.cement import CementField
from sacroplasty.fluoroscopy import CArmPose
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.planning import Needle, NeedleGauge

FRAME = Frame("1.2.3")
AIR = -1000
SOURCE_MM, DETECTOR_MM = 600.0, 400.0


def turned_about(axis: Sequence[float], angle: float) -> NDArray[np.float64]:
    """Rotation matrix (3, 3) by Rodrigues' formula."""
    x, y, z = np.asarray(axis) / np.linalg.norm(axis)
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
    x, y, z = (-turn @ half).tolist()
    return Grid(shape, (x, y, z), spacing_mm, turn, FRAME)


def filled(
    grid: Grid, value_at: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """A function of the voxel centres (n, 3) mm, shaped (k, j, i)."""
    kji = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    return value_at(grid.points_at(kji.reshape(-1, 3)).xyz).reshape(grid.shape)


def scan_of(grid: Grid, hu_at: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> CTVolume:
    """A scan whose voxels hold a function of their centre (n, 3) mm."""
    hu = np.rint(filled(grid, hu_at)).astype(np.int16)
    return CTVolume(hu, grid, Acquisition("test", "made"))


def body(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """CT numbers of a smooth, lopsided body: water with a dense blob and a rod, in air."""
    x, y, z = xyz.T
    inside = np.clip(30 - np.sqrt((x / 1.4) ** 2 + y**2 + (z / 1.2) ** 2), 0, 5) / 5
    bone = np.exp(-((x - 12) ** 2 + (y + 6) ** 2 + (z - 8) ** 2) / 80)
    rod = np.exp(-((x + 15) ** 2 + (z + 5) ** 2) / 50)
    return np.asarray(inside * (1050 + 900 * bone + 500 * rod) - 1000)


def patient(direction: NDArray[np.float64] | None = None) -> CTVolume:
    """The body as a scan."""
    return scan_of(centred_grid((72, 80, 96), (1.0, 1.0, 1.2), direction), body)


def pose_along(
    beam: Sequence[float] | NDArray[np.float64],
    *,
    shape: tuple[int, int] = (65, 65),
    pixel_mm: float = 2.0,
) -> CArmPose:
    """Cone beam through the origin, head up: 600 mm before it, 400 mm behind."""
    way = np.asarray(beam, dtype=np.float64) / np.linalg.norm(beam)
    head = np.array([0.0, 0.0, 1.0]) if abs(way[2]) < 0.9 else np.array([0.0, -1.0, 0.0])
    right = np.cross(way, head)
    right /= np.linalg.norm(right)
    return CArmPose(
        "test",
        Points(-SOURCE_MM * way, FRAME),
        Points(DETECTOR_MM * way, FRAME),
        right,
        np.cross(way, right),
        shape,
        pixel_mm,
    )


def all_pixels(shape: tuple[int, int]) -> NDArray[np.int64]:
    """(n, 2) of every pixel in reading order."""
    return np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1).reshape(-1, 2)


def cement_ball(radius_mm: float, centre: tuple[float, float, float] = (10, -5, 8)) -> CementField:
    """Cement in a ball, softly bounded, on its own 1 mm grid."""
    grid = centred_grid((40, 40, 40), (1.0, 1.0, 1.0))
    fraction = filled(
        grid,
        lambda xyz: 0.8 * np.clip(radius_mm - np.linalg.norm(xyz - np.array(centre), axis=1), 0, 1),
    )
    return CementField(Volume(fraction.astype(np.float32), grid))


def needle(entry: tuple[float, float, float], tip: tuple[float, float, float]) -> Needle:
    """An 11 G needle."""
    return Needle(Points.at(entry, FRAME), Points.at(tip, FRAME), NeedleGauge.of(11))


def misses(
    pose: CArmPose, centre: tuple[float, float, float], reach_mm: float
) -> NDArray[np.bool_]:
    """Which rays (rows, columns) pass a point farther away than `reach_mm`."""
    from sacroplasty.fluoroscopy import pixel_points

    rays = pixel_points(pose, all_pixels(pose.shape)).xyz - pose.source.single
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    away = np.linalg.norm(np.cross(np.array(centre) - pose.source.single, rays), axis=1)
    return np.asarray(away.reshape(pose.shape) > reach_mm)


def sacrum_at(rotation: NDArray[np.float64], origin: NDArray[np.float64]) -> SacrumModel:
    """A model with nothing but a block of sacrum and a frame: what a pose needs."""
    grid = Grid.axis_aligned((60, 60, 60), tuple((origin - 60).tolist()), (2.0, 2.0, 2.0), FRAME)
    return sacrum_of(np.full(grid.shape, Structure.SACRUM, dtype=np.uint8), grid, rotation, origin)


def sacrum_of(
    labels: NDArray[np.uint8],
    grid: Grid,
    rotation: NDArray[np.float64],
    origin: NDArray[np.float64],
) -> SacrumModel:
    """Labels and a frame, and nothing else."""
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
    lean = turned_about((1, 0, 0), np.deg2rad(40.0))
    roll = turned_about((0, 0, 1), np.deg2rad(8.0))
    return sacrum_at(roll @ lean, np.array([5.0, -3.0, 20.0]))
