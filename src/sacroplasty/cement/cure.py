"""How cement cures: autocatalytic kinetics and the heat of reaction."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sacroplasty.cement.temperature import GAS_CONSTANT_J_PER_MOL_K, kelvin
from sacroplasty.errors import BadInput

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CureKinetics:
    """dα/dt = K₀ exp(−E/RT) α^m (α_max − α)^n, with α_max = min(1, T/T_g).

    α is the degree of cure, 0…1, and `start_degree` at mixing (autocatalytic: from 0 it would never
    start). Below the glass transition of the polymer the paste vitrifies before it is fully cured;
    None leaves that out, α_max = 1.

    heat_j_per_kg: released by a kilogram of cement on its way from α = 0 to 1.
    """

    rate_constant_per_s: float
    activation_energy_j_per_mol: float
    first_exponent: float
    second_exponent: float
    heat_j_per_kg: float
    start_degree: float
    glass_transition_k: float | None

    def __post_init__(self) -> None:
        for name in (
            "rate_constant_per_s",
            "activation_energy_j_per_mol",
            "first_exponent",
            "second_exponent",
            "heat_j_per_kg",
        ):
            if not 0 < getattr(self, name) < math.inf:
                raise BadInput(f"Cure kinetics need a positive {name}; got {getattr(self, name)}.")
        if not 0 < self.start_degree < 1:
            raise BadInput(f"A cure starts between 0 and 1; got {self.start_degree}.")
        if self.glass_transition_k is not None and not self.glass_transition_k > 0:
            raise BadInput(f"A glass transition at {self.glass_transition_k} K is not above 0 K.")

    def most_degree(self, temperature_c: ArrayLike) -> Array:
        """α_max at this temperature: where the cure stops."""
        absolute = kelvin(temperature_c)
        if self.glass_transition_k is None:
            return np.ones_like(absolute)
        return np.minimum(1.0, absolute / self.glass_transition_k)

    def rate_per_s(self, degree: ArrayLike, temperature_c: ArrayLike) -> Array:
        """dα/dt; the arguments broadcast. Zero beyond α_max: cement does not uncure."""
        absolute = kelvin(temperature_c)
        degree = np.maximum(np.asarray(degree, dtype=np.float64), 0.0)
        left = np.maximum(self.most_degree(temperature_c) - degree, 0.0)
        speed = self.rate_constant_per_s * np.exp(
            -self.activation_energy_j_per_mol / (GAS_CONSTANT_J_PER_MOL_K * absolute)
        )
        return speed * degree**self.first_exponent * left**self.second_exponent
