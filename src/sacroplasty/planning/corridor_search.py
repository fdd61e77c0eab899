"""The search: thousands of paths measured, the unsafe thrown out, the best refined.

What comes back is not one path but a pool: the refined best, and those of all safe paths that no
other beats in everything at once (the Pareto set of clearance, length, tilt out of the CT plane,
distance from the textbook path and from the fracture), thinned to paths that differ.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.planning.candidates import (
    Candidates,
    Search,
    margins_kept,
    measure_candidates,
)
from sacroplasty.planning.pareto import pareto_front
from sacroplasty.planning.paths import Paths, angles_of, directions_of

_COARSE_STEP_MM, _FINE_STEP_MM = 1.5, 0.5
_STARTS = 8
# (spread of tips in mm, spread of angles in degrees) of each round.
_REFINEMENTS = ((1.5, 2.5), (0.75, 1.25), (0.4, 0.6))
# Two paths nearer than both of these are one choice to a hand.
_SAME_TIP_MM, _SAME_DIRECTION_DEG = 3.0, 4.0
_POOL = 40


@dataclass(frozen=True, eq=False, slots=True)
class Pool:
    """Safe, different, finely measured paths, best merit first; `best` is safe or not.

    objectives: (n, 5), less is better, columns as `OBJECTIVES`; best: the path of greatest merit,
    None where no path was even possible; considered and safe: counts of the coarse search.
    """

    candidates: Candidates
    objectives: NDArray[np.float64]
    best: Candidates | None
    considered: int
    safe: int


CLEARANCE, LENGTH, TILT, TEXTBOOK, FRACTURE = range(5)


def find_pool(search: Search) -> Pool:
    """Paths of one approach worth choosing from; the same input gives the same pool."""
    wanted = search.approach.paths()
    coarse = measure_candidates(search, wanted, _COARSE_STEP_MM)
    if not len(coarse):
        return Pool(coarse, np.empty((0, 5)), None, len(wanted), 0)
    best = coarse.paths.take(coarse.ranked()[:_STARTS])
    for spread_mm, spread_deg in _REFINEMENTS:
        around = _around(search, best, spread_mm, math.radians(spread_deg))
        refined = measure_candidates(search, around, _FINE_STEP_MM)
        best = refined.paths.take(refined.ranked()[:_STARTS])
    front = coarse.paths.take(_different(coarse, _front_rows(search, coarse)))
    fine = measure_candidates(search, best.joined(front), _FINE_STEP_MM)
    ranked = fine.ranked()
    pool = fine.take(_different(fine, ranked[fine.safe[ranked]]))
    return Pool(
        pool,
        objectives_of(search, pool),
        fine.take(ranked[:1]),
        len(wanted),
        int(coarse.safe.sum()),
    )


def objectives_of(search: Search, candidates: Candidates) -> NDArray[np.float64]:
    """(n, 5) to be minimised."""
    return np.stack(
        [
            -margins_kept(candidates.clearance_mm, search.limits_mm),
            candidates.length_mm,
            candidates.tilt_rad,
            candidates.misfit,
            candidates.to_fracture_mm,
        ],
        axis=1,
    )


def _front_rows(search: Search, coarse: Candidates) -> NDArray[np.int64]:
    """Safe rows of the Pareto set, best merit first."""
    ranked = coarse.ranked()
    ranked = ranked[coarse.safe[ranked]]
    if not len(ranked):
        return ranked
    front = pareto_front(objectives_of(search, coarse.take(ranked)))
    return np.asarray(ranked[front])


def _different(candidates: Candidates, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most `_POOL` of `rows`, in order, each of which differs from those kept before it."""
    tips, directions = candidates.paths.tips, candidates.paths.directions
    same_cosine = math.cos(math.radians(_SAME_DIRECTION_DEG))
    kept: list[int] = []
    for row in rows.tolist():
        near = np.linalg.norm(tips[kept] - tips[row], axis=1) < _SAME_TIP_MM
        if not (near & (directions[kept] @ directions[row] > same_cosine)).any():
            kept.append(row)
        if len(kept) == _POOL:
            break
    return np.array(kept, dtype=np.int64)


def _around(search: Search, best: Paths, spread_mm: float, spread_rad: float) -> Paths:
    """The best paths themselves, then their neighbours in tip and angle."""
    sign = search.approach.side.sign
    lateral, cranial = angles_of(best.directions, sign)
    steps = np.stack(np.meshgrid(*[[0.0, -1.0, 1.0]] * 5, indexing="ij"), axis=-1).reshape(-1, 5)
    shift = steps[:, :3] * spread_mm * np.array([sign, 1.0, 1.0])
    tips = (best.tips[:, None, :] + shift).reshape(-1, 3)
    directions = directions_of(
        (lateral[:, None] + steps[:, 3] * spread_rad).ravel(),
        (cranial[:, None] + steps[:, 4] * spread_rad).ravel(),
        sign,
    )
    admitted = np.flatnonzero(search.approach.admits(tips))
    return Paths(tips, directions).take(admitted)
