"""Which planned needle is which: the naming with the least sum of distances, where it is the only one.

A found needle belongs to a planned one by its distance from it: halfway between how far the tips lie
apart across the planned axis and how far the axes lie apart on their way (the last 60 mm). The
Hungarian method gives the naming of least sum; a needle keeps its name only if every naming that
gives it another one (or none) is worse by a clear gap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sacroplasty.planning.needle import Needle
from sacroplasty.planning.placed.found_needle import FoundNeedle
from sacroplasty.planning.trajectory_plan import PlannedNeedle
from sacroplasty.reference import constant

FloatArray = NDArray[np.float64]

_COMPARED_MM = 60.0
_TIP_SHARE = 0.5
_FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class Naming:
    """planned[i] is the number of the planned needle that found needle i is, or None.

    rivals[i]: the planned needle that fits nearly as well, where that is why i has no name.
    missing: planned needles that no found one is. distance_mm[i]: to the planned needle that fits best.
    """

    planned: tuple[int | None, ...]
    rivals: tuple[tuple[int, int] | None, ...]
    missing: tuple[int, ...]
    distance_mm: tuple[float, ...]


def name_needles(found: tuple[FoundNeedle, ...], planned: tuple[PlannedNeedle, ...]) -> Naming:
    """Name found needles, in the frame of the plan."""
    costs = np.array([[_distance_mm(f, p.needle) for p in planned] for f in found])
    costs = costs.reshape(len(found), len(planned))
    chosen, total = _best(costs)
    reach, gap = constant("placed_naming_reach").value, constant("placed_naming_gap").value
    names: list[int | None] = []
    rivals: list[tuple[int, int] | None] = []
    for i, name in enumerate(chosen):
        rival = None if name is None else _rival(costs, i, name, total, gap)
        rivals.append(None if name is None or rival is None else (name, rival))
        names.append(None if rival is not None else name)
    open_names = {n for pair in rivals if pair for n in pair}
    missing = [p for p in range(len(planned)) if p not in names and p not in open_names]
    nearest = tuple(float(row.min()) if len(planned) else reach for row in costs)
    return Naming(tuple(names), tuple(rivals), tuple(missing), nearest)


def _distance_mm(found: FoundNeedle, planned: Needle) -> float:
    along = np.linspace(0.0, min(_COMPARED_MM, found.length_mm), 13)
    points = found.tip.single - along[:, None] * found.direction
    rest = points - planned.tip.single
    depth = rest @ planned.direction
    aside = np.linalg.norm(rest - depth[:, None] * planned.direction, axis=1)
    tips = float(np.linalg.norm(rest[0]))
    return float(
        _TIP_SHARE * min(tips, 2.0 * aside[0] + 0.5 * abs(depth[0]))
        + (1 - _TIP_SHARE) * aside.mean()
    )


def _best(costs: FloatArray) -> tuple[list[int | None], float]:
    """For each found needle its planned one or None, and the sum; none costs the naming's reach."""
    reach = constant("placed_naming_reach").value
    n, m = costs.shape
    square = np.full((n + m, n + m), 0.0)
    square[:n, :m] = np.where(costs <= reach, costs, _FORBIDDEN)
    square[:n, m:] = reach
    square[n:, :m] = 0.0
    rows, columns = linear_sum_assignment(square)
    chosen: list[int | None] = [None] * n
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if row < n and column < m:
            chosen[row] = column
    return chosen, float(square[rows, columns].sum())


def _rival(costs: FloatArray, i: int, name: int, total: float, gap: float) -> int | None:
    """The planned needle that i could be in a naming that is hardly worse; itself for "none"."""
    other = costs.copy()
    other[i, name] = _FORBIDDEN
    chosen, sum_mm = _best(other)
    if sum_mm - total >= gap:
        return None
    return name if chosen[i] is None else chosen[i]
