"""How everything here is timed: the median of some repeats after one that warms up."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

REPEATS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One engine's seconds (None: absent), and the seconds that its ratio is taken to."""

    name: str
    seconds: float | None
    ours: float
    note: str = ""

    @property
    def ratio(self) -> str:
        """How many times ours."""
        return "–" if self.seconds is None else f"{self.seconds / self.ours:.2f}"


def median_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median seconds of `work`; the first call compiles and does not count."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
