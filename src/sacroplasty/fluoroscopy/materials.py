"""What a ray meets on its way: water-like tissue, bone, cement, steel, and the tube's filters.

Mass attenuations add by mass fraction (mixture rule), and a linear attenuation is

    μ(E) = ρ · Σ_i w_i (μ/ρ)_i(E)          [1/mm]

for density ρ and mass fractions w_i. Soft tissue counts as water of its own density, trabecular
bone as a mixture of water and cortical bone (`bone_split`), air as nothing. Tables: NIST
(`reference/xray_attenuation.csv`).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe
from sacroplasty.errors import BadInput
from sacroplasty.reference import constant, xray_table

MM_PER_CM = 10.0
_SHARES_ADD_UP = 1e-3


@dataclass(frozen=True, slots=True)
class Material:
    """A density and what it is made of: (table name, mass fraction) pairs that add up to one."""

    name: str
    density_g_per_ml: float
    parts: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        total = sum(share for _, share in self.parts)
        if not math.isclose(total, 1.0, abs_tol=_SHARES_ADD_UP):
            raise BadInput(f"The mass fractions of {self.name!r} add up to {total:g}, not 1.")
        if not 0 < self.density_g_per_ml < 30.0:
            raise BadInput(
                f"A density of {self.density_g_per_ml} g/mL of {self.name!r} is no solid's."
            )

    def attenuation_per_mm(self, energy_kev: NDArray[np.generic] | float) -> NDArray[np.float64]:
        """μ in 1/mm at photon energies in keV, same shape."""
        cm2_per_g = sum(share * xray_table(part).at(energy_kev) for part, share in self.parts)
        return np.asarray(self.density_g_per_ml * cm2_per_g / MM_PER_CM)


def water() -> Material:
    """What soft tissue is measured in."""
    return Material("water", 1.0, (("water", 1.0),))


def cortical_bone() -> Material:
    """Cortical bone of ICRU-44."""
    return Material(
        "cortical bone", constant("cortical_bone_density").value, (("cortical_bone", 1.0),)
    )


def steel() -> Material:
    """A needle: taken as iron of the density of stainless steel."""
    return Material("steel", constant("stainless_steel_density").value, (("iron", 1.0),))


def aluminium() -> Material:
    """The tube's first filter, and what half-value layers are given in."""
    return Material("aluminium", constant("aluminium_density").value, (("aluminium", 1.0),))


def copper() -> Material:
    """The tube's second filter."""
    return Material("copper", constant("copper_density").value, (("copper", 1.0),))


def caesium_iodide() -> Material:
    """The detector's scintillator."""
    caesium = constant("caesium_share_of_caesium_iodide").value
    return Material(
        "caesium iodide",
        constant("scintillator_density").value,
        (("caesium", caesium), ("iodine", 1.0 - caesium)),
    )


def cement_material(recipe: CementRecipe) -> Material:
    """Set PMMA with the recipe's barium sulfate. The K edge of barium lies at 37.4 keV."""
    filler = recipe.barium_sulfate_mass_fraction
    barium = constant("barium_share_of_barium_sulfate").value
    sulfur = constant("sulfur_share_of_barium_sulfate").value
    return Material(
        f"cement {recipe.name!r}",
        recipe.density_g_per_ml,
        (
            ("pmma", 1.0 - filler),
            ("barium", filler * barium),
            ("sulfur", filler * sulfur),
            ("oxygen", filler * (1.0 - barium - sulfur)),
        ),
    )


def scan_energy_kev() -> float:
    """The energy at which water attenuates as `radiograph_water_attenuation` says: about 71 keV.

    CT numbers are taken as measured at this one effective energy. Found by inverting the water
    table, which falls steadily, so that the mono-energetic picture at this energy is the line
    integral that `expose` has always given.
    """
    table = xray_table("water")
    asked = constant("radiograph_water_attenuation").value * MM_PER_CM
    falling = np.log(table.cm2_per_g)[::-1], np.log(table.energy_kev)[::-1]
    return float(np.exp(np.interp(math.log(asked), *falling)))


def steel_attenuation_per_mm() -> float:
    """μ of a needle in 1/mm at that energy: what it adds to the mono-energetic picture."""
    return float(steel().attenuation_per_mm(scan_energy_kev()))
