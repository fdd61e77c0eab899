"""A pelvis of ellipsoids: its voxels, and its line integrals in closed form.

A ray o + t·d meets an ellipsoid of centre c and semi-axes s where |(o − c + t d)/s| = 1: a quadratic
in t. Densities add up where ellipsoids overlap. The numbers below are a shape to measure on, not
anatomy: a body, a sacrum with a canal, two iliac wings, and a dense ball off every axis, so that a
flipped picture would show.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from sacroplasty.fluoroscopy import CArmPose, pixel_points
from sacroplasty.geometry import Frame, Grid
from sacroplasty.imaging import Acquisition, CTVolume

# Centre x, y, z (LPS mm); semi-axes (mm); milliwater that it adds.
ELLIPSOIDS = np.array(
    [
        [0, 0, 0, 180, 115, 142, 1040],
        [0, 40, 15, 55, 30, 50, 360],
        [0, 48, 15, 11, 8, 58, -330],
        [88, 15, 0, 22, 45, 70, 500],
        [-88, 15, 0, 22, 45, 70, 500],
        [60, -25, -60, 17, 17, 17, 700],
    ],
    dtype=np.float64,
)
SHAPE, SPACING_MM = (300, 512, 512), (0.8, 0.8, 1.0)


def ellipsoid_scan(shape: tuple[int, int, int] = SHAPE) -> CTVolume:
    """512×512×300 voxels (or `shape` over the same room), a surface voxel partly filled."""
    spacing = tuple(s * n / m for s, n, m in zip(SPACING_MM, SHAPE[::-1], shape[::-1], strict=True))
    x, y, z = (-(n - 1) / 2 * s for n, s in zip(shape[::-1], spacing, strict=True))
    grid = Grid.axis_aligned(
        shape, (x, y, z), (spacing[0], spacing[1], spacing[2]), Frame("2.25.6")
    )
    hu = _voxels(ELLIPSOIDS, shape, np.asarray(grid.origin_mm), np.asarray(grid.spacing_mm))
    return CTVolume(hu, grid, Acquisition("ellipsoids", "made"))


def ellipsoid_paths(pose: CArmPose) -> NDArray[np.float64]:
    """∫ milliwater dl in mm, (rows, columns), in closed form; the source stands outside."""
    rows, columns = pose.shape
    pixels = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1)
    rays = pixel_points(pose, pixels.reshape(-1, 2)).xyz - pose.source.single
    length = np.linalg.norm(rays, axis=1)
    total = np.zeros(len(rays))
    for one in ELLIPSOIDS:
        start, along = (pose.source.single - one[:3]) / one[3:6], rays / one[3:6]
        a, b = (along**2).sum(axis=1), along @ start
        root = b**2 - a * (start @ start - 1.0)
        total += one[6] * 2.0 * np.sqrt(np.maximum(root, 0.0)) / a * length
    return total.reshape(pose.shape)


@njit(cache=True, parallel=True)
def _voxels(ellipsoids, shape, origin, spacing):  # type: ignore[no-untyped-def]
    """CT numbers; the share of a voxel inside is linear across the surface."""
    hu = np.full(shape, -1000, dtype=np.int16)
    for k in prange(shape[0]):
        z = origin[2] + k * spacing[2]
        for j in range(shape[1]):
            y = origin[1] + j * spacing[1]
            for i in range(shape[2]):
                x = origin[0] + i * spacing[0]
                total = 0.0
                for n in range(len(ellipsoids)):
                    total += ellipsoids[n, 6] * _share(ellipsoids[n], x, y, z, spacing)
                hu[k, j, i] = np.int16(np.rint(total)) - 1000
    return hu


@njit(cache=True)
def _share(one, x, y, z, spacing):  # type: ignore[no-untyped-def]
    qx, qy, qz = (x - one[0]) / one[3], (y - one[1]) / one[4], (z - one[2]) / one[5]
    r = np.sqrt(qx * qx + qy * qy + qz * qz)
    if r < 0.8:
        return 1.0
    if r > 1.2:
        return 0.0
    gx, gy, gz = qx / (one[3] * r), qy / (one[4] * r), qz / (one[5] * r)
    width = abs(gx) * spacing[0] + abs(gy) * spacing[1] + abs(gz) * spacing[2]
    return min(max(0.5 - (r - 1.0) / width, 0.0), 1.0)
