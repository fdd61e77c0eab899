"""Ray by ray with linear interpolation: exact about where a ray may end, slower than shear-warp.

Joseph's method (1982): along its steepest axis a ray crosses one slice of voxels after the other;
in each slice the value is interpolated bilinearly between voxel centres, and the sum is multiplied
by the length between slices. Outside the grid everything is zero. Only the stretch from source to
pixel counts. Used for cement (a small box on a cached picture) and where shear-warp does not
apply. Rows are shared between threads; each ray is summed by one of them, so the result does not
depend on how many there are.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.rays import pixel_points, project_points
from sacroplasty.geometry import Grid, Points, require_same_frame

Window = tuple[int, int, int, int]
_FEW_READS = 2**20  # fewer are summed sooner than a second thread wakes up


def shadow_of(grid: Grid, pose: CArmPose) -> Window:
    """Rows [first, last) and columns [first, last) that a grid can cast a shadow on.

    A grid that reaches behind the source may shadow the whole detector.
    """
    require_same_frame(grid, pose)
    last = np.asarray(grid.shape, dtype=np.float64)
    bits = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1).T
    # Interpolation reaches one voxel beyond the outermost centres.
    corners = grid.points_at(bits * (last + 1) - 1)
    if _behind_source(pose, corners):
        return 0, pose.shape[0], 0, pose.shape[1]
    at = project_points(pose, corners)
    low = np.clip(np.floor(at.min(axis=0)), 0, pose.shape).astype(int)
    high = np.clip(np.ceil(at.max(axis=0)) + 1, low, pose.shape).astype(int)
    return int(low[0]), int(high[0]), int(low[1]), int(high[1])


def _behind_source(pose: CArmPose, points: Points) -> bool:
    normal = np.cross(pose.right, pose.down)
    source = pose.source.single
    forward = float((pose.detector_centre.single - source) @ normal)
    return bool((((points.xyz - source) @ normal) * forward <= 0).any())


def joseph_projection(
    values: NDArray[np.generic], grid: Grid, pose: CArmPose, window: Window
) -> NDArray[np.float32]:
    """∫ values dl in (values' unit × mm) over the window's pixels, shape (rows, columns)."""
    require_same_frame(grid, pose)
    r0, r1, c0, c1 = window
    source = grid.kji_at(pose.source)[0]
    corner = pixel_points(pose, np.array([[r0, c0], [r0 + 1, c0], [r0, c0 + 1]]))
    at = grid.kji_at(corner)
    steps = np.stack([at[1] - at[0], at[2] - at[0]])
    spacing = np.asarray(grid.spacing_kji_mm)
    shape = (r1 - r0, c1 - c0)
    few = shape[0] * shape[1] * max(grid.shape) < _FEW_READS
    sum_rays = _joseph_alone if few else _joseph
    return np.asarray(sum_rays(np.ascontiguousarray(values), source, at[0], steps, spacing, shape))


@njit(cache=True, parallel=True)
def _joseph(values, source, first, steps, spacing, shape):  # type: ignore[no-untyped-def]
    """The picture, (rows, columns) float32; positions in voxel indices."""
    picture = np.zeros(shape, dtype=np.float32)
    for row in prange(shape[0]):
        for column in range(shape[1]):
            ray = first + row * steps[0] + column * steps[1] - source
            picture[row, column] = _along(values, source, ray, spacing)
    return picture


@njit(cache=True)
def _joseph_alone(values, source, first, steps, spacing, shape):  # type: ignore[no-untyped-def]
    """The same by one thread, to the bit."""
    picture = np.zeros(shape, dtype=np.float32)
    for row in range(shape[0]):
        for column in range(shape[1]):
            ray = first + row * steps[0] + column * steps[1] - source
            picture[row, column] = _along(values, source, ray, spacing)
    return picture


@njit(cache=True)
def _along(values, source, ray, spacing):  # type: ignore[no-untyped-def]
    """One ray: bilinear reads on the slices of its steepest axis, times the length between them."""
    mm = np.abs(ray * spacing)
    p = int(np.argmax(np.abs(ray)))
    a, b = (p + 1) % 3, (p + 2) % 3
    length = np.sqrt((mm * mm).sum()) / abs(ray[p])
    lowest, highest = source[p], source[p] + ray[p]
    if lowest > highest:
        lowest, highest = highest, lowest
    total = 0.0
    index = np.zeros(3, dtype=np.int64)
    for n in range(max(0, int(np.ceil(lowest))), min(values.shape[p], int(np.floor(highest)) + 1)):
        t = (n - source[p]) / ray[p]
        x, y = source[a] + t * ray[a], source[b] + t * ray[b]
        x0, y0 = int(np.floor(x)), int(np.floor(y))
        if x0 < -1 or y0 < -1 or x0 >= values.shape[a] or y0 >= values.shape[b]:
            continue
        index[p] = n
        for da in range(2):
            for db in range(2):
                ia, ib = x0 + da, y0 + db
                if 0 <= ia < values.shape[a] and 0 <= ib < values.shape[b]:
                    index[a], index[b] = ia, ib
                    weight = (1.0 - abs(x - ia)) * (1.0 - abs(y - ib))
                    total += weight * values[index[0], index[1], index[2]]
    return total * length
