"""Permeability of the tissues in one draw: factor, variation from place to place, anisotropy."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.geometry import Grid, Rigid
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.bone_noise import correlated_noise
from sacroplasty.injection.tissues import Tissue, TissueMap
from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

Floats = NDArray[np.float64]

_TRABECULAR = int(Tissue.TRABECULAR)


def tissue_permeability(
    tissues: TissueMap, draw: BoneDraw, anisotropy_kji: Floats, h: float
) -> tuple[Floats, Floats]:
    """Permeability (3, k, j, i) along the axes and its geometric mean (k, j, i), mm²."""
    shape = tissues.kind.shape
    noise = np.zeros((0, 0, 0), dtype=np.float32)
    if draw.noise_seed is not None and draw.noise_sigma > 0:
        noise = correlated_noise(draw.noise_seed, tissues.kind.shape, draw.noise_length_mm / h)
    along, mean = np.empty((3, *shape)), np.empty(shape)
    factors = np.ones(len(Tissue))
    factors[Tissue.LOOSE] = draw.loose_tissue_factor
    factors[Tissue.CORTEX] = draw.cortex_factor
    factors[Tissue.TRABECULAR] = draw.permeability_factor
    cap = mm2_from_m2(constant("permeability_open_void").value)
    _compose(
        tissues.kind.ravel(), tissues.permeability_mm2.ravel(), noise.ravel(),
        np.float32(draw.noise_sigma), factors, cap, anisotropy_kji, along.reshape(3, -1),
        mean.ravel(),
    )  # fmt: skip
    return along, mean


def grid_anisotropy(scanner_from_sacrum: Rigid, grid: Grid, si_over_ap: float) -> Floats:
    """Factors (3,) on K along the array axes k, j, i, of a bone with its axes in the sacral frame.

    K = Kₘ diag(a, a, a·s) in sacral x, y, z with s = `si_over_ap` and a = s^(−1/3), so that the
    geometric mean is Kₘ. On the grid only the diagonal of R K Rᵀ is kept, scaled to the same
    geometric mean: exact where the axes are parallel; a sacrum that is tilted by θ loses the
    off-diagonal ½ (s − 1) a sin 2θ, at most 0.13 Kₘ for s = 1.28.
    """
    if si_over_ap == 1.0:
        return np.ones(3)
    own = np.array([1.0, 1.0, si_over_ap])
    turn = grid.direction.T @ scanner_from_sacrum.rotation
    ijk = (turn**2) @ own
    return np.asarray((ijk / ijk.prod() ** (1.0 / 3.0))[::-1])


@njit(cache=True)
def _compose(
    kind: NDArray[np.uint8], base: Floats, noise: NDArray[np.float32], sigma: np.float32,
    factors: Floats, cap: float, anisotropy: Floats, along: Floats, mean: Floats,
) -> None:  # fmt: skip
    """Permeability of every voxel: tissue × factor, trabecular bone with noise and along the axes.

    Trabecular bone is capped at the permeability of an open void: a voxel of marrow fat is a void
    whose walls the CT does not resolve.
    """
    for n in range(base.size):
        k = base[n] * factors[kind[n]]
        if kind[n] == _TRABECULAR:
            if noise.size > 0:
                k *= np.exp(sigma * noise[n])
            k = min(k, cap)
            for a in range(3):
                along[a, n] = k * anisotropy[a]
        else:
            for a in range(3):
                along[a, n] = k
        mean[n] = k
