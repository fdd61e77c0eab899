"""How strongly things stop the beam, at one effective energy.

A radiograph of this package is mono-energetic: one row, `radiograph_water_attenuation`, sets the
beam. The CT number is by definition HU = 1000·(μ − μ_water)/μ_water, so

    μ = μ_water · (1 + HU / 1000)          [1/mm]

holds exactly for the scanner's own effective energy and is taken for the C-arm's. Below
`radiograph_air_ceiling` a voxel is air and stops nothing: without that, the noise of half a metre
of air, clipped at zero, would add up to a veil.

Cement is PMMA with barium sulfate. Mass attenuations add by mass fraction (mixture rule), so

    μ_cement = ρ · (w·(μ/ρ)_BaSO4 + (1 − w)·(μ/ρ)_PMMA).

It takes the place of marrow in the pores and leaves the bone where it was, so a voxel with the
cement fraction f changes by Δμ = f·(μ_cement − μ_marrow). Reference: NIST tables (NISTIR 5632).
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe
from sacroplasty.reference import constant

MM_PER_CM = 10.0


def water_attenuation_per_mm() -> float:
    """μ_water in 1/mm at the effective energy of the beam."""
    return constant("radiograph_water_attenuation").value


def attenuation_of_hu(hu: NDArray[np.generic]) -> NDArray[np.float64]:
    """μ in 1/mm of CT numbers, any shape; zero for air."""
    numbers = np.asarray(hu, dtype=np.float64)
    mu = water_attenuation_per_mm() * np.maximum(1.0 + numbers / 1000.0, 0.0)
    return np.where(numbers <= constant("radiograph_air_ceiling").value, 0.0, mu)


def cement_attenuation_per_mm(recipe: CementRecipe) -> float:
    """μ in 1/mm of set cement, by the mixture rule."""
    barium = recipe.barium_sulfate_mass_fraction
    mass_attenuation_cm2_g = (
        barium * constant("mass_attenuation_barium_sulfate").value
        + (1 - barium) * constant("mass_attenuation_pmma").value
    )
    return recipe.density_g_per_ml * mass_attenuation_cm2_g / MM_PER_CM


def cement_contrast_per_mm(recipe: CementRecipe) -> float:
    """μ_cement − μ_marrow in 1/mm: what one voxel full of cement adds to each mm of a ray."""
    marrow = 1.0 + constant("radiograph_marrow_hu").value / 1000.0
    return cement_attenuation_per_mm(recipe) - water_attenuation_per_mm() * marrow
