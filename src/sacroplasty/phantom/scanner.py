"""The CT scanner: slices of finite thickness, in-plane blur, correlated noise, whole Hounsfield units.

A voxel of a thick slice is the mean of thin ones (partial volume); in the plane the point spread
is a Gaussian of the requested full width at half maximum (FWHM = 2.355 σ). The noise is Gaussian,
correlated over about a pixel as after a soft kernel, and scaled back to the requested SD.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sacroplasty.geometry import Frame, Grid
from sacroplasty.phantom.placement import Placement
from sacroplasty.phantom.render import render
from sacroplasty.phantom.scanner_settings import ScannerSettings
from sacroplasty.phantom.shape import Shape

# Centre of the reconstructed box in the template: from above L4 to below the ischia.
FIELD_CENTRE = (0.0, 0.0, -22.0)
_FWHM_PER_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))
_THIN_MM = 1.2  # thicker slices are averaged from thinner ones
_NOISE_CORRELATION_PX = 0.6
_LOWEST_HU, _HIGHEST_HU = -1024, 3071


def scanner_grid(settings: ScannerSettings, frame: Frame) -> Grid:
    """The reconstructed grid, symmetric about x = 0 of the scanner."""
    spacing = (settings.in_plane_mm, settings.in_plane_mm, settings.slice_mm)
    ni, nj, nk = (round(f / s) for f, s in zip(settings.field_mm, spacing, strict=True))
    x, y, z = (
        c - 0.5 * (n - 1) * s for c, n, s in zip(FIELD_CENTRE, (ni, nj, nk), spacing, strict=True)
    )
    return Grid.axis_aligned((nk, nj, ni), (x, y, z), spacing, frame)


def scan(
    shape: Shape,
    grid: Grid,
    placement: Placement,
    settings: ScannerSettings,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """HU and labels (k, j, i) on `grid`; labels are those of the slice's middle."""
    parts = 2 * math.floor(0.5 * settings.slice_mm / _THIN_MM) + 1
    thin_mm = settings.slice_mm / parts
    hu = np.zeros(grid.shape, dtype=np.float32)
    labels = np.empty(grid.shape, dtype=np.uint8)
    for part in range(parts):
        shift = (part - parts // 2) * thin_mm
        x, y, z = grid.origin_mm
        thin = Grid.axis_aligned(grid.shape, (x, y, z + shift), grid.spacing_mm, grid.frame)
        piece, piece_labels, _ = render(shape, thin, placement.rotation, placement.centre)
        hu += piece / parts
        if shift == 0.0:
            labels = piece_labels
    sigma = settings.blur_fwhm_mm / _FWHM_PER_SIGMA
    sigma_px = (
        0.5 * sigma / settings.slice_mm,
        sigma / settings.in_plane_mm,
        sigma / settings.in_plane_mm,
    )
    gaussian_filter(hu, sigma_px, output=hu, mode="nearest")
    hu += _noise(grid.shape, settings.noise_hu, rng)
    np.clip(np.rint(hu, out=hu), _LOWEST_HU, _HIGHEST_HU, out=hu)
    return hu.astype(np.int16), labels


def _noise(
    shape: tuple[int, int, int], sd_hu: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    noise = rng.standard_normal(shape, dtype=np.float32)
    sigma = (0.25 * _NOISE_CORRELATION_PX, _NOISE_CORRELATION_PX, _NOISE_CORRELATION_PX)
    gaussian_filter(noise, sigma, output=noise, mode="wrap")
    noise *= np.float32(sd_hu / max(float(noise.std()), 1e-6))
    return noise
