"""A coarse adult pelvis in words: where bone must be, and where it must not be.

Points are written by hand from general anatomy for the patient's left half and mirrored. The frame
is the patient's (x left, y dorsal, z cranial, mm) with its origin at the ventral rim of S1.
Lines are (x, y) at one height z; each is sampled every few millimetres.
"""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_SAMPLE_MM = 6.0

_ILIAC_WING: dict[float, tuple[tuple[float, float], ...]] = {
    45.0: ((72.0, 5.0), (105.0, -22.0), (132.0, -45.0)),
    30.0: ((54.0, 45.0), (60.0, 20.0), (75.0, 0.0), (108.0, -28.0), (135.0, -55.0)),
    10.0: ((50.0, 50.0), (57.0, 30.0), (67.0, 5.0), (85.0, -18.0), (120.0, -48.0), (130.0, -80.0)),
    -6.0: ((52.0, 45.0), (62.0, 18.0), (80.0, -15.0), (112.0, -52.0), (122.0, -85.0)),
    -21.0: ((55.0, 38.0), (65.0, 12.0), (78.0, -10.0), (102.0, -45.0), (112.0, -75.0)),
    -36.0: ((66.0, 8.0), (76.0, -8.0), (92.0, -38.0), (104.0, -66.0)),
    -54.0: ((70.0, 2.0), (78.0, -18.0), (88.0, -45.0)),
}
_SACRUM: dict[float, tuple[tuple[float, float], ...]] = {
    4.0: ((0.0, 3.0), (24.0, 8.0)),
    0.0: ((0.0, 12.0), (25.0, 14.0), (42.0, 15.0)),
    -10.0: ((0.0, 10.0), (24.0, 16.0), (44.0, 22.0)),
    -18.0: ((0.0, 24.0), (26.0, 32.0), (44.0, 32.0)),
    -32.0: ((0.0, 40.0), (22.0, 44.0), (36.0, 44.0)),
    -46.0: ((0.0, 52.0), (24.0, 54.0)),
    -62.0: ((0.0, 58.0), (16.0, 58.0)),
}
_LUMBAR: dict[float, tuple[tuple[float, float], ...]] = {
    26.0: ((0.0, -8.0), (14.0, -8.0)),
    60.0: ((0.0, -14.0), (14.0, -14.0)),
}
_EMPTY: dict[float, tuple[tuple[float, float], ...]] = {
    45.0: ((45.0, -20.0), (70.0, -50.0), (90.0, -75.0)),
    30.0: ((45.0, -30.0), (80.0, -55.0), (95.0, 25.0), (120.0, 0.0)),
    10.0: ((0.0, -35.0), (35.0, -35.0), (60.0, -45.0), (95.0, -70.0)),
    0.0: ((85.0, 40.0), (105.0, 10.0), (130.0, -20.0)),
    -15.0: ((0.0, -35.0), (35.0, -35.0), (65.0, -50.0)),
    -21.0: ((80.0, 45.0), (100.0, 15.0), (125.0, -20.0)),
    -40.0: ((0.0, -20.0), (30.0, -20.0), (50.0, -40.0)),
    -45.0: ((88.0, 30.0), (110.0, -5.0), (125.0, -35.0)),
    -62.0: ((0.0, 0.0), (30.0, 0.0), (45.0, 15.0), (48.0, 38.0)),
    -75.0: ((0.0, 20.0), (30.0, 20.0), (42.0, 45.0)),
    -10.0: ((0.0, 85.0), (35.0, 85.0), (70.0, 85.0)),
}


def _sampled(lines: dict[float, tuple[tuple[float, float], ...]]) -> NDArray[np.float64]:
    """Points (n, 3) along the lines of the left half and their mirror images."""
    points: list[NDArray[np.float64]] = []
    for height, line in lines.items():
        corners = np.asarray(line)
        for start, stop in pairwise(corners):
            steps = max(int(np.linalg.norm(stop - start) // _SAMPLE_MM), 1)
            part = start + np.linspace(0, 1, steps, endpoint=False)[:, None] * (stop - start)
            points.append(np.column_stack([part, np.full(len(part), height)]))
        points.append(np.array([[*line[-1], height]]))
    half = np.concatenate(points)
    return np.concatenate([half, half * (-1.0, 1.0, 1.0)])


@lru_cache
def pelvis_template() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (n, 3) and weights (n,).

    Weights: iliac wings sum to 1/2, sacrum to 2/5, lumbar bodies to 1/10, empty space to −1, so
    that the weighted sum of a bone map in 0…1 is 1 for a perfect pelvis and ≤ 0 for clutter.
    """
    groups = ((_ILIAC_WING, 0.5), (_SACRUM, 0.4), (_LUMBAR, 0.1), (_EMPTY, -1.0))
    parts = [(_sampled(lines), total) for lines, total in groups]
    points = np.concatenate([p for p, _ in parts])
    weights = np.concatenate([np.full(len(p), total / len(p)) for p, total in parts])
    points.flags.writeable = weights.flags.writeable = False
    return points, weights


@lru_cache
def wing_points() -> NDArray[np.float64]:
    """Points (n, 3) on the left iliac wing."""
    points = _sampled(_ILIAC_WING)
    return points[points[:, 0] > 0]


@lru_cache
def empty_points() -> NDArray[np.float64]:
    """Points (n, 3) where no bone is expected."""
    return _sampled(_EMPTY)
