"""L, R and an arrow to the head, as strokes in the plane seen from outside.

A mark is a set of strokes (x to the viewer's right, y up, mm); a guide on the wrong side, or turned
round, shows it before anything is drilled.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Side

Stroke = tuple[tuple[float, float], tuple[float, float]]
STROKE_MM = 0.7
RAISED_MM = 0.8


def _through(*points: tuple[float, float]) -> tuple[Stroke, ...]:
    return tuple(pairwise(points))


_LETTERS: dict[Side, tuple[Stroke, ...]] = {
    Side.LEFT: _through((-1.8, 3.0), (-1.8, -3.0), (1.8, -3.0)),
    Side.RIGHT: _through(
        (-1.8, -3.0), (-1.8, 3.0), (0.8, 3.0), (1.8, 2.2), (1.8, 0.8), (0.8, 0.0), (-1.8, 0.0)
    )
    + _through((-0.2, 0.0), (1.9, -3.0)),
}
_ARROW = _through((-2.0, 0.9), (0.0, 3.2), (2.0, 0.9)) + _through((0.0, 3.2), (0.0, -3.2))


def letter(side: Side) -> tuple[Stroke, ...]:
    """The letter of the patient's own side, 6 mm high about its centre."""
    return _LETTERS[side]


def arrow() -> tuple[Stroke, ...]:
    """An arrow upwards, about its centre."""
    return _ARROW


def stroke_distance(
    x: NDArray[np.float64], y: NDArray[np.float64], strokes: tuple[Stroke, ...]
) -> NDArray[np.float64]:
    """Distance in mm from points of the plane to the nearest stroke's middle line."""
    least = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf)
    for (ax, ay), (bx, by) in strokes:
        ex, ey = bx - ax, by - ay
        along = np.clip(((x - ax) * ex + (y - ay) * ey) / max(ex * ex + ey * ey, 1e-12), 0.0, 1.0)
        least = np.minimum(least, np.hypot(x - ax - along * ex, y - ay - along * ey))
    return least
