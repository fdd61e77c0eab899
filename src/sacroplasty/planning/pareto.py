"""Which of many choices no other beats in everything at once."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def pareto_front(objectives: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows of `objectives` (n, m), less is better, that no row dominates; in their order.

    A row dominates another if it is nowhere worse and somewhere better.
    """
    n, m = objectives.shape
    kept = np.empty(n, dtype=np.int64)
    count = 0
    for row in range(n):
        dominated = False
        for other in range(n):
            worse, better = False, False
            for column in range(m):
                if objectives[other, column] > objectives[row, column]:
                    worse = True
                    break
                if objectives[other, column] < objectives[row, column]:
                    better = True
            if better and not worse:
                dominated = True
                break
        if not dominated:
            kept[count] = row
            count += 1
    return kept[:count]
