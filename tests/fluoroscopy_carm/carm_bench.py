"""A sacrum made by hand with a tilted disc, a scan with a lopsided marker, and the usual poses."""

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import xray_room
from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.fluoroscopy import CArm, CArmPose, named_view
from sacroplasty.geometry import Grid, Points
from sacroplasty.imaging import Acquisition, CTVolume
from xray_room import FRAME, sacrum_of

SMALL = CArm(shape=(96, 80), pixel_mm=4.0)
ISOCENTRE = np.array([0.0, 0.0, -30.0])
"""Of a sacrum at the origin, sacral frame mm."""


def turned_about(axis: tuple[float, float, float], angle_deg: float) -> NDArray[np.float64]:
    """Rotation matrix (3, 3) by Rodrigues' formula."""
    return xray_room.turned_about(axis, np.deg2rad(angle_deg))


def sacrum_at(
    rotation: NDArray[np.float64], origin: NDArray[np.float64], disc_tilt_deg: float = 12.0
) -> SacrumModel:
    """A block of sacrum whose disc is a plate at the origin, leaning ventrally out of its frame."""
    grid = Grid.axis_aligned((70, 60, 60), tuple((origin - 60).tolist()), (2.0, 2.0, 2.0), FRAME)
    labels = np.full(grid.shape, Structure.SACRUM, dtype=np.uint8)
    kji = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    local = (grid.points_at(kji.reshape(-1, 3)).xyz - origin) @ rotation
    flat = local @ disc_normal(disc_tilt_deg)
    disc = (np.abs(flat) < 3.0) & (np.hypot(local[:, 0], local[:, 1]) < 20.0)
    labels[disc.reshape(grid.shape)] = Structure.DISC_L5S1
    return sacrum_of(labels, grid, rotation, origin)


def disc_normal(tilt_deg: float = 12.0) -> NDArray[np.float64]:
    """Cranial normal of the disc in the sacral frame: tipped forward."""
    tilt = np.deg2rad(tilt_deg)
    return np.array([0.0, -np.sin(tilt), np.cos(tilt)])


@lru_cache(maxsize=1)
def tilted_sacrum() -> SacrumModel:
    """A sacrum that leans 40°, in a patient who lies rotated by 8° and skewed by 3°."""
    lean = turned_about((1, 0, 0), 40.0)
    turn = turned_about((0, 0, 1), 8.0) @ turned_about((0, 1, 0), 3.0)
    return sacrum_at(turn @ lean, np.array([5.0, -3.0, 20.0]))


@lru_cache(maxsize=4)
def mirrored(sacrum: SacrumModel) -> SacrumModel:
    """The mirror image in the scanner's x: what was left is right."""
    to_scanner = sacrum.scanner_from_sacrum
    flip = np.diag([-1.0, 1.0, 1.0])
    return sacrum_at(flip @ to_scanner.rotation @ flip, flip @ to_scanner.translation)


def lopsided_scan(
    direction: NDArray[np.float64] | None = None, body_hu: float = 40.0, spacing_mm: float = 2.0
) -> CTVolume:
    """Water with a dense bar on the patient's left, ventral and cranial of the middle."""
    shape = (70, 60, 64)
    turn = np.eye(3) if direction is None else direction
    half = (np.asarray(shape[::-1]) - 1) / 2 * spacing_mm
    first = -turn @ half
    grid = Grid(shape, (first[0], first[1], first[2]), (spacing_mm,) * 3, turn, FRAME)
    kji = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    x, y, z = grid.points_at(kji.reshape(-1, 3)).xyz.T
    body = (x / 50) ** 2 + (y / 40) ** 2 + (z / 60) ** 2 < 1
    bar = (np.abs(x - 22) < 7) & (np.abs(y + 10) < 6) & (np.abs(z - 15) < 10)
    hu = np.where(body, np.where(bar, 900.0, body_hu), -1000.0).reshape(shape)
    return CTVolume(np.rint(hu).astype(np.int16), grid, Acquisition("test", "made"))


def beam_of(pose: CArmPose) -> NDArray[np.float64]:
    """Unit vector from source to the detector's centre."""
    way = pose.detector_centre.single - pose.source.single
    return np.asarray(way / np.linalg.norm(way))


def oblique_poses() -> list[CArmPose]:
    """One pose each of the kinds that differ: frontal, lateral, tilted, oblique, supine."""
    sacrum = tilted_sacrum()
    names = ("ap", "lateral-right", "outlet", "inlet", "oblique-for-left", "pa")
    return [named_view(name, sacrum, SMALL) for name in names] + [shifted_pose()]


def shifted_pose() -> CArmPose:
    """A pose whose detector is off the perpendicular from the source by 12 and −7 mm."""
    pose = named_view("oblique-for-right", tilted_sacrum(), SMALL)
    at = pose.detector_centre.single + 12.0 * pose.right - 7.0 * pose.down
    return CArmPose(
        "shifted", pose.source, Points(at, FRAME), pose.right, pose.down, pose.shape, pose.pixel_mm
    )


def some_points() -> Points:
    """Ten points of the patient that no symmetry relates."""
    return Points(np.random.default_rng(5).uniform(-60.0, 60.0, (10, 3)), FRAME)


def peers_python() -> Path:
    """An interpreter that has itk-rtk and diffdrr; the test is skipped where there is none."""
    beside = Path(__file__).resolve().parents[2] / "bench-env" / "bin" / "python"
    python = Path(os.environ.get("SACROPLASTY_PEERS_PYTHON", beside))
    if not python.is_file():
        pytest.skip("the peers are absent: set SACROPLASTY_PEERS_PYTHON to a Python that has them")
    return python
