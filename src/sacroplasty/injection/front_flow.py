"""Sharp-front Darcy flow: only the cells that hold cement are unknowns.

Cement is 10²–10⁴ times thicker than marrow, so the marrow's own pressure drop is negligible and the
front is stable. Inside the cement

    ∇·(K/μ ∇p) = −q,    p = p_marrow = 0 (gauge) on the front,

and a voxel ahead of the front fills with the flow through its faces; it joins when its pore volume
is full. Faces carry the harmonic mean of the two permeabilities, which is exact for layers. Pressure
is linear in the rate and viscosity is constant, so the path of the front depends on neither.

Valid for a cement far thicker than what it displaces, in bone whose pores are smaller than a voxel;
gravity and capillary pressure (below 1 kPa) are left out. Checked against the sphere, the plane, the
cylinder and layers (tests/injection), and against a sparse direct solver.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import SacroplastyError
from sacroplasty.geometry import Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.front_kernels import (
    fill_front,
    front_inflow,
    join,
    solve_pressure,
)
from sacroplasty.injection.tip_source import TipSource

# Relative residual of the pressure; fluxes are rescaled to the rate, so mass does not depend on it.
_PRESSURE_RTOL = 1e-8
_MOST_ITERATIONS = 50_000
# Cement that is still to come below this share of the volume is rounding.
_VOLUME_RTOL = 1e-9
# A step lasts until this share of the front has filled: about 300 steps for 3 mL at 1 mm, and one
# cell a step while the front is small.
_FRONT_SHARE_PER_STEP = 0.02
# Voxels that fill at the same time but for rounding fill in the same step: symmetry stays symmetric.
_TIE = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class NeedleFlow:
    """What one needle did: columns of the timeline (n,), and why it stopped.

    volume_mm3 is what this needle has delivered by `time_s`, tip_pressure_mpa what it then takes to
    deliver more at the same rate.
    stopped: "" where the whole volume went in, else "pressure limit" or "no space".
    """

    time_s: NDArray[np.float64]
    volume_mm3: NDArray[np.float64]
    tip_pressure_mpa: NDArray[np.float64]
    delivered_mm3: float
    stopped: str


@dataclass(frozen=True, slots=True)
class Feed:
    """How one needle is fed: constant rate up to a volume or a tip pressure."""

    rate_mm3_per_s: float
    volume_mm3: float
    viscosity_mpa_s: float
    most_tip_pressure_mpa: float


class FrontFlow:
    """Cement in a medium, growing needle by needle. The only mutable thing in the room."""

    def __init__(self, medium: BoneMedium) -> None:
        grid = medium.grid
        porosity = np.pad(medium.porosity.values, 1)
        self.medium = medium
        self._shape = porosity.shape
        self._h = grid.spacing_mm[0]
        self._pore = (porosity * grid.voxel_mm3).ravel()
        self._permeability = np.pad(medium.permeability_mm2.values, 1).ravel()
        self._permeability[self._pore <= 0] = 0.0
        self._pore[self._permeability <= 0] = 0.0
        self._room = self._pore.copy()
        self._arrival = np.full(self._pore.size, np.inf)
        self._slot_of = np.full(self._pore.size, -1, dtype=np.int64)
        self._joined = np.zeros(self._pore.size, dtype=np.int64)
        self._extra = np.zeros(self._pore.size)
        _, nj, ni = self._shape
        self._offsets = np.array([1, -1, ni, -ni, nj * ni, -nj * ni], dtype=np.int64)
        self._begin()

    def _begin(self) -> None:
        self._n = 0
        self._cells = np.zeros(1024, dtype=np.int64)
        self._links = np.zeros((1024, 6))
        self._pressure = np.zeros(1024)

    @property
    def open_space(self) -> NDArray[np.bool_]:
        """Voxels (k, j, i) that can still take cement."""
        return self._unpadded(self._room * (self._permeability > 0)) > 0

    @property
    def cement_mm3(self) -> NDArray[np.float64]:
        """Cement volume in every voxel (k, j, i)."""
        return self._unpadded(self._pore - self._room)

    @property
    def arrival_time_s(self) -> NDArray[np.float64]:
        """When each voxel was full (k, j, i); inf where it is not."""
        return self._unpadded(self._arrival)

    @property
    def pressure_mpa(self) -> Volume[np.float64]:
        """The last pressure that was solved: in cement of the open needle, 0 elsewhere."""
        values = np.zeros(self._pore.size)
        values[self._cells[: self._n]] = self._pressure[: self._n]
        return Volume(self._unpadded(values), self.medium.grid)

    def let_set(self) -> None:
        """The cement hardens: full voxels are closed to the next needle, partly full ones keep room."""
        hard = self._cells[: self._n]
        self._permeability[hard] = 0.0
        self._slot_of[hard] = -2
        self._begin()

    def inject(
        self, source: TipSource, feed: Feed, start_s: float, told: Callable[[float], None]
    ) -> NeedleFlow:
        """Feed one needle until its volume is in, its pressure limit is met or no space is left.

        `told` is called with the delivered volume in mm³ after every step.
        """
        fed = self._padded_cells(source.cells)
        rows: list[tuple[float, float, float]] = []
        delivered, lost, stopped = 0.0, 0.0, ""
        while True:
            tip = self._solve(source, fed, feed)
            now = start_s + delivered / feed.rate_mm3_per_s
            rows.append((now, delivered, tip))
            left = feed.volume_mm3 - delivered
            if left <= _VOLUME_RTOL * feed.volume_mm3:
                break
            front, inflow = self._front(source, fed, feed.rate_mm3_per_s)
            full = front.size == 0 or lost > _VOLUME_RTOL * feed.volume_mm3
            if full or tip > feed.most_tip_pressure_mpa:
                stopped = "no space" if full else "pressure limit"
                break
            dt = min(left / feed.rate_mm3_per_s, self._step(front, inflow))
            lost = self._fill(front, inflow, dt, now, feed.viscosity_mpa_s)
            delivered += feed.rate_mm3_per_s * dt - lost
            told(delivered)
        time, volume, pressure = np.array(rows, dtype=np.float64).reshape(-1, 3).T.copy()
        return NeedleFlow(time, volume, pressure, delivered, stopped)

    def _solve(self, source: TipSource, fed: NDArray[np.int64], feed: Feed) -> float:
        """Solve for pressure; returns the tip pressure."""
        slots = self._slot_of[fed]
        full = slots >= 0
        right = np.zeros(self._n)
        right[slots[full]] = source.shares[full] * feed.rate_mm3_per_s
        iterations = solve_pressure(
            self._n, self._cells, self._slot_of, self._links, self._offsets, right,
            self._pressure, _PRESSURE_RTOL, _MOST_ITERATIONS,
        )  # fmt: skip
        if iterations < 0:
            raise SacroplastyError(
                f"The pressure of {self._n} cement voxels did not converge within "
                f"{_MOST_ITERATIONS} iterations; report this case."
            )
        at_tip = np.where(full, self._pressure[np.maximum(slots, 0)], 0.0)
        return source.tip_pressure_mpa(at_tip, feed.rate_mm3_per_s, feed.viscosity_mpa_s)

    def _front(
        self, source: TipSource, fed: NDArray[np.int64], rate: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Cells that take flow, and the flow (mm³/s) into every cell, together the rate."""
        inflow = np.zeros(self._pore.size)
        waiting = self._slot_of[fed] == -1
        inflow[fed[waiting]] = source.shares[waiting] * rate
        front = np.zeros(6 * self._n, dtype=np.int64)
        m = front_inflow(
            self._n, self._cells, self._slot_of, self._links, self._offsets, self._pressure,
            inflow, front,
        )  # fmt: skip
        front = np.concatenate([fed[waiting], front[:m]])
        total = inflow[front].sum()
        if total > 0:
            inflow[front] *= rate / total
        return front, inflow

    def _step(self, front: NDArray[np.int64], inflow: NDArray[np.float64]) -> float:
        """Time until a share of the front (at least one cell) has filled."""
        wait = self._room[front] / inflow[front]
        kth = int(_FRONT_SHARE_PER_STEP * wait.size)
        return float(np.partition(wait, kth)[kth]) * (1.0 + _TIE)

    def _fill(
        self, front: NDArray[np.int64], inflow: NDArray[np.float64], dt: float, now: float,
        viscosity_mpa_s: float,
    ) -> float:  # fmt: skip
        """Advance the front by `dt`; returns the volume that found no room."""
        count, lost = fill_front(
            dt, now, front.size, front, inflow, self._room, self._arrival, self._joined,
            self._extra, self._permeability, self._slot_of, self._offsets,
        )  # fmt: skip
        self._reserve(self._n + count)
        for cell in self._joined[:count]:
            self._n = join(
                cell, self._n, self._cells, self._slot_of, self._links, self._permeability,
                self._offsets, self._h / viscosity_mpa_s,
            )  # fmt: skip
        return float(lost)

    def _reserve(self, wanted: int) -> None:
        have = self._cells.size
        if wanted > have:
            more = max(have, wanted - have)
            self._cells = np.pad(self._cells, (0, more))
            self._links = np.pad(self._links, ((0, more), (0, 0)))
            self._pressure = np.pad(self._pressure, (0, more))

    def _padded_cells(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        kji = np.unravel_index(cells, self.medium.grid.shape)
        padded = np.ravel_multi_index(tuple(axis + 1 for axis in kji), self._shape)
        return np.asarray(padded, dtype=np.int64)

    def _unpadded(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.ascontiguousarray(values.reshape(self._shape)[1:-1, 1:-1, 1:-1])
