"""Streaks about metal: what filtered back-projection makes of rays that metal has hardened.

A polychromatic beam reads too little attenuation behind metal: a path of length m through it is
reported as about ``m − c m²``. Filtered back-projection is linear, so the error image is the
back-projection of the ramp-filtered error ``−c m²``: dark bands between two implants or along the
long axis of one, bright rims beside them. Photon starvation adds noise to the same rays. Both are made
slice by slice on a coarse grid, for streaks are smooth across a few millimetres.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from sacroplasty.geometry import Grid
from sacroplasty.phantom.parallel_beam import back_projected, lengths_along_rays, ramp_filtered

FloatArray = NDArray[np.float32]

_METAL_HU = 2600.0  # no bone of the virtual patient is so dense
_COARSE_MM = 3.0
_ANGLES = 180
_HARDENING_HU_PER_MM = 60.0  # error of a ray for each squared mm of metal; by eye after real scans
_STARVED_HU = 350.0  # SD of the noise of a ray, for each mm of metal
_STRONGEST_HU = 900.0


def add_streaks(hu: FloatArray, grid: Grid, rng: np.random.Generator) -> None:
    """Add the streaks of all that is denser than any bone to `hu` (k, j, i), in place."""
    metal = hu > _METAL_HU
    step = [max(1, round(_COARSE_MM / s)) for s in grid.spacing_kji_mm]
    dj, di = (grid.spacing_kji_mm[a] * step[a] for a in (1, 2))
    spread = 0.5 * (dj + di)
    _, nj, ni = hu.shape
    cj, ci = -(-nj // step[1]), -(-ni // step[2])
    for k in range(0, hu.shape[0], step[0]):
        slab = metal[k : k + step[0]]
        if not slab.any():
            continue
        share = np.zeros((cj * step[1], ci * step[2]), np.float32)
        share[:nj, :ni] = slab.mean(axis=0)
        coarse = share.reshape(cj, step[1], ci, step[2]).mean(axis=(1, 3))
        paths = lengths_along_rays(coarse.astype(np.float64), spread, _ANGLES)
        error = -_HARDENING_HU_PER_MM * paths**2
        error += _STARVED_HU * paths * rng.standard_normal(paths.shape)
        streaks = back_projected(ramp_filtered(error, spread), cj, ci)
        np.clip(streaks, -_STRONGEST_HU, _STRONGEST_HU, out=streaks)
        fine = zoom(streaks, (step[1], step[2]), order=1, mode="nearest", grid_mode=True)
        hu[k : k + step[0]] += np.where(slab, 0.0, fine[:nj, :ni]).astype(np.float32)
