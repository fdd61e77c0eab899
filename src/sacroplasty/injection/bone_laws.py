"""From Hounsfield units to permeability, one law a function.

The chain is HU → mineral density → apparent density → bone volume fraction → porosity →
permeability. Each link is a prior with a wide spread; above all, permeability is *not* predictable
from CT density alone (Baroud 2004, Nauman 1999), so one run is one draw at the median.
All functions take and return arrays of any shape.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.reference import constant, constant_default
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
    resistance = constant("kozeny_constant").value * specific_surface(porosity) ** 2
    nothing = np.zeros(np.shape(porosity))
    return np.divide(porosity**3, resistance, out=nothing, where=porosity > 0)


def trabecular_permeability(porosity: Array) -> Array:
    """Permeability of trabecular bone in mm²: F · Kozeny–Carman at the prior median F = 0.25.

    Capped at that of a 1 mm open cleft, b²/12: a voxel of marrow fat is a void whose walls the CT
    does not resolve.
    """
    drawn = constant("permeability_factor").value * kozeny_carman(porosity)
    return np.minimum(drawn, mm2_from_m2(constant("permeability_open_void").value))


class PorosityLaw(Protocol):
    """Pore fraction of bone by its Hounsfield units."""

    def __call__(self, hu: Array) -> Array: ...


class PermeabilityLaw(Protocol):
    """Permeability in mm² of trabecular bone by its pore fraction, before the patient's factor F."""

    def __call__(self, porosity: Array) -> Array: ...


@dataclass(frozen=True, slots=True)
class HounsfieldLine:
    """The chain of this module, with any straight line from HU to mineral density (mg/cm³).

    A phantom or an internal calibration gives slope and intercept; the defaults are for scans
    without one.
    """

    bmd_per_hu: float = constant_default("bmd_per_hu")
    bmd_at_zero_hu: float = constant_default("bmd_at_zero_hu")

    def __post_init__(self) -> None:
        if not (math.isfinite(self.bmd_per_hu) and self.bmd_per_hu > 0):
            raise BadInput(f"The density per HU must be more than 0; got {self.bmd_per_hu} mg/cm³.")
        if not math.isfinite(self.bmd_at_zero_hu):
            raise BadInput(f"The density at 0 HU must be a number; got {self.bmd_at_zero_hu}.")

    def __call__(self, hu: Array) -> Array:
        bmd = self.bmd_per_hu * hu + self.bmd_at_zero_hu
        return 1.0 - bone_volume_fraction(apparent_density(bmd))


@dataclass(frozen=True, slots=True)
class KozenyCarman:
    """K = φ³ / (c S_v²) with Martin's specific surface."""

    def __call__(self, porosity: Array) -> Array:
        return kozeny_carman(porosity)


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """K = K₁ (v / v₁)^−m in the bone volume fraction v = 1 − φ.

    permeability_mm2: K₁, at the volume fraction `bone_fraction` v₁. exponent: m.
    """

    permeability_mm2: float
    bone_fraction: float
    exponent: float

    def __post_init__(self) -> None:
        for number in fields(self):
            value = getattr(self, number.name)
            if not (math.isfinite(value) and value > 0):
                raise BadInput(f"A power law needs a {number.name} of more than 0; got {value}.")

    @classmethod
    def nauman1999(cls) -> Self:
        """Through both ends of the published range of vertebra, femur and tibia.

        The paper's own fits were not read; the volume fractions of the ends are priors.
        """
        low, high = (
            mm2_from_m2(constant(f"nauman_{end}_permeability").value) for end in ("least", "most")
        )
        dense = constant("nauman_densest_bone").value
        sparse = constant("nauman_sparsest_bone").value
        return cls(high, sparse, math.log(high / low) / math.log(dense / sparse))

    def __call__(self, porosity: Array) -> Array:
        return self.permeability_mm2 * ((1.0 - porosity) / self.bone_fraction) ** -self.exponent


@dataclass(frozen=True, slots=True)
class BoneLaws:
    """The laws that turn a CT into a medium; each is a value, and any frozen callable will do.

    porosity: from HU. permeability: from porosity, mm², before the factor F of a draw.
    si_over_ap: cranio-caudal over antero-posterior permeability of trabecular bone, in the axes of
    the sacrum; 1 turns the anisotropy off. Left to right is like antero-posterior, and the
    geometric mean of the three is what `permeability` gives.
    """

    porosity: PorosityLaw = field(default_factory=HounsfieldLine)
    permeability: PermeabilityLaw = field(default_factory=KozenyCarman)
    si_over_ap: float = constant_default("permeability_si_over_ap")

    def __post_init__(self) -> None:
        if not (math.isfinite(self.si_over_ap) and self.si_over_ap > 0):
            raise BadInput(
                f"The ratio of permeabilities si_over_ap must be more than 0; got {self.si_over_ap}."
            )
