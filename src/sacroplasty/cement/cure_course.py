"""A cure from mixing to hard: at one temperature, or with all its heat kept in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sacroplasty.cement.cure import CureKinetics
from sacroplasty.cement.temperature import kelvin
from sacroplasty.errors import BadInput
from sacroplasty.reference import constant
from sacroplasty.units import MM3_PER_ML

Array = NDArray[np.float64]
_STEPS = 4000
_LAST = 20.0


@dataclass(frozen=True, slots=True)
class CureCourse:
    """Degree of cure and temperature at each time since mixing; arrays of one shape (n,)."""

    time_s: Array
    degree: Array
    temperature_c: Array

    def __post_init__(self) -> None:
        for array in (self.time_s, self.degree, self.temperature_c):
            array.setflags(write=False)


def adiabatic_rise_c(kinetics: CureKinetics, cement_fraction: float = 1.0) -> float:
    """Rise of a full cure that loses no heat: φ ρ_c H / (φ ρ_c c + (1−φ) C_bone), in K.

    `cement_fraction` φ of the volume is cement, the rest bone that shares its heat. 56.9 K at
    φ = 0.88 and 100 kJ/kg. Raises `BadInput` for a fraction outside 0…1.
    """
    if not 0 <= cement_fraction <= 1:
        raise BadInput(f"A share of cement lies in 0–1; got {cement_fraction}.")
    density_kg_per_ml = constant("cure_density").value / MM3_PER_ML
    released = cement_fraction * density_kg_per_ml * kinetics.heat_j_per_kg
    warmed = cement_fraction * density_kg_per_ml * constant("cure_specific_heat").value
    warmed += (1.0 - cement_fraction) * constant("cure_bone_heat_capacity").value
    return released / warmed


def final_degree(kinetics: CureKinetics, start_c: float, rise_c: float = 0.0) -> float:
    """Where a cure stops that warms by `rise_c` on its way from α = 0 to 1, in closed form.

    With T = T₀ + ΔT (α − α₀), α = T/T_g has the one solution (T₀ − ΔT α₀)/(T_g − ΔT); 1 where
    that is above 1 or nothing vitrifies. `rise_c` = 0: isothermal, T/T_g.
    """
    if not rise_c >= 0:
        raise BadInput(f"Curing cement warms; got a rise of {rise_c} K.")
    start_k, glass_k = float(kelvin(start_c)), kinetics.glass_transition_k
    if glass_k is None or start_k + rise_c * (1.0 - kinetics.start_degree) >= glass_k:
        return 1.0
    return (start_k - rise_c * kinetics.start_degree) / (glass_k - rise_c)


def cure_course(
    kinetics: CureKinetics, time_s: ArrayLike, start_c: float, rise_c: float = 0.0
) -> CureCourse:
    """Degree of cure (n,) at times since mixing, isothermal or adiabatic.

    dα/dt depends on α alone once T = T₀ + ΔT (α − α₀), so t(α) = ∫ dα / α̇ is a quadrature. On
    the logistic scale α = α_end/(1 + e^−s) its integrand α(α_end − α)/(α_end α̇) is nearly
    constant, and the trapezoidal rule on it is exact to about 1e-6. Checked against scipy's
    stiff integrator in `tests/cement/test_cure.py`. Raises `BadInput` for negative times.
    """
    times = np.array(time_s, dtype=np.float64, ndmin=1)
    if not (times >= 0).all():
        raise BadInput(f"A cure is asked for after mixing; got {np.min(times):g} s.")
    first, end = kinetics.start_degree, final_degree(kinetics, start_c, rise_c)
    if not first < end:
        raise BadInput(f"At {start_c:g} °C a cure that starts at {first:g} stops at {end:g}.")
    scale = np.linspace(np.log(first / (end - first)), _LAST, _STEPS)
    degree = end / (1.0 + np.exp(-scale))
    pace = degree * (end - degree) / end
    pace /= kinetics.rate_per_s(degree, start_c + rise_c * (degree - first))
    reached = np.concatenate([[0.0], np.cumsum(np.diff(scale) * (pace[1:] + pace[:-1]) / 2.0)])
    cured = end / (1.0 + np.exp(-np.interp(times, reached, scale)))
    return CureCourse(times, cured, start_c + rise_c * (cured - first))
