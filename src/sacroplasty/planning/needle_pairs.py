"""Two needles on one side: apart where the cement comes out, together where the skin is cut."""

import itertools

import numpy as np
from numpy.typing import NDArray

from sacroplasty.planning.candidates import Candidates
from sacroplasty.reference import constant

# Two shafts nearer than this beyond their own thickness cannot be turned past each other.
SHAFT_GAP_MM = 2.0
# One cut instead of two is worth as much as this share of a margin.
_ONE_ENTRY_BONUS = 0.3


def best_pair(
    first: Candidates, second: Candidates, shaft_mm: float
) -> tuple[int, int, bool] | None:
    """Rows of the best pair of safe paths, and whether one skin entry serves both; None if none fits.

    first, second: safe candidates of one side, in the sacral frame; shaft_mm: outer diameter.
    """
    apart, one_entry = constant("needle_separation").value, constant("one_entry_distance").value
    best: tuple[float, int, int, bool] | None = None
    for i, j in itertools.product(range(len(first)), range(len(second))):
        tips = np.linalg.norm(first.paths.tips[i] - second.paths.tips[j])
        if tips < apart or _shafts_mm(first, i, second, j) < shaft_mm + SHAFT_GAP_MM:
            continue
        together = bool(np.linalg.norm(_skin(first, i) - _skin(second, j)) <= one_entry)
        merit = first.merit[i] + second.merit[j] + _ONE_ENTRY_BONUS * together
        if best is None or merit > best[0]:
            best = (float(merit), i, j, together)
    return None if best is None else best[1:]


def _skin(candidates: Candidates, row: int) -> NDArray[np.float64]:
    paths = candidates.paths
    return np.asarray(paths.tips[row] - paths.directions[row] * candidates.length_mm[row])


def _shafts_mm(first: Candidates, i: int, second: Candidates, j: int) -> float:
    """Least distance between two shafts inside bone and near it (segments tip to 40 mm back)."""
    return segments_mm(
        first.paths.tips[i],
        -first.paths.directions[i] * min(first.length_mm[i], 40.0),
        second.paths.tips[j],
        -second.paths.directions[j] * min(second.length_mm[j], 40.0),
    )


def segments_mm(
    p: NDArray[np.float64], d: NDArray[np.float64], q: NDArray[np.float64], e: NDArray[np.float64]
) -> float:
    """Least distance between the segments p + s d and q + t e, s and t in 0…1 (Ericson 2005, 5.1.9)."""
    r = p - q
    a, b, c, f = float(d @ d), float(d @ e), float(d @ r), float(e @ r)
    g = float(e @ e)
    denominator = a * g - b * b
    s = float(np.clip((b * f - c * g) / denominator, 0.0, 1.0)) if denominator > 1e-12 else 0.0
    t = (b * s + f) / g
    if not 0.0 <= t <= 1.0:
        t = float(np.clip(t, 0.0, 1.0))
        s = float(np.clip((b * t - c) / a, 0.0, 1.0))
    return float(np.linalg.norm(r + s * d - t * e))
