"""Cement in the cannula: what stays in it, and what pressure it eats."""

import math

from scipy.optimize import brentq

from sacroplasty.cement.rheology import Rheology
from sacroplasty.errors import BadInput
from sacroplasty.units import PA_PER_MPA, mpa_s_from_pa_s


def dead_volume_mm3(inner_diameter_mm: float, length_mm: float) -> float:
    """Cement that stays in a cannula: π d²/4 · L.

    It is drawn up but never delivered: 0.56 mL in an 11 G cannula of 125 mm.
    """
    _require_positive(inner_diameter_mm=inner_diameter_mm, length_mm=length_mm)
    return math.pi * inner_diameter_mm**2 / 4.0 * length_mm


def cannula_pressure_drop_mpa(
    viscosity_pa_s: float, inner_diameter_mm: float, length_mm: float, rate_mm3_per_s: float
) -> float:
    """Pressure that a Newtonian cement loses on the way through a cannula (Hagen–Poiseuille).

    Δp = 128 μ L Q / (π d⁴), in MPa. Valid for laminar, fully developed flow; the Reynolds number
    of bone cement is far below one. A shear-thinning cement loses less. The cannula eats most of
    the syringe pressure: 1.6 MPa at 200 Pa·s and 0.05 mL/s through 11 G. Raises `BadInput` for a
    length, diameter or viscosity that is not positive.
    """
    _require_positive(
        viscosity_pa_s=viscosity_pa_s, inner_diameter_mm=inner_diameter_mm, length_mm=length_mm
    )
    resistance = 128.0 * mpa_s_from_pa_s(viscosity_pa_s) * length_mm
    return resistance * rate_mm3_per_s / (math.pi * inner_diameter_mm**4)


def cannula_rate_mm3_per_s(
    rheology: Rheology, age_s: float, inner_diameter_mm: float, length_mm: float, drop_mpa: float
) -> float:
    """Flow of a Herschel–Bulkley cement of one age that a pressure drop pushes through a cannula.

    With the wall stress τ_w = Δp R / 2L and x = τ_y/τ_w, the integral of the velocity profile is

        Q = πR³ n (τ_w/k)^(1/n) (1−x)^(1+1/n) [(1−x)²/(3n+1) + 2x(1−x)/(2n+1) + x²/(n+1)]

    and 0 for x ≥ 1: the plug fills the bore. No wall slip, no cap on the viscosity. Without yield
    stress this is Δp = (2kL/R)[(3n+1)/n · Q/(πR³)]^n, for n = 1 Hagen–Poiseuille. Checked against
    the integral on rings in `tests/cement/test_cannula_flow.py`.
    """
    _require_positive(inner_diameter_mm=inner_diameter_mm, length_mm=length_mm)
    if not 0 <= drop_mpa < math.inf:
        raise BadInput(f"A pressure that pushes cement is 0 or more; got {drop_mpa} MPa.")
    radius = inner_diameter_mm / 2.0
    wall_pa = drop_mpa * PA_PER_MPA * radius / (2.0 * length_mm)
    yield_pa = float(rheology.yield_stress_at(age_s))
    if wall_pa <= yield_pa:
        return 0.0
    n, plug = rheology.exponent, yield_pa / wall_pa
    sheared = 1.0 - plug
    shape = (
        sheared**2 / (3 * n + 1) + 2 * plug * sheared / (2 * n + 1) + plug**2 / (n + 1)
    ) * sheared ** (1 + 1 / n)
    speed = n * (wall_pa / float(rheology.consistency_at(age_s))) ** (1 / n)
    return math.pi * radius**3 * speed * shape


def cannula_drop_mpa(
    rheology: Rheology, age_s: float, inner_diameter_mm: float, length_mm: float,
    rate_mm3_per_s: float,
) -> float:  # fmt: skip
    """Pressure that pushes this flow through a cannula: the inverse of `cannula_rate_mm3_per_s`.

    At rest it is the pressure at which a cement with a yield stress starts to move. Raises
    `BadInput` for a rate below 0, or a cannula without bore or length.
    """
    _require_positive(inner_diameter_mm=inner_diameter_mm, length_mm=length_mm)
    if not 0 <= rate_mm3_per_s < math.inf:
        raise BadInput(f"Cement flows out of a cannula, not in; got {rate_mm3_per_s} mm³/s.")
    radius, n = inner_diameter_mm / 2.0, rheology.exponent
    per_stress = 2.0 * length_mm / radius / PA_PER_MPA
    starts = float(rheology.yield_stress_at(age_s))
    shear = (3 * n + 1) / n * rate_mm3_per_s / (math.pi * radius**3)
    thinned = float(rheology.consistency_at(age_s)) * shear**n
    if starts == 0.0 or thinned == 0.0:
        return (starts + thinned) * per_stress
    # The wall stress is above either part alone, and at most 4/3 τ_y (Bingham) above the power law.
    bore = (inner_diameter_mm, length_mm)
    return float(
        brentq(
            lambda stress: (
                cannula_rate_mm3_per_s(rheology, age_s, *bore, stress * per_stress) - rate_mm3_per_s
            ),
            max(starts, thinned) * (1.0 - 1e-9),
            (thinned + 2.0 * starts) * (1.0 + 1e-9),
            rtol=1e-12,
        )
        * per_stress
    )


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise BadInput(f"A cannula needs a positive {name}; got {value}.")
