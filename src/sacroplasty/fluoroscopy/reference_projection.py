"""The slow projector that is obviously right: exact lengths of rays in voxels.

A voxel is a box of constant attenuation. Along the ray source + t·(pixel − source), t from 0 to 1,
walk from voxel face to voxel face (Siddon 1985; Amanatides and Woo 1987) and add μ times the
length in each box. Double precision, one ray after the other, no interpolation, nothing skipped.
The fast projectors are tested against it; they differ only in how they read the space between
voxel centres (linear there, constant here).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.rays import pixel_points
from sacroplasty.geometry import Volume, require_same_frame


def reference_projection(
    attenuation: Volume[np.float64], pose: CArmPose, row_column: NDArray[np.generic]
) -> NDArray[np.float64]:
    """∫ μ dl, shape (n,), for detector pixels (n, 2); `attenuation` in 1/mm.

    Checked on one voxel, slabs and a sphere in closed form.
    """
    require_same_frame(attenuation, pose)
    ends = pixel_points(pose, row_column)
    grid = attenuation.grid
    # In face coordinates voxel n spans [n, n + 1].
    source = grid.kji_at(pose.source)[0] + 0.5
    pixels = grid.kji_at(ends) + 0.5
    lengths = pose.source.distance_mm(ends)
    values = np.ascontiguousarray(attenuation.values, dtype=np.float64)
    return np.asarray(_walk_rays(values, source, pixels, lengths))


@njit(cache=True)
def _walk_rays(values, source, pixels, lengths):  # type: ignore[no-untyped-def]
    """One sum per ray; coordinates in voxel faces, lengths in mm."""
    sums = np.zeros(len(pixels))
    for n in range(len(pixels)):
        sums[n] = _walk(values, source, pixels[n] - source) * lengths[n]
    return sums


@njit(cache=True)
def _walk(values, source, step):  # type: ignore[no-untyped-def]
    """∑ μ Δt over the boxes that the ray meets, t in 0…1."""
    enter, leave = 0.0, 1.0
    for axis in range(3):
        if step[axis] == 0.0:
            if source[axis] < 0.0 or source[axis] >= values.shape[axis]:
                return 0.0
            continue
        t0 = -source[axis] / step[axis]
        t1 = (values.shape[axis] - source[axis]) / step[axis]
        enter, leave = max(enter, min(t0, t1)), min(leave, max(t0, t1))
    cell = np.zeros(3, dtype=np.int64)
    total = 0.0
    t = enter
    while t < leave:
        # The next face along each axis, from a point a hair inside the present box.
        inside = t + 1e-12
        following = leave
        for axis in range(3):
            here = source[axis] + inside * step[axis]
            face = np.floor(here)
            cell[axis] = min(max(int(face), 0), values.shape[axis] - 1)
            if step[axis] > 0.0:
                following = min(following, (face + 1.0 - source[axis]) / step[axis])
            elif step[axis] < 0.0:
                following = min(following, (face - source[axis]) / step[axis])
        following = max(following, inside)
        total += values[cell[0], cell[1], cell[2]] * (min(following, leave) - t)
        t = following
    return total
