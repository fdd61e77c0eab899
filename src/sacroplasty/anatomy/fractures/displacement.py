"""How far the cortex is shifted across a cleft.

The front of the sacrum is a surface y(x, z). Beside the cleft, a straight line is fitted to it on
each side and carried on to the cleft; the gap between the two lines is the step there. The median
over all rows is the displacement: noise of one row and a curved front fall out of it.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.fractures.sacral_view import VIEW_MM, SacralView

_CORTEX_HU = 150.0  # between soft tissue and cortex, also with contrast and in thin bone
_SEARCH_MM = 4
_BESIDE_MM, _REACH_MM = 2, 9  # rows used on each side of the cleft
_LEAST_ROWS = 8


def ventral_front(view: SacralView) -> NDArray[np.float64]:
    """y index (k, i) where the cortex begins, to a fraction of a voxel; NaN without bone."""
    nj = view.bone.shape[1]
    seen = view.bone.any(axis=1)
    start = np.maximum(view.bone.argmax(axis=1) - _SEARCH_MM, 0)
    front = np.full(seen.shape, np.nan)
    for k, i in np.argwhere(seen):
        first = start[k, i]
        line = view.hu[k, first : min(first + 2 * _SEARCH_MM + 1, nj), i]
        above = np.flatnonzero(line > _CORTEX_HU)
        if len(above) and above[0] > 0:
            j = int(above[0])
            part = (_CORTEX_HU - line[j - 1]) / (line[j] - line[j - 1])
            front[k, i] = first + j - 1 + part
    return front


def step_mm(
    front: NDArray[np.float64], rows: NDArray[np.int_], at: NDArray[np.int_]
) -> float | None:
    """Median step of ``front[row, :]`` across column `at`, mm; None with fewer than 8 good rows."""
    steps = []
    for row, c in zip(rows.tolist(), at.tolist(), strict=True):
        ends = [_carried_on(front[row], c, way) for way in (-1, 1)]
        if not np.isnan(ends).any():
            steps.append(ends[1] - ends[0])
    if len(steps) < _LEAST_ROWS:
        return None
    return float(abs(np.median(steps))) * VIEW_MM


def _carried_on(line: NDArray[np.float64], c: int, way: int) -> float:
    """The surface beside c, on one side, continued to c; NaN where it is not seen."""
    at = c + way * np.arange(_BESIDE_MM, _REACH_MM + 1)
    at = at[(at >= 0) & (at < len(line))]
    seen = at[np.isfinite(line[at])]
    if len(seen) < _REACH_MM - _BESIDE_MM:
        return float("nan")
    return float(np.polyfit(seen - c, line[seen], 1)[1])
