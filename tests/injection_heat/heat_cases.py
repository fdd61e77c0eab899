"""Heat media of simple shape, and the closed forms that go with them."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from sacroplasty.cement import CureKinetics, cure_kinetics
from sacroplasty.injection import HeatMedium

Floats = NDArray[np.float64]
BODY_C = 37.0
CAPACITY, CONDUCTIVITY = 2.4, 0.4
DIFFUSIVITY = CONDUCTIVITY / CAPACITY  # mm²/s: 1/6, that is 1.667e-7 m²/s
OCTANT = (True, False, True, False, True, False)
BAR = (True, True, True, True, False, False)  # heat only along i
SEALED = (True,) * 6


def uniform(
    shape: tuple[int, int, int],
    spacing_mm: float,
    insulated: tuple[bool, bool, bool, bool, bool, bool],
    heat: Floats | float = 0.0,
    perfusion: Floats | float = 0.0,
) -> HeatMedium:
    """One tissue everywhere."""
    return HeatMedium(
        np.full(shape, CAPACITY),
        np.full(shape, CONDUCTIVITY),
        np.broadcast_to(perfusion, shape).astype(np.float64),
        np.broadcast_to(heat, shape).astype(np.float64),
        spacing_mm,
        insulated,
    )


def ball(n: int, spacing_mm: float, radius_mm: float, parts: int = 6) -> Floats:
    """Share of each voxel (n, n, n) of an octant that lies within a ball about its corner."""
    at = (np.arange(n * parts) + 0.5) / parts * spacing_mm
    square = at**2
    inside = square[:, None, None] + square[None, :, None] + square[None, None, :] < radius_mm**2
    blocks = inside.reshape(n, parts, n, parts, n, parts)
    return np.asarray(blocks.mean(axis=(1, 3, 5)))


def radii(n: int, spacing_mm: float) -> Floats:
    """Distance of the voxel centres of an octant from its corner."""
    at = (np.arange(n) + 0.5) * spacing_mm
    square = at**2
    return np.asarray(np.sqrt(square[:, None, None] + square[:, None] + square), dtype=np.float64)


def hot_sphere(r_mm: Floats | float, time_s: float, radius_mm: float, rise_k: float) -> Floats:
    """Rise of an infinite medium in which a ball was warmer by `rise_k` (Carslaw and Jaeger)."""
    r = np.maximum(np.asarray(r_mm, dtype=np.float64), 1e-6)
    width = math.sqrt(4.0 * DIFFUSIVITY * time_s)
    plus, minus = (r + radius_mm) / width, (r - radius_mm) / width
    bells = np.exp(-(minus**2)) - np.exp(-(plus**2))
    return np.asarray(
        rise_k * (0.5 * (erf(plus) - erf(minus)) - width / (2.0 * r * math.sqrt(math.pi)) * bells)
    )


def clockwork(rate_per_s: float) -> CureKinetics:
    """A logistic cure, dα/dt = K α (1 − α), as good as blind to temperature."""
    return replace(
        cure_kinetics("Li"),
        rate_constant_per_s=rate_per_s,
        activation_energy_j_per_mol=1e-9,
        first_exponent=1.0,
        second_exponent=1.0,
    )


def steady(rate_per_s: float) -> CureKinetics:
    """A cure that goes on at one rate from the first moment until it is done."""
    return replace(
        clockwork(rate_per_s), first_exponent=1e-12, second_exponent=1e-12, start_degree=1e-9
    )
