"""The shadow of a needle, ray by ray in closed form: no voxel is as fine as its wall.

A ray o + t·d meets the cylinder of radius r about the axis a + s·u, 0 ≤ s ≤ L, where both

    |(o − a + t d) − ((o − a + t d)·u) u|² ≤ r²      and      0 ≤ (o − a + t d)·u ≤ L

hold: a quadratic and two planes, each an interval of t. The wall is the chord of the outer
cylinder less that of the bore.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.rays import pixel_points, project_points
from sacroplasty.geometry import Points
from sacroplasty.planning import Needle

_ROUND = 16  # points on the rim at each end, to find where the shadow can fall


def needle_path_mm(
    needle: Needle, pose: CArmPose
) -> tuple[tuple[int, int, int, int], NDArray[np.float32]]:
    """mm of steel along each ray, and the window (rows, columns) of the picture it fills.

    Tested against the chord 2√(r² − b²) of a ray across the needle and the length of one along
    it. Raises `BadInput` for a needle that reaches behind the source.
    """
    radius = 0.5 * needle.gauge.outer_diameter_mm
    window = _window(needle, radius, pose)
    r0, r1, c0, c1 = window
    corner = pixel_points(pose, np.array([[r0, c0], [r0 + 1, c0], [r0, c0 + 1]])).xyz
    steps = np.stack([corner[1] - corner[0], corner[2] - corner[0]])
    source = pose.source.single - needle.entry.single
    wall = _chords(
        source,
        corner[0] - needle.entry.single,
        steps,
        needle.direction,
        np.array([needle.length_mm, radius, 0.5 * needle.gauge.inner_diameter_mm]),
        (r1 - r0, c1 - c0),
    )
    return window, np.asarray(wall)


def _window(needle: Needle, radius: float, pose: CArmPose) -> tuple[int, int, int, int]:
    along = needle.direction
    aside = np.cross(along, np.eye(3)[int(np.argmin(np.abs(along)))])
    aside /= np.linalg.norm(aside)
    turn = np.linspace(0.0, 2.0 * np.pi, _ROUND, endpoint=False)[:, None]
    # A polygon about the rim, so that the rim itself lies inside.
    reach = radius / np.cos(np.pi / _ROUND)
    rim = reach * (np.cos(turn) * aside + np.sin(turn) * np.cross(along, aside))
    ends = np.concatenate([needle.entry.single + rim, needle.tip.single + rim])
    at = project_points(pose, Points(ends, needle.frame))
    low = np.clip(np.floor(at.min(axis=0)), 0, pose.shape).astype(int)
    high = np.clip(np.ceil(at.max(axis=0)) + 1, low, pose.shape).astype(int)
    return int(low[0]), int(high[0]), int(low[1]), int(high[1])


@njit(cache=True)
def _chords(source, first, steps, along, sizes, shape):  # type: ignore[no-untyped-def]
    """Outer chord less bore, (rows, columns); positions from the needle's entry, mm."""
    picture = np.zeros(shape, dtype=np.float32)
    for row in range(shape[0]):
        for column in range(shape[1]):
            ray = first + row * steps[0] + column * steps[1] - source
            length = np.sqrt((ray * ray).sum())
            outer = _chord(source, ray / length, length, along, sizes[0], sizes[1])
            if outer > 0.0:
                bore = _chord(source, ray / length, length, along, sizes[0], sizes[2])
                picture[row, column] = outer - bore
    return picture


@njit(cache=True)
def _chord(source, ray, reach, along, length, radius):  # type: ignore[no-untyped-def]
    """Length of the unit ray inside a capped cylinder, between source and detector."""
    start, slope = (source * along).sum(), (ray * along).sum()
    off, tilt = source - start * along, ray - slope * along
    enter, leave = 0.0, reach
    a, b = (tilt * tilt).sum(), (off * tilt).sum()
    c = (off * off).sum() - radius * radius
    if a > 1e-14:
        root = b * b - a * c
        if root <= 0.0:
            return 0.0
        root = np.sqrt(root)
        enter, leave = max(enter, (-b - root) / a), min(leave, (-b + root) / a)
    elif c >= 0.0:
        return 0.0
    if abs(slope) > 1e-14:
        t0, t1 = -start / slope, (length - start) / slope
        enter, leave = max(enter, min(t0, t1)), min(leave, max(t0, t1))
    elif start < 0.0 or start > length:
        return 0.0
    return max(leave - enter, 0.0)
