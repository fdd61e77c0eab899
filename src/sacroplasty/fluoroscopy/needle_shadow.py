"""The shadow of a needle, ray by ray in closed form: no voxel is as fine as its wall.

In the needle's own axes, z along its shaft from the hub at 0 to the tip at L, a ray o + t·d meets
the cylinder of radius r where both

    (oₓ + t dₓ)² + (o_y + t d_y)² ≤ r²      and      0 ≤ o_z + t d_z ≤ L

hold: a quadratic and two planes, each an interval of t. The wall is the chord of the outer
cylinder less that of the bore: a straight cannula without a bevel, open, its bore full of what was
there before.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.rays import pixel_points, project_points
from sacroplasty.geometry import Points
from sacroplasty.planning import Needle

_RAYS_ACROSS = 3
_ROUND = 16  # points on the rim at each end, to find where the shadow can fall


def needle_path_mm(
    needle: Needle, pose: CArmPose, *, rays_across: int = _RAYS_ACROSS
) -> tuple[tuple[int, int, int, int], NDArray[np.float32]]:
    """mm of steel before each pixel, and the window (rows, columns) of the picture it fills.

    A wall is thinner than a pixel, so the mean over `rays_across`² rays spread evenly over the
    pixel is taken; one ray, through its centre, would draw the wall as a dashed line. Tested against
    the chord 2√(r² − b²) of a ray across the needle and the length of one along it. Raises
    `BadInput` for a needle that reaches behind the source.
    """
    radius = 0.5 * needle.gauge.outer_diameter_mm
    axes = _axes(needle)
    r0, r1, c0, c1 = window = _window(needle, axes, radius, pose)
    corner = pixel_points(pose, np.array([[r0, c0], [r0 + 1, c0], [r0, c0 + 1]])).xyz
    at = (corner - needle.entry.single) @ axes
    wall = _walls(
        (pose.source.single - needle.entry.single) @ axes,
        np.stack([at[0], at[1] - at[0], at[2] - at[0]]),
        np.array([needle.length_mm, radius, 0.5 * needle.gauge.inner_diameter_mm]),
        (r1 - r0, c1 - c0, rays_across),
    )
    return window, np.asarray(wall)


def _axes(needle: Needle) -> NDArray[np.float64]:
    """Columns x, y, z of the needle in patient space; z along the shaft."""
    along = needle.direction
    aside = np.cross(along, np.eye(3)[int(np.argmin(np.abs(along)))])
    aside /= np.linalg.norm(aside)
    return np.stack([aside, np.cross(along, aside), along], axis=1)


def _window(
    needle: Needle, axes: NDArray[np.float64], radius: float, pose: CArmPose
) -> tuple[int, int, int, int]:
    turn = np.linspace(0.0, 2.0 * np.pi, _ROUND, endpoint=False)
    # A polygon about the rim, so that the rim itself lies inside.
    reach = radius / np.cos(np.pi / _ROUND)
    rim = reach * np.stack([np.cos(turn), np.sin(turn)], axis=1) @ axes[:, :2].T
    ends = np.concatenate([needle.entry.single + rim, needle.tip.single + rim])
    at = project_points(pose, Points(ends, needle.frame))
    # A pixel reaches half its edge beyond its centre.
    low = np.clip(np.floor(at.min(axis=0) - 0.5), 0, pose.shape).astype(int)
    high = np.clip(np.ceil(at.max(axis=0) + 0.5) + 1, low, pose.shape).astype(int)
    return int(low[0]), int(high[0]), int(low[1]), int(high[1])


@njit(cache=True)
def _walls(source, pixels, sizes, shape):  # type: ignore[no-untyped-def]
    """Mean wall, (rows, columns), in the needle's axes, mm.

    pixels: the first one's centre, and the steps to the next row and column. sizes: length, outer
    radius, inner radius. shape: rows, columns, and rays along each edge of a pixel.
    """
    rows, columns, fine = shape
    picture = np.zeros((rows, columns), dtype=np.float32)
    for row in range(rows):
        for column in range(columns):
            total = 0.0
            for n in range(fine * fine):
                down = row + (n // fine + 0.5) / fine - 0.5
                right = column + (n % fine + 0.5) / fine - 0.5
                x = pixels[0, 0] + down * pixels[1, 0] + right * pixels[2, 0] - source[0]
                y = pixels[0, 1] + down * pixels[1, 1] + right * pixels[2, 1] - source[1]
                z = pixels[0, 2] + down * pixels[1, 2] + right * pixels[2, 2] - source[2]
                outer = _chord(source, x, y, z, sizes[0], sizes[1])
                if outer > 0.0:
                    total += outer - _chord(source, x, y, z, sizes[0], sizes[2])
            picture[row, column] = total / (fine * fine)
    return picture


@njit(cache=True)
def _chord(source, x, y, z, length, radius):  # type: ignore[no-untyped-def]
    """Length inside a capped cylinder of the stretch from the source to (x, y, z) beyond it."""
    a = x * x + y * y
    b = source[0] * x + source[1] * y
    c = source[0] * source[0] + source[1] * source[1] - radius * radius
    enter, leave = 0.0, 1.0
    if a > 0.0:
        root = b * b - a * c
        if root <= 0.0:
            return 0.0
        root = np.sqrt(root)
        enter, leave = max(enter, (-b - root) / a), min(leave, (-b + root) / a)
    elif c >= 0.0:
        return 0.0
    if z != 0.0:
        near, far = -source[2] / z, (length - source[2]) / z
        enter, leave = max(enter, min(near, far)), min(leave, max(near, far))
    elif source[2] < 0.0 or source[2] > length:
        return 0.0
    return max(leave - enter, 0.0) * np.sqrt(a + z * z)
