"""The cells that cement fills, and the pressure in them."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.injection.enclosed_marrow import EnclosedMarrow, sort_links_ahead
from sacroplasty.injection.flow_accuracy import FlowAccuracy
from sacroplasty.injection.front_kernels import relink, take_slots, thin_and_age
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.pressure_system import PressureSystem

Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]
Floats = NDArray[np.float64]

# Passes over pressure and viscosity.
_MOST_PASSES = 4
# From an empty start, or after the rate has changed much, more passes are worth it.
_MOST_FIRST_PASSES = 40


class FilledCells:
    """Slots, conductances, viscosities and pressures of the cells that are full of cement.

    Arrays are by slot, (n, …), in the order in which the cells were filled. yielding: share of the
    power that goes into the yield stress. surface: slots with a face that leads out of the filled
    cells. marrow_mpa: pressure of the marrow that the bone encloses.
    """

    def __init__(
        self, permeability: Floats, walls: Bits, shear_per_speed: Floats, offsets: Ints, h: float,
        accuracy: FlowAccuracy, marrow: EnclosedMarrow,
    ) -> None:  # fmt: skip
        self._permeability = permeability
        self._walls = walls
        self._shear_per_speed = shear_per_speed
        self._offsets = offsets
        self._h = h
        self._accuracy = accuracy
        self._marrow = marrow
        self._system = PressureSystem(offsets, shear_per_speed.size)
        self.slot_of = np.full(shear_per_speed.size, -1, dtype=np.int64)
        self.yielding = 0.0
        self.clear()

    def clear(self) -> None:
        """Forget all slots; `slot_of` stays as it is."""
        self.n = 0
        self.marrow_mpa = 0.0
        self._drained = np.zeros(0)
        self.surface = np.zeros(0, dtype=np.int64)
        self._system.clear()
        self._cells = np.zeros(1024, dtype=np.int64)
        self._beside = np.full((1024, 6), -1, dtype=np.int64)
        self._links = np.zeros((1024, 6))
        self._pressure = np.zeros(1024)
        self._viscosity = np.zeros(1024)

    @property
    def cells(self) -> Ints:
        """Flat padded cell indices (n,)."""
        return self._cells[: self.n]

    @property
    def beside(self) -> Ints:
        """Slots (n, 6) of the neighbours, −1 where a neighbour is not filled."""
        return self._beside[: self.n]

    @property
    def links(self) -> Floats:
        """Conductances (n, 6), mm³/s/MPa."""
        return self._links[: self.n]

    @property
    def pressure(self) -> Floats:
        """Pressures (n,) above that of the enclosed marrow, MPa."""
        return self._pressure[: self.n]

    @property
    def viscosity(self) -> Floats:
        """Effective viscosities (n,), MPa·s."""
        return self._viscosity[: self.n]

    @property
    def is_open(self) -> bool:
        """Whether any face leads out of the filled cells."""
        return self.surface.size > 0

    def join(self, joined: Ints, first_viscosity: float) -> None:
        """Cells that have just filled."""
        self._reserve(self.n + joined.size)
        self._system.join(joined)
        self.n = take_slots(
            self.n, joined.size, joined, self._cells, self.slot_of, self._beside,
            self._viscosity, self._offsets, first_viscosity,
        )  # fmt: skip

    def rescale(self, factor: float, exponent: float) -> None:
        """Start from what a flow that is `factor` times as fast does to a power law."""
        self._pressure[: self.n] *= factor**exponent
        self._viscosity[: self.n] *= factor ** (exponent - 1.0)

    def solve(
        self, feed: Floats, entry_age: Floats, now_aged: float, law: PoreLaw, first: bool
    ) -> None:
        """Pressure for the feed (n,) of the needle, and the viscosity that goes with it (Picard)."""
        numbers = law.numbers
        passes = _MOST_FIRST_PASSES if first else _MOST_PASSES
        if law.is_newtonian:
            self._update(entry_age, now_aged, numbers)
        for _ in range(passes):
            self._relink()
            if not self.is_open:
                break
            self._solve(feed)
            if law.is_newtonian:
                break
            if self._update(entry_age, now_aged, numbers) <= self._accuracy.viscosity_rtol:
                break

    def _update(self, entry_age: Floats, now_aged: float, numbers: Floats) -> float:
        changed, self.yielding = thin_and_age(
            self.n, self._cells, self._beside, self._links, self._pressure, self._viscosity,
            entry_age, now_aged, self._shear_per_speed, numbers, self._h, self._offsets,
            self._marrow.inside, self.marrow_mpa,
        )  # fmt: skip
        return changed

    def _solve(self, feed: Floats) -> None:
        """Pressure at this viscosity: that of a front that meets marrow only, less what drains."""
        pressure, rtol = self._pressure, self._accuracy.pressure_rtol
        drained = self._padded_response()
        pressure[: self.n] += self.marrow_mpa * drained
        self._system.solve(self._beside, self._links, feed, pressure, rtol)
        self.marrow_mpa = 0.0
        if not self._marrow.exists:
            return
        enclosed, away = np.zeros(self.n), np.zeros(self.n)
        sort_links_ahead(
            self.surface, self._cells, self._beside, self._links, self._offsets,
            self._marrow.inside, enclosed, away,
        )  # fmt: skip
        if away.any():
            self._system.solve(self._beside, self._links, away, drained, rtol)
        else:
            drained[:] = 0.0
        held = self._marrow.exit_conductance(self.slot_of) + float(enclosed @ drained)
        self.marrow_mpa = max(0.0, float(enclosed @ pressure[: self.n])) / held
        pressure[: self.n] -= self.marrow_mpa * drained
        self._drained = drained

    def _padded_response(self) -> Floats:
        """What a unit of marrow pressure took off last time (n,), 0 for the cells that are new."""
        response = np.zeros(self.n)
        response[: self._drained.size] = self._drained
        return response

    def _relink(self) -> None:
        surface = np.empty(self.n, dtype=np.int64)
        m = relink(
            self.n, self._cells, self._beside, self._links, self._viscosity, self._permeability,
            self._walls, self._offsets, self._h, surface,
        )  # fmt: skip
        self.surface = surface[:m]

    def _reserve(self, wanted: int) -> None:
        have = self._cells.size
        if wanted > have:
            more = max(have, wanted - have)
            self._cells = np.pad(self._cells, (0, more))
            self._beside = np.pad(self._beside, ((0, more), (0, 0)), constant_values=-1)
            self._links = np.pad(self._links, ((0, more), (0, 0)))
            self._pressure = np.pad(self._pressure, (0, more))
            self._viscosity = np.pad(self._viscosity, (0, more))
