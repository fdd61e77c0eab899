"""How thick cement is in a pore: the cement's own law at the shear rate of the pore."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.cement import Rheology
from sacroplasty.errors import BadInput
from sacroplasty.reference import constant
from sacroplasty.units import mpa_s_from_pa_s

Floats = NDArray[np.float64]

# Below this shear rate cement counts as at rest; no pore that matters is that slow.
_LEAST_SHEAR_PER_S = 1e-9
_LEAST_EXPONENT = 0.1
# Points of the Gauss rule around the needle's opening: a power law to eight digits.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)


@dataclass(frozen=True, slots=True)
class PoreLaw:
    """Herschel–Bulkley cement that ages, in pores: μ = k(a) (γ̇ⁿ⁻¹ + y/γ̇), at most μ_max.

    k(a) = k₀ exp(a/τ_g) up to μ_max, and γ̇ = C |u| / √(K φ) with the Darcy speed u. The cap keeps
    the viscosity finite at rest: below the yield gradient G = k y √(φ/K) / C cement creeps at
    μ_max instead of standing still.

    The exponent is that of the pore space, not of the cannula. Where a cement thins tenfold in the
    pores, the continuum viscosity of vertebral bone fell by a tenth only (Widmer Soyka 2013): the
    pressure is lost where it flows slowly. `PoreLaw.of` therefore takes the row `pore_exponent`,
    and never less than the cement's own exponent (tests/injection_watch/test_pore_exponent.py).

    consistency_mpa_s_n: k₀. ageing_time_s: τ_g (inf: no ageing). exponent: n.
    yield_per_consistency: y = τ_y / k₀. shear_factor: C.
    """

    consistency_mpa_s_n: float
    ageing_time_s: float = math.inf
    exponent: float = 1.0
    yield_per_consistency: float = 0.0
    most_viscosity_mpa_s: float = math.inf
    shear_factor: float = 1.0

    @classmethod
    def of(
        cls, rheology: Rheology, shear_factor: float | None = None, exponent: float | None = None
    ) -> Self:
        """The law of a cement at the medians (or other values) of the two numbers of the pores.

        shear_factor: C. exponent: n in pores, from the cement's own to 1.
        """
        wanted = constant("pore_exponent").value if exponent is None else exponent
        if not _LEAST_EXPONENT <= wanted <= 1.0:
            raise BadInput(
                f"A cement's flow exponent in pores lies in {_LEAST_EXPONENT}–1; got {wanted}."
            )
        return cls(
            mpa_s_from_pa_s(rheology.consistency_pa_s_n),
            rheology.ageing_time_s,
            max(rheology.exponent, wanted),
            rheology.yield_stress_pa / rheology.consistency_pa_s_n,
            mpa_s_from_pa_s(rheology.most_viscosity_pa_s),
            constant("pore_shear_factor").value if shear_factor is None else shear_factor,
        )

    @property
    def numbers(self) -> Floats:
        """The law as the kernels read it: k₀, τ_g, n, y, μ_max."""
        return np.array(
            [
                self.consistency_mpa_s_n,
                self.ageing_time_s,
                self.exponent,
                self.yield_per_consistency,
                self.most_viscosity_mpa_s,
            ]
        )

    @property
    def is_newtonian(self) -> bool:
        """Whether the viscosity is the same at every shear rate."""
        return self.exponent == 1.0 and self.yield_per_consistency == 0.0

    def consistency_at(self, age_s: float) -> float:
        """k(a), MPa·sⁿ."""
        return float(consistency(age_s, self.numbers))

    def shear_per_speed(self, permeability_mm2: Floats, porosity: Floats) -> Floats:
        """γ̇ / |u| = C / √(K φ), 1/mm; 0 where nothing flows."""
        scale = np.sqrt(permeability_mm2 * porosity)
        return np.divide(self.shear_factor, scale, out=np.zeros_like(scale), where=scale > 0)

    def radial_drop_mpa(
        self, rate_mm3_per_s: float, age_s: float, pore: tuple[float, float],
        inner_mm: float, outer_mm: float,
    ) -> tuple[float, float]:  # fmt: skip
        """Pressure lost between two spheres around a point source, and its part due to yield.

        ∫ μ(u) u / K dr with u = Q / (4π r²), by Gauss quadrature in 1/r; negative where inner_mm
        is the larger. pore: permeability in mm² and γ̇/|u| in 1/mm.
        """
        low, high = 1.0 / outer_mm, 1.0 / inner_mm
        inverse = 0.5 * (high + low) + 0.5 * (high - low) * _NODES
        flow = rate_mm3_per_s / (4.0 * math.pi)
        return self._summed(flow * inverse**2, 0.5 * (high - low) * _WEIGHTS * flow, age_s, pore)

    def drop_within_ball_mpa(
        self, rate_mm3_per_s: float, age_s: float, pore: tuple[float, float], radius_mm: float
    ) -> tuple[float, float]:
        """Mean pressure in a ball that emits evenly, above its surface, and the yield's part.

        ∫₀ᴿ (r/R)³ μ(u) u / K dr with u = Q r / (4π R³).
        """
        share = 0.5 + 0.5 * _NODES
        speed = rate_mm3_per_s / (4.0 * math.pi * radius_mm**2) * share
        return self._summed(speed, 0.5 * _WEIGHTS * radius_mm * share**3 * speed, age_s, pore)

    def _summed(
        self, speed: Floats, weight: Floats, age_s: float, pore: tuple[float, float]
    ) -> tuple[float, float]:
        """Σ weight μ(speed) / K, and the same of the yield's part of μ."""
        permeability_mm2, shear_per_speed = pore
        k = self.consistency_at(age_s)
        total, part = summed_viscosity(speed, weight, k, shear_per_speed, self.numbers)
        return total / permeability_mm2, part / permeability_mm2


@njit(cache=True)
def consistency(age: float, law: Floats) -> float:
    """k(a)."""
    return float(min(law[0] * math.exp(min(age / law[1], 700.0)), law[4]))


@njit(cache=True)
def viscosity(k: float, shear: float, law: Floats) -> float:
    """μ at a shear rate (1/s) of cement with the consistency k."""
    if law[2] == 1.0 and law[3] == 0.0:
        return k
    moving = max(shear, _LEAST_SHEAR_PER_S)
    return float(min(k * (moving ** (law[2] - 1.0) + law[3] / moving), law[4]))


@njit(cache=True)
def yield_part(k: float, shear: float, mu: float, law: Floats) -> float:
    """The part of μ that is yield stress."""
    return float(min(k * law[3] / max(shear, _LEAST_SHEAR_PER_S), mu))


@njit(cache=True)
def summed_viscosity(
    speed: Floats, weight: Floats, k: float, shear_per_speed: float, law: Floats
) -> tuple[float, float]:
    """Σ weight μ(speed), and the same of the yield's part of μ."""
    total, part = 0.0, 0.0
    for n in range(speed.size):
        mu = viscosity(k, speed[n] * shear_per_speed, law)
        total += weight[n] * mu
        part += weight[n] * yield_part(k, speed[n] * shear_per_speed, mu, law)
    return total, part
