"""From Hounsfield units to permeability, one law a function.

The chain is HU → mineral density → apparent density → bone volume fraction → porosity →
permeability. Each link is a prior with a wide spread; above all, permeability is *not* predictable
from CT density alone (Baroud 2004, Nauman 1999), so one run is one draw at the median.
All functions take and return arrays of any shape.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

Array = NDArray[np.float64]

_MG_PER_G = 1000.0


def mineral_density(hu: Array) -> Array:
    """BMD in mg/cm³ (K2HPO4 equivalent) = 0.81 · HU + 0.84, for scans without a phantom."""
    return constant("bmd_per_hu").value * hu + constant("bmd_at_zero_hu").value


def apparent_density(bmd_mg_cm3: Array) -> Array:
    """Apparent density in g/cm³ from mineral density in mg/cm³.

    ρ_ash = 1.22 ρ_QCT + 0.0523 and ρ_app = ρ_ash / 0.60. In fat (BMD below 30) the offset would
    invent solid bone, so there ρ_app = max(0, BMD) / 0.60.
    """
    ratio = constant("ash_per_apparent_density").value
    qct = bmd_mg_cm3 / _MG_PER_G
    ash = constant("ash_density_slope").value * qct + constant("ash_density_offset").value
    fatty = bmd_mg_cm3 < constant("ash_offset_from_bmd").value
    return np.where(fatty, np.maximum(qct, 0.0), ash) / ratio


def bone_volume_fraction(apparent_density_g_cm3: Array) -> Array:
    """BV/TV = ρ_app / ρ_tissue, kept within 0.01–0.98."""
    return np.clip(
        apparent_density_g_cm3 / constant("bone_tissue_density").value,
        constant("bone_volume_fraction_least").value,
        constant("bone_volume_fraction_most").value,
    )


def porosity_from_hu(hu: Array) -> Array:
    """Pore fraction φ = 1 − BV/TV of bone with these Hounsfield units."""
    return 1.0 - bone_volume_fraction(apparent_density(mineral_density(hu)))


def specific_surface(porosity: Array) -> Array:
    """Bone surface per volume S_v in 1/mm: Martin's polynomial of fifth degree in φ."""
    powers = (constant(f"martin_surface_{n}").value * porosity**n for n in range(1, 6))
    return np.asarray(sum(powers), dtype=np.float64)


def kozeny_carman(porosity: Array) -> Array:
    """Permeability in mm², K = φ³ / (c S_v²): 7.1e-8 m² at φ = 0.90, 1.75e-8 m² at 0.80."""
    return porosity**3 / (constant("kozeny_constant").value * specific_surface(porosity) ** 2)


def trabecular_permeability(porosity: Array) -> Array:
    """Permeability of trabecular bone in mm²: F · Kozeny–Carman at the prior median F = 0.25.

    Capped at that of a 1 mm open cleft, b²/12: a voxel of marrow fat is a void whose walls the CT
    does not resolve.
    """
    drawn = constant("permeability_factor").value * kozeny_carman(porosity)
    return np.minimum(drawn, mm2_from_m2(constant("permeability_open_void").value))
