"""What steel needles do to a CT: hardened and starved rays, slice by slice.

A ray that passes p mm of steel and W mm of water is measured as

    m = −ln( Σ_E w_E exp(−μ_E p − ν_E W) / Σ_E w_E exp(−ν_E W) )

with steel's attenuation μ_E and water's ν_E at a few energies: less than in proportion to p, for
the soft photons are gone first. Of N₀ photons N₀ exp(−ν W − m) arrive, by Poisson's law, plus the noise
of the electronics; where hardly any arrive the logarithm is at its end (starvation). The scanner
reconstructs m; its picture is that of the linear ray plus the filtered back-projection of the error
m − μ p: dark bands along a needle and between two of them, bright rims beside, streaks beyond the tip.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from sacroplasty.geometry import Grid
from sacroplasty.phantom.parallel_beam import back_projected, lengths_along_rays, ramp_filtered
from sacroplasty.reference import constant

FloatArray = NDArray[np.float64]

_VIEWS = 300
_ENERGIES_KEV = (50, 60, 80, 100)
_BODY_STEP = 4  # the body is smooth: its rays are summed over 4 × 4 pixels
_BODY_HU = -300.0
_MM_PER_CM = 10.0
_FAINTEST_PHOTONS = 2.0
_TRACE_MM = 0.02  # rays with less steel are as they were
_FLOOR_HU, _CEILING_HU = -1024.0, 30000.0


@dataclass(frozen=True, slots=True)
class Beam:
    """Attenuation (1/mm) of steel and water at each energy, its weight behind a patient, photons."""

    steel: FloatArray
    water: FloatArray
    weight: FloatArray
    photons: float
    electronic: float

    @classmethod
    def usual(cls) -> "Beam":
        """About 120 kV behind a body."""
        rows = [
            [
                constant(f"{name}_{e}kev").value
                for name in ("steel_attenuation", "water_attenuation", "beam_share")
            ]
            for e in _ENERGIES_KEV
        ]
        steel, water, weight = np.array(rows).T
        return cls(
            steel / _MM_PER_CM,
            water / _MM_PER_CM,
            weight / weight.sum(),
            constant("intraoperative_photons").value,
            constant("electronic_noise_photons").value,
        )

    @property
    def thin_steel(self) -> float:
        """Attenuation (1/mm) of a trace of steel: the weighted mean."""
        return float(self.weight @ self.steel)

    @property
    def thin_water(self) -> float:
        """The same of water."""
        return float(self.weight @ self.water)

    @property
    def steel_hu(self) -> float:
        """Hounsfield units of steel in this beam, if rays were linear."""
        return 1000.0 * (self.thin_steel / self.thin_water - 1.0)


def add_needle_streaks(
    hu: NDArray[np.float32],
    steel: NDArray[np.float32],
    grid: Grid,
    beam: Beam,
    rng: np.random.Generator,
) -> None:
    """Add the error of every slice that holds steel to `hu` (k, j, i), in place."""
    step = grid.spacing_mm[0]
    for k in np.flatnonzero(steel.any(axis=(1, 2))):
        paths = lengths_along_rays(steel[k].astype(np.float64), step, _VIEWS)
        water = _water_paths(hu[k], step, paths.shape[1])
        error = _ray_error(paths, water, beam, rng)
        picture = back_projected(ramp_filtered(error, step), *hu[k].shape)
        hu[k] += (picture * (1000.0 / beam.thin_water)).astype(np.float32)
    np.clip(hu, _FLOOR_HU, _CEILING_HU, out=hu)


def _water_paths(hu: NDArray[np.float32], step_mm: float, count: int) -> FloatArray:
    """Length of body (mm) along every ray, from a coarse picture of it."""
    nj, ni = (n // _BODY_STEP * _BODY_STEP for n in hu.shape)
    body = (hu[:nj, :ni] > _BODY_HU).reshape(nj // _BODY_STEP, _BODY_STEP, -1, _BODY_STEP)
    share = body.mean(axis=(1, 3))
    rays = lengths_along_rays(share, step_mm * _BODY_STEP, _VIEWS)
    wide = zoom(rays, (1, _BODY_STEP), order=1, mode="nearest", grid_mode=True)
    excess = wide.shape[1] - count
    if excess < 0:
        return np.pad(wide, [(0, 0), (-excess // 2, -excess - -excess // 2)])
    return np.asarray(wide[:, excess // 2 : excess // 2 + count])


def _ray_error(
    paths: FloatArray, water: FloatArray, beam: Beam, rng: np.random.Generator
) -> FloatArray:
    """What is measured minus what linear rays would give (dimensionless), (views, offsets)."""
    hit = paths > _TRACE_MM
    p, w = paths[hit], water[hit]
    filtered = beam.weight[:, None] * np.exp(-beam.water[:, None] * w)
    passed = (filtered * np.exp(-beam.steel[:, None] * p)).sum(axis=0)
    expected = beam.photons * passed
    counted = rng.poisson(expected) + rng.normal(0.0, beam.electronic, expected.shape)
    measured = -np.log(
        np.maximum(counted, _FAINTEST_PHOTONS) / (beam.photons * filtered.sum(axis=0))
    )
    error = np.zeros_like(paths)
    error[hit] = measured - beam.thin_steel * p
    return error
