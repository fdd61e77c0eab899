"""The upper endplate of S1: a plane through the top of its body."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.geometry import Grid, Points, Rigid, Volume

# Where the body's top can lie in the sacral frame: wider are alae, behind are canal and facets.
_HALF_WIDTH_MM, _FRONT_MM, _BACK_MM, _LOW_MM, _HIGH_MM = 30.0, -30.0, 26.0, -30.0, 22.0
# Half width and depth of the middle of the body, where no rim, ala or facet disturbs the plane.
_MIDDLE_MM, _MIDDLE_BACK_MM, _MIDDLE_FRONT_MM = 14.0, 8.0, -10.0
# Tops further from the plane than this belong to something else; the endplate is dished by 2 mm.
_OFF_PLANE_MM = 3.0
_ROUNDS = 8
_LEAST_COLUMNS = 60
# A column of the body holds this much bone below its top.
_BODY_MM = 8


@dataclass(frozen=True, eq=False, slots=True)
class Endplate:
    """A plane and its rim, scanner frame.

    centre: single point. normal: (3,) unit vector, cranial. corners: ventral, dorsal, left and
    right end of the endplate's middle lines, four points in this order.
    """

    centre: Points
    normal: NDArray[np.float64]
    corners: Points

    def height_mm(self, points: Points) -> NDArray[np.float64]:
        """Signed height (n,) of points above the plane, + cranial."""
        return np.asarray((points.xyz - self.centre.single) @ self.normal)


def find_endplate(sacrum: Volume[np.bool_], frame: Rigid) -> Endplate | None:
    """The S1 endplate of a bone mask (k, j, i) whose sacral frame is known at least roughly.

    Columns along the frame's +z are read from above; a plane is fitted to the tops in the middle of
    the body by least squares, and fitted again to the tops within 3 mm of it. The patch of columns
    on the plane that hangs together with the middle is the endplate; its extent along and across
    the midline gives the corners. None where there is no such patch.
    """
    slab = _slab(frame)
    bone = sacrum.on(slab, order=0).values
    nk, nj, ni = slab.shape
    top = np.where(bone.any(axis=0), nk - 1 - bone[::-1].argmax(axis=0), -1)
    k = np.arange(nk)[:, None, None]
    filled = (bone & (k <= top) & (k > top - _BODY_MM)).sum(axis=0)
    body = (top >= 0) & (filled >= 0.7 * _BODY_MM)
    y = _FRONT_MM + np.arange(nj)[:, None] + np.zeros((nj, ni))
    x = -_HALF_WIDTH_MM + np.arange(ni)[None, :] + np.zeros((nj, ni))
    z = _LOW_MM + top
    middle = body & (np.abs(x) <= _MIDDLE_MM) & (y >= _MIDDLE_FRONT_MM) & (y <= _MIDDLE_BACK_MM)
    plane = _fitted(x, y, z, middle)
    if plane is None:
        return None
    off = np.abs(z - (plane[0] + plane[1] * x + plane[2] * y))
    patch = _around_middle(body & (off <= _OFF_PLANE_MM), middle)
    if patch is None:
        return None
    return _described(x, y, plane, patch, frame)


def along_endplate(frame: Rigid, endplate: Endplate | None) -> Rigid:
    """`frame` (scanner from sacrum) with +z turned to the endplate's normal, origin at its middle.

    The same frame where there is no endplate.
    """
    if endplate is None:
        return frame
    cranial = endplate.normal
    left = frame.rotation[:, 0] - cranial * float(frame.rotation[:, 0] @ cranial)
    left /= np.linalg.norm(left)
    rotation = np.stack([left, np.cross(cranial, left), cranial], axis=1)
    return Rigid(rotation, endplate.centre.single, to=frame.to, source=frame.source)


def _slab(frame: Rigid) -> Grid:
    low = frame(Points.at([-_HALF_WIDTH_MM, _FRONT_MM, _LOW_MM], frame.source)).single
    shape = (
        int(_HIGH_MM - _LOW_MM) + 1,
        int(_BACK_MM - _FRONT_MM) + 1,
        int(2 * _HALF_WIDTH_MM) + 1,
    )
    return Grid(shape, tuple(low.tolist()), (1.0, 1.0, 1.0), frame.rotation, frame.to)


def _fitted(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    z: NDArray[np.float64],
    middle: NDArray[np.bool_],
) -> NDArray[np.float64] | None:
    """z = a + b x + c y over the middle, without what lies off it."""
    if middle.sum() < _LEAST_COLUMNS:
        return None
    design = np.stack([np.ones(int(middle.sum())), x[middle], y[middle]], axis=1)
    heights = z[middle]
    kept = np.abs(heights - np.median(heights)) <= 2 * _OFF_PLANE_MM
    plane: NDArray[np.float64] = np.zeros(3)
    for _ in range(_ROUNDS):
        if kept.sum() < _LEAST_COLUMNS:
            return None
        plane = np.asarray(np.linalg.lstsq(design[kept], heights[kept], rcond=None)[0])
        kept = np.abs(heights - design @ plane) <= _OFF_PLANE_MM
    return plane


def _around_middle(
    on_plane: NDArray[np.bool_], middle: NDArray[np.bool_]
) -> NDArray[np.bool_] | None:
    pieces, count = ndimage.label(ndimage.binary_opening(on_plane, iterations=2))
    if not count:
        return None
    sizes = np.bincount(pieces[middle], minlength=count + 1)
    sizes[0] = 0
    return np.asarray(pieces == int(sizes.argmax())) if sizes.any() else None


def _described(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    plane: NDArray[np.float64],
    patch: NDArray[np.bool_],
    frame: Rigid,
) -> Endplate:
    """Corners along the midline and across the middle, on the plane."""
    along = patch & (np.abs(x) <= 3)
    along = along if along.any() else patch
    front, back = float(y[along].min()), float(y[along].max())
    across = patch & (np.abs(y - (front + back) / 2) <= 3)
    across = across if across.any() else patch
    right, left = float(x[across].min()), float(x[across].max())
    flat = np.array(
        [
            [0.0, (front + back) / 2],
            [0.0, front],
            [0.0, back],
            [left, (front + back) / 2],
            [right, (front + back) / 2],
        ]
    )
    heights = plane[0] + flat @ plane[1:]
    points = frame(Points(np.column_stack([flat, heights]), frame.source)).xyz
    normal = np.array([-plane[1], -plane[2], 1.0])
    return Endplate(
        Points(points[:1], frame.to),
        frame.turn(normal / np.linalg.norm(normal)),
        Points(points[1:], frame.to),
    )
