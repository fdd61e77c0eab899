"""Photons by energy: what leaves the tube, what is left behind a thickness, how hard it is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.materials import Material, aluminium
from sacroplasty.reference import constant, xray_table

_JOULE_PER_KEV = 1.602176634e-16
_MM2_PER_CM2 = 100.0
_KG_PER_G = 1e-3
_MICRO = 1e-6
_THICKEST_MM = 60.0  # of aluminium; no diagnostic beam needs more to be halved
_BISECTIONS = 60


@dataclass(frozen=True, eq=False, slots=True)
class Spectrum:
    """`photons` per mm² in bins whose centres are `energy_kev`, ascending; both (n,) and read-only."""

    energy_kev: NDArray[np.float64]
    photons: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.energy_kev.shape != self.photons.shape or not self.energy_kev.size:
            raise BadInput("A spectrum needs one number of photons for each of its energies.")
        if not (np.isfinite(self.photons).all() and (self.photons >= 0).all()):
            raise BadInput("A spectrum counts photons: none of its bins may be negative or NaN.")
        if not self.photons.sum() > 0:
            raise BadInput("A spectrum without a photon takes no picture; raise kV or dose.")
        for name in ("energy_kev", "photons"):
            sealed = np.array(getattr(self, name), dtype=np.float64)
            sealed.flags.writeable = False
            object.__setattr__(self, name, sealed)

    @classmethod
    def single(cls, energy_kev: float, photons_per_mm2: float) -> Self:
        """A beam of one energy: the mono-energetic limit."""
        return cls(np.array([energy_kev]), np.array([photons_per_mm2]))

    def through(self, material: Material, thickness_mm: float) -> "Spectrum":
        """What is left behind a slab: N(E)·exp(−μ(E)·t)."""
        if not 0 <= thickness_mm < np.inf:
            raise BadInput(
                f"A slab of {material.name} cannot be {thickness_mm} mm thick; give 0 or more."
            )
        left = np.exp(-material.attenuation_per_mm(self.energy_kev) * thickness_mm)
        return Spectrum(self.energy_kev, self.photons * left)

    def scaled(self, factor: float) -> "Spectrum":
        """The same beam with `factor` times the photons: more mAs, or another distance."""
        return Spectrum(self.energy_kev, self.photons * factor)

    @property
    def mean_energy_kev(self) -> float:
        """Mean energy of a photon."""
        return float(self.energy_kev @ self.photons / self.photons.sum())

    @property
    def air_kerma_ugy(self) -> float:
        """Air kerma in µGy: Σ N E (μ_en/ρ)_air; bremsstrahlung of its electrons is neglected."""
        cm2_per_g = xray_table("air_energy_absorption").at(self.energy_kev)
        kev_per_g = float(self.photons * _MM2_PER_CM2 @ (self.energy_kev * cm2_per_g))
        return kev_per_g * _JOULE_PER_KEV / _KG_PER_G / _MICRO


def half_value_layer_mm(beam: Spectrum) -> float:
    """mm of aluminium that halve the air kerma of a narrow beam: how hard it is."""
    slab, asked = aluminium(), 0.5 * beam.air_kerma_ugy
    thin, thick = 0.0, _THICKEST_MM
    for _ in range(_BISECTIONS):
        middle = 0.5 * (thin + thick)
        if beam.through(slab, middle).air_kerma_ugy > asked:
            thin = middle
        else:
            thick = middle
    return 0.5 * (thin + thick)


def effective_energy_kev(beam: Spectrum) -> float:
    """The one energy that has the same half-value layer: μ_Al(E_eff) = ln 2 / HVL."""
    low, high = (constant(f"spectrum_{end}_energy").value for end in ("lowest", "highest"))
    slab, asked = aluminium(), np.log(2.0) / half_value_layer_mm(beam)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if float(slab.attenuation_per_mm(middle)) > asked:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
