"""How cement flows: thinner when sheared, thicker with age, faster when warm."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sacroplasty.cement.temperature import GAS_CONSTANT_J_PER_MOL_K, kelvin
from sacroplasty.errors import BadInput

Array = NDArray[np.float64]
LEAST_EXPONENT = 0.1


@dataclass(frozen=True, slots=True)
class Rheology:
    """Herschel–Bulkley cement that ages: τ = τ_y(a) + k(a) γ̇^n.

    `a` is the chemical age: seconds at the reference temperature that bring the paste as far as it
    has come, ∫ exp[−(E_v/R)(1/T − 1/T_ref)] dt. k(a) = k₀ exp(a/τ_g) up to the viscosity of
    cured cement, and the yield stress grows with it. n = 1, no yield stress and an infinite
    ageing time make a Newtonian fluid. Checked in `tests/cement/test_rheology.py`.

    consistency_pa_s_n: k₀ at age 0; the shear stress less the yield stress at γ̇ = 1/s.
    ageing_time_s: τ_g, in which the consistency grows e-fold at the reference temperature.
    exponent: n, 0.1…1.
    yield_stress_pa: τ_y at age 0.
    most_viscosity_pa_s: the cap of both the consistency and the effective viscosity.
    """

    consistency_pa_s_n: float
    ageing_time_s: float
    exponent: float
    yield_stress_pa: float
    most_viscosity_pa_s: float
    activation_energy_j_per_mol: float
    reference_temperature_c: float

    def __post_init__(self) -> None:
        for name in ("consistency_pa_s_n", "ageing_time_s", "most_viscosity_pa_s"):
            if not getattr(self, name) > 0:
                raise BadInput(f"A cement needs a positive {name}; got {getattr(self, name)}.")
        if not self.consistency_pa_s_n <= self.most_viscosity_pa_s < math.inf:
            raise BadInput(
                f"A cement that starts at {self.consistency_pa_s_n} Pa·sⁿ cannot be thinner once "
                f"cured ({self.most_viscosity_pa_s} Pa·s); lower its consistency."
            )
        if not LEAST_EXPONENT <= self.exponent <= 1:
            raise BadInput(
                f"A cement's flow exponent lies in {LEAST_EXPONENT}–1; got {self.exponent}."
            )
        for name in ("yield_stress_pa", "activation_energy_j_per_mol"):
            if not 0 <= getattr(self, name) < math.inf:
                raise BadInput(f"A cement's {name} is 0 or more; got {getattr(self, name)}.")
        kelvin(self.reference_temperature_c)

    def consistency_at(self, age_s: ArrayLike) -> Array:
        """k(a) in Pa·sⁿ, shape of `age_s`; raises `BadInput` for a negative age."""
        growth = np.minimum(_age(age_s) / self.ageing_time_s, self._most_growth)
        return np.asarray(self.consistency_pa_s_n * np.exp(growth))

    def yield_stress_at(self, age_s: ArrayLike) -> Array:
        """τ_y(a) in Pa, shape of `age_s`: grows like the consistency and stops with it."""
        return self.consistency_at(age_s) * (self.yield_stress_pa / self.consistency_pa_s_n)

    def ageing_rate(self, temperature_c: ArrayLike) -> Array:
        """Seconds of chemical age per second at this temperature: 1 at the reference.

        Arrhenius, exp[−(E_v/R)(1/T − 1/T_ref)]. Raises `BadInput` outside 0–200 °C.
        """
        inverse = 1.0 / kelvin(temperature_c) - 1.0 / kelvin(self.reference_temperature_c)
        return np.exp(-self.activation_energy_j_per_mol / GAS_CONSTANT_J_PER_MOL_K * inverse)

    def viscosity_pa_s(self, shear_rate_per_s: ArrayLike, age_s: ArrayLike) -> Array:
        """Effective viscosity τ/γ̇ in Pa·s, capped; the arguments broadcast.

        At rest a cement that thins or yields has the cap. Raises `BadInput` for a negative shear
        rate or age.
        """
        shear = np.asarray(shear_rate_per_s, dtype=np.float64)
        if not (shear >= 0).all():
            raise BadInput(f"A shear rate is 0 or more per second; got {np.min(shear)}.")
        with np.errstate(divide="ignore", over="ignore"):
            thinned = shear ** (self.exponent - 1.0)
            if self.yield_stress_pa > 0:
                thinned = thinned + self.yield_stress_pa / self.consistency_pa_s_n / shear
            return np.minimum(self.consistency_at(age_s) * thinned, self.most_viscosity_pa_s)

    @property
    def _most_growth(self) -> float:
        return math.log(self.most_viscosity_pa_s / self.consistency_pa_s_n)


def _age(age_s: ArrayLike) -> Array:
    age = np.asarray(age_s, dtype=np.float64)
    if not ((age >= 0) & (age < np.inf)).all():
        raise BadInput(f"A cement's age is 0 s or more, from mixing; got {np.min(age)} s.")
    return age
