"""Sharp-front Darcy flow: only the cells that hold cement are unknowns.

Cement is 10²–10⁴ times thicker than marrow, so the marrow's own pressure drop in bone is negligible
and the front is stable; what holds the marrow up is the cortex (`enclosed_marrow`). Inside the cement

    ∇·(K/μ ∇p) = −q,    p = p_marrow on the front,

and a voxel ahead of the front fills with the flow through its faces; it joins when its pore volume
is full. K is diagonal on the grid's axes; faces carry the harmonic mean of the two mobilities K/μ
along their axis, which is exact for layers, or nothing where the medium has a wall. The viscosity
follows the cement's age, which the flow carries, and its shear rate in the pores (`pore_rheology`,
with the geometric mean of K), by Picard's iteration. A face whose pressure drop is below what the
yield stress holds stays closed.

All cement in the body ages at one rate r (body temperature), so only a = b + r t with a carried b
("entry age") is stored: standing still is then exact, and the carried quantity is conserved.

Valid for a cement far thicker than what it displaces, in bone whose pores are smaller than a voxel;
gravity and capillary pressure (below 1 kPa) and the cement's own heat are left out. Checked against
the sphere, the plane, the cylinder and layers, against a sparse direct solver, and against a
whole-grid two-phase model (tests/injection).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.enclosed_marrow import EnclosedMarrow
from sacroplasty.injection.fill_kernels import fill_front
from sacroplasty.injection.filled_cells import FilledCells
from sacroplasty.injection.flow_accuracy import FINE, FlowAccuracy
from sacroplasty.injection.front_kernels import carry_age, front_inflow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.tip_source import TipSource

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Voxels that fill at the same time, but for rounding and for what the solver leaves open, fill in
# the same step: so symmetry stays symmetric. In shares of the time that a whole voxel takes.
_TIE, _TIE_PER_RTOL = 1e-7, 100.0


class FrontFlow:
    """Cement in a medium, growing step by step. It and its parts are all that changes in the room.

    body_ageing: seconds of chemical age per second in the body.
    """

    def __init__(
        self, medium: BoneMedium, law: PoreLaw, body_ageing: float = 1.0,
        accuracy: FlowAccuracy = FINE,
    ) -> None:  # fmt: skip
        grid = medium.grid
        porosity = np.pad(medium.porosity.values, 1)
        self.medium = medium
        self.law = law
        self.body_ageing = body_ageing
        self.accuracy = accuracy
        self.now_s = 0.0
        self._shape = porosity.shape
        self._h = grid.spacing_mm[0]
        self._pore = (porosity * grid.voxel_mm3).ravel()
        self._permeability = _padded_ijk(medium.along_kji_mm2)
        self._walls = np.pad(medium.walls, 1).ravel()
        mean = np.pad(medium.permeability_mm2.values, 1).ravel()
        self._permeability[self._pore <= 0] = 0.0
        self._pore[mean <= 0] = 0.0
        self._shear_per_speed = law.shear_per_speed(mean, porosity.ravel())
        size = self._pore.size
        self._room = self._pore.copy()
        self._arrival = np.full(size, np.inf)
        self._entry_age = np.zeros(size)
        self._joined = np.zeros(size, dtype=np.int64)
        self._extra, self._extra_age = np.zeros(size), np.zeros(size)
        self._inflow, self._inflow_age = np.zeros(size), np.zeros(size)
        self._front = np.zeros(0, dtype=np.int64)
        self._fed: tuple[TipSource | None, Ints] = (None, self._front)
        _, nj, ni = self._shape
        self._offsets = np.array([1, -1, ni, -ni, nj * ni, -nj * ni], dtype=np.int64)
        self._yield_resistance = self._resistance_to_yield()
        self._marrow = EnclosedMarrow(
            medium, self._permeability, self._walls, self._offsets, self._h
        )
        self.filled = FilledCells(
            self._permeability, self._walls, self._shear_per_speed, self._offsets, self._h,
            accuracy, self._marrow,
        )  # fmt: skip

    def _resistance_to_yield(self) -> Floats:
        """1/(K γ̇/|u|) × h along i, j, k: what one unit of k y holds over one cell, MPa per MPa."""
        product = self._permeability * self._shear_per_speed[:, None]
        flows = product > 0
        return np.divide(self._h, product, out=np.zeros_like(product), where=flows)

    @property
    def open_space(self) -> NDArray[np.bool_]:
        """Voxels (k, j, i) that can still take cement, or hold cement that still flows."""
        flows = (self._room > 0) | (self.filled.slot_of >= 0)
        return self._unpadded(flows & (self._permeability[:, 0] > 0))

    @property
    def cement_mm3(self) -> Floats:
        """Cement volume in every voxel (k, j, i)."""
        return self._unpadded(self._pore - self._room)

    @property
    def pore_mm3(self) -> Floats:
        """Volume that every voxel (k, j, i) can take; larger than the medium's in a needle's tract."""
        return self._unpadded(self._pore)

    @property
    def arrival_time_s(self) -> Floats:
        """When each voxel was full (k, j, i); inf where it is not."""
        return self._unpadded(self._arrival)

    @property
    def age_s(self) -> Floats:
        """Chemical age of the cement in every voxel (k, j, i); 0 where there is none."""
        aged = self._entry_age + self.body_ageing * self.now_s
        return self._unpadded(np.where(self._pore > self._room, aged, 0.0))

    def filled_since(self, n: int) -> tuple[Ints, Floats]:
        """Flat voxels that filled after the first `n` of the open needle, and their volumes (mm³)."""
        cells = self.filled.cells[n:]
        kji = np.unravel_index(cells, self._shape)
        voxels = np.ravel_multi_index(tuple(a - 1 for a in kji), self.medium.grid.shape)
        return np.asarray(voxels, dtype=np.int64), self._pore[cells]

    @property
    def pressure_mpa(self) -> Volume[np.float64]:
        """The last pressure that was solved: in cement of the open needle, 0 elsewhere."""
        values = np.zeros(self._pore.size)
        values[self.filled.cells] = self.filled.pressure + self.filled.marrow_mpa
        return Volume(self._unpadded(values), self.medium.grid)

    def let_set(self) -> None:
        """The cement hardens: full voxels are closed to the next needle, partly full ones keep room."""
        hard = self.filled.cells
        self._permeability[hard] = 0.0
        self.filled.slot_of[hard] = -2
        self.filled.clear()

    def rest(self, seconds: float) -> None:
        """Nothing flows, and all cement ages."""
        self.now_s += seconds

    def open_tract(self, cells: Ints, permeability_mm2: float) -> None:
        """Voxels (flat, unpadded) that a needle has left: open to cement, but for the full ones.

        They are open along all axes alike; the wall of a vein that runs through them stays.
        """
        here = self._padded(cells)
        here = here[self.filled.slot_of[here] == -1]
        more = self._h**3 - self._pore[here]
        self._pore[here] += more
        self._room[here] += more
        self._permeability[here] = np.maximum(self._permeability[here], permeability_mm2)
        mean = np.cbrt(self._permeability[here].prod(axis=1))
        self._shear_per_speed[here] = self.law.shear_per_speed(mean, np.ones(here.size))
        self._yield_resistance[here] = self._h / (
            self._permeability[here] * self._shear_per_speed[here][:, None]
        )

    def solve(self, source: TipSource, rate: float, first: bool) -> Floats:
        """Solve for pressure (`first`: from a poor start); returns that of the fed cells, (n,)."""
        slots = self.filled.slot_of[self._fed_by(source)]
        self.filled.solve(
            self._feed(slots, source, rate), self._entry_age, self._aged, self.law, first
        )
        pressure = np.append(self.filled.pressure + self.filled.marrow_mpa, 0.0)
        return np.where(slots >= 0, pressure[np.maximum(slots, -1)], 0.0)

    def advance(
        self, source: TipSource, rate: float, syringe_age_s: Callable[[float], float], most_s: float
    ) -> tuple[float, float]:
        """Let the cement flow until a share of the front has filled, for at most `most_s`.

        Follows a `solve` for the same source and rate. `syringe_age_s` is the age of the cement
        that the needle delivers at a time. Returns the time that has passed (0 where no face is
        open) and the volume that found no room.
        """
        fed = self._fed_by(source)
        total = self._find_front(source, fed, rate, 0.0)
        if total <= 0.0:
            return 0.0, 0.0
        inflow = self._inflow[self._front]
        wait = self._room[self._front] / inflow
        kth = int(self.accuracy.front_share_per_step * wait.size)
        last = int(np.argpartition(wait, kth)[kth])
        tie = _TIE + _TIE_PER_RTOL * self.accuracy.pressure_rtol
        dt = min(float(wait[last] + tie * self._pore[self._front[last]] / inflow[last]), most_s)
        middle = self.now_s + 0.5 * dt
        entry_age = syringe_age_s(middle) - self.body_ageing * middle
        self._carry(self._feed(self.filled.slot_of[fed], source, rate), entry_age, dt)
        self._find_front(source, fed, rate, entry_age)
        count, lost = fill_front(
            dt, self.now_s, self._front.size, self._front, self._inflow, self._inflow_age,
            self._pore, self._room, self._entry_age, self._arrival, self._joined, self._extra,
            self._extra_age, self._permeability, self._walls, self.filled.slot_of, self._offsets,
        )  # fmt: skip
        self.filled.join(self._joined[:count], self.law.consistency_at(syringe_age_s(self.now_s)))
        self.now_s += dt
        return dt, float(lost)

    @property
    def held_by_yield(self) -> bool:
        """Whether the front has open neighbours that only the yield stress keeps closed."""
        return self.filled.is_open and not self.law.is_newtonian

    @property
    def _aged(self) -> float:
        return self.body_ageing * self.now_s

    def _feed(self, slots: Ints, source: TipSource, rate: float) -> Floats:
        feed = np.zeros(self.filled.n)
        feed[slots[slots >= 0]] = source.shares[slots >= 0] * rate
        return feed

    def _carry(self, feed: Floats, entry_age: float, dt: float) -> None:
        filled = self.filled
        order = np.argsort(-filled.pressure)
        carry_age(
            dt, filled.n, order, filled.cells, filled.beside, filled.links, filled.pressure, feed,
            entry_age, self._pore, self._entry_age,
        )  # fmt: skip

    def _find_front(self, source: TipSource, fed: Ints, rate: float, entry_age: float) -> float:
        """Cells that take flow, and the flow (mm³/s) into every cell, together the rate."""
        inflow, inflow_age, filled = self._inflow, self._inflow_age, self.filled
        inflow[self._front] = 0.0
        inflow_age[self._front] = 0.0
        waiting = (filled.slot_of[fed] == -1) & (self._room[fed] > 0)
        inflow[fed[waiting]] = source.shares[waiting] * rate
        inflow_age[fed[waiting]] = source.shares[waiting] * (rate * entry_age)
        front = np.empty(6 * filled.surface.size, dtype=np.int64)
        m = front_inflow(
            filled.surface, filled.cells, filled.slot_of, filled.links, self._offsets, filled.pressure,
            self._entry_age, self._aged, self._yield_resistance, self.law.numbers, inflow,
            inflow_age, front, self._marrow.inside, filled.marrow_mpa,
        )  # fmt: skip
        self._front = np.concatenate([fed[waiting], front[:m]])
        total = float(inflow[self._front].sum())
        if total > 0.0:
            inflow[self._front] *= rate / total
            inflow_age[self._front] *= rate / total
        return total

    def _fed_by(self, source: TipSource) -> Ints:
        """Padded cells of a source; the last answer is kept, because a needle rarely moves."""
        if self._fed[0] is not source:
            self._fed = (source, self._padded(source.cells))
        return self._fed[1]

    def _padded(self, cells: Ints) -> Ints:
        kji = np.unravel_index(cells, self.medium.grid.shape)
        padded = np.ravel_multi_index(tuple(axis + 1 for axis in kji), self._shape)
        return np.asarray(padded, dtype=np.int64)

    def _unpadded(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(values.reshape(self._shape)[1:-1, 1:-1, 1:-1])


def _padded_ijk(along_kji: Floats) -> Floats:
    """Permeability (cells, 3) along i, j, k on the padded grid, from (3, k, j, i) along k, j, i."""
    nk, nj, ni = along_kji.shape[1:]
    padded = np.zeros((nk + 2, nj + 2, ni + 2, 3))
    for column in range(3):
        padded[1:-1, 1:-1, 1:-1, column] = along_kji[2 - column]
    return padded.reshape(-1, 3)
