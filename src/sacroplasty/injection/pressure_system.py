"""The linear system of the pressure in the filled cells, with the space that solving it takes."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import SacroplastyError
from sacroplasty.injection.pressure_kernels import merge_by_plane, solve_pressure

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MOST_ITERATIONS = 50_000
_FIRST_CAPACITY = 1024


class PressureSystem:
    """Keeps the slots in the order of the preconditioner, and scratch space for the solver.

    offsets (6,): how far the six neighbours of a cell are away in the flat padded array of `size`.
    """

    def __init__(self, offsets: Ints, size: int) -> None:
        self._row, self._slice, self._size = int(offsets[2]), int(offsets[4]), size
        self._plane = np.zeros(0, dtype=np.int64)
        self._order = np.zeros(0, dtype=np.uint32)
        self.clear()

    def clear(self) -> None:
        """Forget all slots."""
        self.n = 0
        self._reserve(_FIRST_CAPACITY)

    def join(self, cells: Ints) -> None:
        """Cells (flat, padded) that take the next slots."""
        end = self.n + cells.size
        if end > self._plane.size:
            self._reserve(2 * end)
        k, rest = np.divmod(cells, self._slice)
        j, i = np.divmod(rest, self._row)
        # Unique, and by i + j + k first.
        self._plane[self.n : end] = (i + j + k) * self._size + cells
        fresh = self.n + np.argsort(self._plane[self.n : end])
        merge_by_plane(self.n, fresh, self._plane, self._order)
        self.n = end

    def solve(
        self, beside: Ints, links: Floats, source: Floats, pressure: Floats, rtol: float
    ) -> None:
        """Pressure (n,), from the start that it holds; see `pressure_kernels`."""
        iterations = solve_pressure(
            self.n, self._order, beside, links, source, pressure, *self._scratch, rtol,
            _MOST_ITERATIONS,
        )  # fmt: skip
        if iterations < 0:
            raise SacroplastyError(
                f"The pressure of {self.n} cement voxels did not converge within "
                f"{_MOST_ITERATIONS} iterations; report this case."
            )

    def _reserve(self, capacity: int) -> None:
        more = capacity - self.n
        self._plane = np.pad(self._plane[: self.n], (0, more))
        self._order = np.pad(self._order[: self.n], (0, more))
        columns = (capacity, 3)
        self._scratch = (
            np.zeros(capacity, dtype=np.uint32),
            np.zeros(columns, dtype=np.uint32),
            np.zeros(columns, dtype=np.uint32),
            np.zeros(columns),
            np.zeros(columns),
            np.zeros((9, capacity + 1)),
        )
