"""Heat and cure, step by step."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CureKinetics
from sacroplasty.errors import BadInput
from sacroplasty.injection.heat.kernels import (
    boundary_loss,
    conduct,
    cure_cells,
    face_peaks,
    remember,
)
from sacroplasty.injection.heat.medium import HeatMedium
from sacroplasty.injection.heat.thermal_dose import dose_laws
from sacroplasty.reference import constant
from sacroplasty.units import MM3_PER_ML

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GAS_CONSTANT_J_PER_MOL_K = 8.314462618
_COLDEST_C, _HOTTEST_C = 0.0, 200.0


@dataclass(frozen=True, slots=True)
class HeatBudget:
    """Where the heat of the cure went, in joules: released = stored + lost + taken.

    stored: in the box. lost: through its faces. taken: by the blood. moved: the heat by which the
    cells of the box have changed, each counted as positive.
    """

    released_j: float
    stored_j: float
    lost_j: float
    taken_j: float
    moved_j: float

    @property
    def error(self) -> float:
        """What does not balance, as a share of the heat that was released or moved."""
        moved = max(self.released_j, self.moved_j)
        gap = self.released_j - self.stored_j - self.lost_j - self.taken_j
        return abs(gap) / moved if moved > 0 else 0.0


class HeatFlow:
    """Conduction with perfusion and cure on a grid of cubes.

    ρc ∂T/∂t = ∇·(k∇T) + s ρ_c H ∂α/∂t − w_b ρ_b c_b (T − T_body)
    ∂α/∂t = K₀ exp(−E/RT) α^m (α_max(T) − α)^n

    Finite volumes, explicit in time for conduction and perfusion (first order; stable below ρc/(Σg
    + w), about 1 s at 1 mm), and within each step the cure of a cell with the warmth it makes
    itself (`cure_cell`). Second order in space. Valid while heat moves by conduction: blood takes
    it away everywhere alike and no large vessel is resolved. Checked in tests/injection_heat
    against the hot sphere, a travelling cure front, a perfused sphere, the adiabatic cure, layers
    and scipy's stiff integrator. It and its arrays are all that changes in this room.

    start_c: temperature (k, j, i) or one number. start_degree: α (k, j, i), read where there is
    cement.
    """

    def __init__(
        self, medium: HeatMedium, kinetics: CureKinetics, body_c: float,
        start_c: Floats | float, start_degree: Floats | float, longest_step_s: float = math.inf,
        necrosis_c: float = math.inf,
    ) -> None:  # fmt: skip
        shape = medium.capacity_j_per_ml_k.shape
        self.medium, self.kinetics, self.body_c = medium, kinetics, _celsius("A body", body_c)
        start = np.broadcast_to(_celsius("Tissue", start_c), shape)
        self._now = np.full([n + 2 for n in shape], self.body_c)
        self._now[1:-1, 1:-1, 1:-1] = start
        self._after = self._now.copy()
        self._start = start.copy()
        self._links = tuple(links.astype(np.float32) for links in medium.links)
        self._capacity = medium.capacity_j_per_ml_k.astype(np.float32)
        self._perfusion = (medium.perfusion_w_per_m3_k * 1e-6).astype(np.float32)
        self._cement = np.flatnonzero(medium.heat_j_per_ml)
        self._cells = self._padded(self._cement)
        self._rise = (
            medium.heat_j_per_ml.ravel()[self._cement]
            / self._capacity.ravel()[self._cement].astype(np.float64)
        )  # fmt: skip
        degree = np.broadcast_to(np.asarray(start_degree, dtype=np.float64), shape)
        self._degree = degree.ravel()[self._cement].copy()
        if not ((self._degree > 0) & (self._degree <= 1)).all():
            raise BadInput("Cement that is to cure starts at a degree above 0 and up to 1.")
        self._first_degree = self._degree.copy()
        self._law = kinetic_numbers(kinetics)
        self._dose_laws = dose_laws(necrosis_c)
        self.now_s = 0.0
        stable = constant("heat_stable_share").value * medium.longest_step_s
        self.step_s = min(longest_step_s, stable)
        self._voxel_ml = medium.spacing_mm**3 / MM3_PER_ML
        self._lost_j = self._taken_j = 0.0
        self.peak_c = self._start.copy()
        self.dose_min, self.damage, self.above_s = (np.zeros(shape) for _ in range(3))
        self._pairs, self._weights = np.zeros((0, 2), dtype=np.int64), np.zeros(0)
        self.face_peak_c = np.zeros(0)
        self.face_mean_c = self.body_c

    def watch_faces(self, pairs: Ints) -> None:
        """Follow the temperature of faces between pairs (n, 2) of flat cells from now on."""
        k = self.medium.conductivity_w_per_m_k.ravel()
        self._weights = k[pairs[:, 0]] / (k[pairs[:, 0]] + k[pairs[:, 1]])
        self._pairs = np.column_stack([self._padded(pairs[:, 0]), self._padded(pairs[:, 1])])
        self.face_peak_c = np.full(len(pairs), -np.inf)
        self.face_mean_c = face_peaks(self._now, self._pairs, self._weights, self.face_peak_c)

    def advance(self, seconds: float) -> None:
        """Let heat flow and cement cure for a time, in equal steps of at most `step_s`."""
        if not 0 < seconds < math.inf:
            raise BadInput(f"Heat flows for a positive time; got {seconds} s.")
        count = math.ceil(seconds / self.step_s * (1.0 - 1e-12))
        for _ in range(count):
            self._step(seconds / count)

    def _step(self, dt: float) -> None:
        now, after = self._now, self._after
        joules = dt * self._voxel_ml  # of a power in mW/mm³, summed over cells
        self._lost_j += joules * boundary_loss(now, *self._links, self.body_c)
        self._taken_j += joules * conduct(
            now, after, *self._links, self._capacity, self._perfusion, self.body_c, dt
        )
        cure_cells(now, after, self._cells, self._degree, self._rise, self._law, dt)
        remember(
            now, after, self.peak_c, self.dose_min, self.damage, self.above_s, self._dose_laws, dt
        )
        self.face_mean_c = face_peaks(after, self._pairs, self._weights, self.face_peak_c)
        self._now, self._after = after, now
        self.now_s += dt

    @property
    def temperature_c(self) -> Floats:
        """Temperature (k, j, i) now."""
        return self._now[1:-1, 1:-1, 1:-1].copy()

    @property
    def degree(self) -> Floats:
        """Degree of cure (k, j, i) now; 0 where there is no cement."""
        values = np.zeros(self._capacity.size)
        values[self._cement] = self._degree
        return values.reshape(self._capacity.shape)

    @property
    def mean_degree(self) -> float:
        """Degree of cure now, over the cement; 0 where there is none."""
        heat = self.medium.heat_j_per_ml.ravel()[self._cement]
        return float((heat * self._degree).sum() / heat.sum()) if heat.size else 0.0

    @property
    def budget(self) -> HeatBudget:
        """Where the heat has gone so far."""
        heat = self._rise * self._capacity.ravel()[self._cement]
        warmed = (self.temperature_c - self._start) * self._capacity
        return HeatBudget(
            released_j=float((heat * (self._degree - self._first_degree)).sum()) * self._voxel_ml,
            stored_j=float(warmed.sum()) * self._voxel_ml,
            lost_j=self._lost_j,
            taken_j=self._taken_j,
            moved_j=float(np.abs(warmed).sum()) * self._voxel_ml,
        )

    def _padded(self, cells: Ints) -> Ints:
        kji = np.unravel_index(cells, self._start.shape)
        padded = np.ravel_multi_index(tuple(axis + 1 for axis in kji), self._now.shape)
        return np.asarray(padded, dtype=np.int64)


def _celsius(what: str, celsius: Floats | float) -> Floats | float:
    values = np.asarray(celsius, dtype=np.float64)
    inside = (values >= _COLDEST_C) & (values <= _HOTTEST_C)
    if not inside.all():
        worst = values[~inside].flat[0]
        raise BadInput(f"{what} at {worst:g} °C is outside {_COLDEST_C:g}–{_HOTTEST_C:g} °C.")
    return celsius


def kinetic_numbers(kinetics: CureKinetics) -> Floats:
    """K₀, E/R, m, n and 1/T_g, as the kernels want them; 1/T_g = 0 where nothing vitrifies."""
    glass_k = kinetics.glass_transition_k
    return np.array(
        [
            kinetics.rate_constant_per_s,
            kinetics.activation_energy_j_per_mol / _GAS_CONSTANT_J_PER_MOL_K,
            kinetics.first_exponent,
            kinetics.second_exponent,
            0.0 if glass_k is None else 1.0 / glass_k,
        ]
    )
