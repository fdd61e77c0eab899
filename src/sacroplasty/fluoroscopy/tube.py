"""The X-ray tube: how many photons of which energy leave a tungsten target.

**Bremsstrahlung.** Electrons of kinetic energy T₀ = kV slow down in the target after Thomson and
Whiddington, T₀² − T² = C·ρx. On its way an electron of energy T radiates after Kramers in
proportion to 1/(E·T) per depth for every photon energy E < T. With dx = −2T dT/(C ρ) this is a
number of photons ∝ (1/E)·dT, so that without absorption Kramers' law N(E) ∝ (T₀ − E)/E comes out.
The photon leaves the target under the anode angle θ and is attenuated by tungsten:

    N(E) = (k/E) ∫_E^{T₀} exp( −(μ/ρ)_W(E) · (T₀² − T²)/C · cot θ ) dT.

This is the picture of Birch and Marshall (1979) with Kramers' constant cross-section in place of
their fitted polynomial. Electrons scatter and do not go as deep as a straight path, so C is an
*effective* constant: row `tungsten_slowing_down`.

**K lines.** Above the K edge of tungsten (69.5 keV) the lines at 58, 59.3, 67.2 and 69.1 keV are
added, all together in proportion to (T₀/E_K − 1)^1.63 (Green and Cosslett 1961).

Valid 40–120 kV. The scale k and both constants were set once against SpekPy 2.5.4, an independent
published model; half-value layers stay within 10 % of it for any filter and within 2 % for the
filtration of a C-arm (tests/fluoroscopy_beam/test_tube_spectrum.py).
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.spectrum import Spectrum
from sacroplasty.reference import constant, xray_table
from sacroplasty.units import rad_from_deg

LEAST_KV, MOST_KV = 40.0, 120.0
_BIN_KEV = 1.0
_DEPTHS = 16  # Gauss–Legendre points along an electron's way; 16 are exact to 1e-6
_LINES = ("alpha_2", "alpha_1", "beta_1", "beta_2")


@lru_cache(maxsize=64)
def tube_output(tube_kv: float) -> Spectrum:
    """Photons per mm² and mAs at one metre, unfiltered, in bins of 1 keV.

    Raises `BadInput` beyond 40–120 kV.
    """
    if not LEAST_KV <= tube_kv <= MOST_KV:
        raise BadInput(
            f"A tube voltage of {tube_kv:g} kV is outside {LEAST_KV:g}–{MOST_KV:g} kV, for which "
            "the spectra were checked."
        )
    lowest = constant("spectrum_lowest_energy").value
    energy = np.arange(lowest + 0.5 * _BIN_KEV, tube_kv, _BIN_KEV)
    photons = constant("tube_output_scale").value * _BIN_KEV * bremsstrahlung(energy, tube_kv)
    for line in _LINES:
        at = int((constant(f"tungsten_k_{line}_energy").value - lowest) / _BIN_KEV)
        if tube_kv > constant("tungsten_k_edge").value:
            photons[at] += constant(f"tungsten_k_{line}_share").value * _k_photons(tube_kv)
    return Spectrum(energy, photons)


def bremsstrahlung(energy_kev: NDArray[np.float64], tube_kv: float) -> NDArray[np.float64]:
    """The integral above over T, divided by E: photons per keV in units of k, shape (n,)."""
    nodes, weights = np.polynomial.legendre.leggauss(_DEPTHS)
    half = 0.5 * (tube_kv - energy_kev)[:, None]
    electron_kev = half * nodes + 0.5 * (tube_kv + energy_kev)[:, None]
    g_per_cm2 = (tube_kv**2 - electron_kev**2) / constant("tungsten_slowing_down").value
    slant = 1.0 / math.tan(rad_from_deg(constant("anode_angle").value))
    absorbed = xray_table("tungsten").at(energy_kev)[:, None] * g_per_cm2 * slant
    return np.asarray((half * weights * np.exp(-absorbed)).sum(axis=1) / energy_kev)


def _k_photons(tube_kv: float) -> float:
    over = tube_kv / constant("tungsten_k_edge").value - 1.0
    scale = constant("tube_output_scale").value * constant("tungsten_k_scale").value
    return scale * over ** constant("tungsten_k_exponent").value
