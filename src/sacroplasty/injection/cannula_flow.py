"""Syringe to tip: what pressure a cannula eats of a cement that thins and yields."""

import math
from dataclasses import dataclass

from sacroplasty.injection.pore_rheology import PoreLaw


@dataclass(frozen=True, slots=True)
class CannulaFlow:
    """A tube of this bore and length."""

    inner_diameter_mm: float
    length_mm: float

    def drop_mpa(self, rate_mm3_per_s: float, age_s: float, law: PoreLaw) -> float:
        """Hagen–Poiseuille for a power law, with the yield stress added at the wall.

        Δp = (2 L / R) [k y + k ((3n+1)/n · Q/(π R³))ⁿ]. Exact for a power law; for a cement that
        yields it is exact at rest and a little low in between.
        """
        radius = self.inner_diameter_mm / 2.0
        n = law.exponent
        k = law.consistency_at(age_s)
        shear = (3.0 * n + 1.0) / n * rate_mm3_per_s / (math.pi * radius**3)
        return 2.0 * self.length_mm / radius * k * (law.yield_per_consistency + shear**n)
