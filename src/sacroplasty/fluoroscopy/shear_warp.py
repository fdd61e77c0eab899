"""The fast projector: Joseph's sum made separable (shear-warp), for the whole patient.

Take the array axis p that the beam follows most closely, and a plane parallel to its slices. The
ray through the plane's point (u, v) meets slice p at

    a = s_a + (u − s_a)·(p − s_p)/(P − s_p),     b likewise with v,

s the source, P the plane: for one slice only a scaling and a shift, the same for all u and v.
So each slice is resampled along b, then along a, and added up on the plane (`shear`). Afterwards
the plane is read once by the detector's rays (bilinear), and each ray is multiplied by its length
between slices. This is Joseph's interpolation; the only addition is the last bilinear read, on a
plane sampled as finely as the detector. Rows of air are skipped.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.rays import pixel_points
from sacroplasty.fluoroscopy.shear import shear
from sacroplasty.fluoroscopy.stack import Stack
from sacroplasty.geometry import Grid

_FLATTEST = 0.3  # cosine-like limit: a ray flatter than this to the slices is left to Joseph

_COARSEST = 0.75  # step of the plane in voxels that still keeps what linear interpolation holds


def principal_axis(grid: Grid, pose: CArmPose) -> int:
    """The array axis (0 k, 1 j, 2 i) along which the central ray crosses the most slices.

    Counted in voxels, not mm: thick slices crossed at a slant would show as bands.
    """
    ends = grid.kji_at(pose.detector_centre)[0] - grid.kji_at(pose.source)[0]
    return int(np.argmax(np.abs(ends)))


def shear_warp_applies(stack: Stack, pose: CArmPose) -> bool:
    """Whether the source stands clear of all that stops the beam, and no ray is too flat."""
    source, first, down, right = _detector_kji(stack, pose)
    corners = _corners(pose, first, down, right)
    occupied = np.flatnonzero((stack.last >= 0).any(axis=0))
    if not len(occupied):
        return False
    forward = corners[:, 1].mean() > source[1]
    ahead = source[1] < occupied[0] - 1 if forward else source[1] > occupied[-1] + 1
    spacing = np.asarray(stack.grid.spacing_kji_mm)[list(stack.order)]
    rays = np.abs((corners - source) * spacing)
    steep = (rays[:, 1] >= _FLATTEST * np.linalg.norm(rays, axis=1)).all()
    return bool(ahead and steep)


def _corners(
    pose: CArmPose,
    first: NDArray[np.float64],
    down: NDArray[np.float64],
    right: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The detector's four corner pixels, (4, 3)."""
    rows, columns = pose.shape
    return np.array([first + r * down + c * right for r in (0, rows - 1) for c in (0, columns - 1)])


def _before_detector(stack: Stack, pose: CArmPose) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Each row's first and last voxel that stops the beam *before* the detector catches it.

    The detector's plane cuts a row (b, p) at one a; what lies behind has no shadow. This matters
    where a tilted detector reaches over the patient.
    """
    source, start, down, right = _detector_kji(stack, pose)
    normal = np.cross(down, right)
    normal *= np.sign(normal @ (start - source))
    far_corner = np.maximum(normal * (np.asarray(stack.values.shape) - 1), 0.0).sum()
    if far_corner <= normal @ start:
        return stack.first, stack.last
    b, p = np.indices(stack.first.shape)
    ahead = normal @ start - normal[0] * b - normal[1] * p  # ≥ normal[2]·a in front of the plane
    first, last = stack.first.copy(), stack.last.copy()
    if normal[2] == 0.0:
        last[ahead < 0] = -1
        return first, last
    cut = np.clip(ahead / normal[2], -1.0, stack.values.shape[2])
    if normal[2] > 0:
        last = np.minimum(last, np.floor(cut).astype(np.int32))
    else:
        first = np.maximum(first, np.ceil(cut).astype(np.int32))
    last[first > last] = -1
    return first, last


def shear_warp_projection(stack: Stack, pose: CArmPose) -> NDArray[np.float32]:
    """∫ milliwater dl in mm over the whole detector, shape (rows, columns) float32.

    Only where `shear_warp_applies`.
    """
    source, first, down, right = _detector_kji(stack, pose)
    n_slices = stack.values.shape[1]
    plane = (n_slices - 1) / 2.0
    corners = _corners(pose, first, down, right)
    scale = (plane - source[1]) / (corners[:, 1] - source[1])
    on_plane = source + (corners - source) * scale[:, None]
    low, high = on_plane.min(axis=0), on_plane.max(axis=0)
    step_b, step_a = _steps(source, corners, plane, down, right)
    n_b = int(np.ceil((high[0] - low[0]) / step_b)) + 2
    n_a = int(np.ceil((high[2] - low[2]) / step_a)) + 2
    # From the first pixel on: where detector and slices are parallel, the last read is exact.
    sampling = np.array([low[0], step_b, low[2], step_a])
    begin, end = _before_detector(stack, pose)
    summed = shear(stack.values, begin, end, source, plane, sampling, (n_b, n_a))
    spacing = np.asarray(stack.grid.spacing_kji_mm)[list(stack.order)]
    return np.asarray(
        _warp(summed, source, plane, sampling, first, down, right, spacing, pose.shape)
    )


def _steps(
    source: NDArray[np.float64],
    corners: NDArray[np.float64],
    plane: float,
    down: NDArray[np.float64],
    right: NDArray[np.float64],
) -> tuple[float, float]:
    """Steps of the plane along b and a in voxels: what one pixel covers there.

    A pixel's shadow on the plane is found along the ray, so a tilted detector is not sampled more
    finely than it sees; the smallest of the four corners counts. A coarse one is divided into
    whole parts.
    """
    rays = corners - source
    scale = ((plane - source[1]) / rays[:, 1])[:, None]
    slope = rays / rays[:, 1:2]
    shadows = [scale * (step - slope * step[1]) for step in (down, right)]
    covered = np.hypot(*shadows).min(axis=0)
    b, a = (float(s / np.ceil(s / _COARSEST)) for s in (covered[0], covered[2]))
    return b, a


def _detector_kji(stack: Stack, pose: CArmPose) -> tuple[NDArray[np.float64], ...]:
    """Source, first pixel, one row down, one column right, in padded (b, p, a) indices."""
    order = list(stack.order)
    pad = np.array([1.0, 0.0, 1.0])
    source = stack.grid.kji_at(pose.source)[0][order] + pad
    at = stack.grid.kji_at(pixel_points(pose, np.array([[0, 0], [1, 0], [0, 1]])))[:, order] + pad
    return source, at[0], at[1] - at[0], at[2] - at[0]


@njit(cache=True, parallel=True)
def _warp(summed, source, plane, sampling, first, down, right, spacing, shape):  # type: ignore[no-untyped-def]
    """Read the plane by the detector's rays, times their length between slices."""
    picture = np.zeros(shape, dtype=np.float32)
    n_v, n_u = summed.shape
    for row in prange(shape[0]):
        for column in range(shape[1]):
            rb = first[0] + row * down[0] + column * right[0] - source[0]
            rp = first[1] + row * down[1] + column * right[1] - source[1]
            ra = first[2] + row * down[2] + column * right[2] - source[2]
            t = (plane - source[1]) / rp
            v = (source[0] + t * rb - sampling[0]) / sampling[1]
            u = (source[2] + t * ra - sampling[2]) / sampling[3]
            v_i = min(max(int(np.floor(v)), 0), n_v - 2)
            u_i = min(max(int(np.floor(u)), 0), n_u - 2)
            fv, fu = v - v_i, u - u_i
            value = (summed[v_i, u_i] * (1 - fu) + summed[v_i, u_i + 1] * fu) * (1 - fv) + (
                summed[v_i + 1, u_i] * (1 - fu) + summed[v_i + 1, u_i + 1] * fu
            ) * fv
            length = np.sqrt(
                (rb * spacing[0]) ** 2 + (rp * spacing[1]) ** 2 + (ra * spacing[2]) ** 2
            ) / abs(rp)
            picture[row, column] = value * length
    return picture
