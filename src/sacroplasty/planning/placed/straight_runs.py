"""Straight runs among points of metal: random pairs propose a line, the longest unbroken one wins.

Points that one run explains propose no further line, but they still count for others: where two
needles cross, both pass through the same voxels (a sequential RANSAC, Fischler and Bolles 1981).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SEED = 20
_PAIRS = 600
_FEWEST_POINTS = 40
_MOST_POINTS = 4000
_NEAREST_PAIR_MM = 15.0
_LARGEST_GAP_MM = 5.0
_OWN_SHARE = 0.5  # of a run must be seen in points that no other run explains
_MOST_RUNS = 12
_BIN_MM = 1.0
_IMPROVEMENTS = 6
# The longest run through a thick tube is its diagonal; the middle is found from all of its points.
_FITTED_REACH, _EXPLAINED_REACH = 2.0, 2.5


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """An unbroken straight run from start to end (3,), mm."""

    start: FloatArray
    end: FloatArray

    @property
    def length_mm(self) -> float:
        """From end to end."""
        return float(np.linalg.norm(self.end - self.start))

    @property
    def direction(self) -> FloatArray:
        """Unit vector (3,) from start to end."""
        return np.asarray((self.end - self.start) / self.length_mm)

    def off_axis_mm(self, points: FloatArray) -> FloatArray:
        """Distance (n,) of points (n, 3) from the endless line."""
        rest = points - self.start
        along = rest @ self.direction
        return np.asarray(np.linalg.norm(rest - along[:, None] * self.direction, axis=1))


def straight_runs(
    points: FloatArray, part: NDArray[np.int64], within_mm: float, least_mm: float
) -> list[Run]:
    """Runs of at least `least_mm` whose points (n, 3) lie within `within_mm` of a line, longest first.

    part (n,) numbers the connected piece of metal of each point. Pairs are drawn from each piece
    alike: the many voxels of a prosthesis must not leave the needles unasked.
    """
    rng = np.random.default_rng(_SEED)
    free = np.ones(len(points), dtype=bool)
    runs: list[Run] = []
    while free.sum() > 2 and len(runs) < _MOST_RUNS:
        run = _longest(points, part, free, within_mm, rng)
        if run is None or run.length_mm < least_mm:
            break
        own = free & (run.off_axis_mm(points) <= within_mm)
        explained = free & (run.off_axis_mm(points) <= _EXPLAINED_REACH * within_mm)
        inside = _between(run, points, _LARGEST_GAP_MM)
        if _seen_mm(run, points[own & inside]) >= _OWN_SHARE * run.length_mm:
            runs.append(run)
        free &= ~(explained & inside)
    return runs


def _longest(
    points: FloatArray,
    part: NDArray[np.int64],
    free: NDArray[np.bool_],
    within_mm: float,
    rng: np.random.Generator,
) -> Run | None:
    """The longest run that a pair of free points proposes, fitted to all points along it."""
    candidates = [points[rows] for rows in _pieces(part, free)]
    thinned = points[rng.permutation(len(points))[:_MOST_POINTS]]
    best: Run | None = None
    for n in range(_PAIRS if candidates else 0):
        piece = candidates[n % len(candidates)]
        first, second = piece[rng.integers(len(piece), size=2)]
        if np.linalg.norm(second - first) < _NEAREST_PAIR_MM:
            continue
        run = _run_about(Run(first, second), thinned, 0.5 * (first + second), within_mm)
        if run is not None and (best is None or run.length_mm > best.length_mm):
            best = run
    for _ in range(_IMPROVEMENTS):
        if best is None:
            return None
        fitted = _fitted(best, points, within_mm)
        if fitted is None:
            return best
        best = fitted
    return best


def _pieces(part: NDArray[np.int64], free: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The free points of each piece that is large enough to hold a run."""
    numbers, counts = np.unique(part[free], return_counts=True)
    return [np.flatnonzero(free & (part == number)) for number in numbers[counts >= _FEWEST_POINTS]]


def _run_about(line: Run, points: FloatArray, at: FloatArray, within_mm: float) -> Run | None:
    """The unbroken run of points near the line that holds the place `at`."""
    near = points[line.off_axis_mm(points) <= within_mm]
    along = np.sort((near - at) @ line.direction)
    if len(along) < 2:
        return None
    pieces = np.split(along, np.flatnonzero(np.diff(along) > _LARGEST_GAP_MM) + 1)
    piece = min(pieces, key=lambda p: max(p[0], -p[-1], 0.0))
    if piece[-1] - piece[0] < _NEAREST_PAIR_MM:
        return None
    return Run(at + piece[0] * line.direction, at + piece[-1] * line.direction)


def _fitted(run: Run, points: FloatArray, within_mm: float) -> Run | None:
    """The line through the points about a run (principal axis), and its run anew."""
    reach = _FITTED_REACH * within_mm
    near = points[(run.off_axis_mm(points) <= reach) & _between(run, points, _BIN_MM)]
    if len(near) < 3:
        return None
    centre = near.mean(axis=0)
    axis = np.linalg.svd(near - centre, full_matrices=False)[2][0]
    axis = axis if axis @ run.direction > 0 else -axis
    return _run_about(Run(centre, centre + axis), points, centre, within_mm)


def _between(run: Run, points: FloatArray, more_mm: float) -> NDArray[np.bool_]:
    along = (points - run.start) @ run.direction
    return np.asarray((along > -more_mm) & (along < run.length_mm + more_mm))


def _seen_mm(run: Run, points: FloatArray) -> float:
    along = (points - run.start) @ run.direction
    return float(len(np.unique(np.floor(along / _BIN_MM))) * _BIN_MM)
