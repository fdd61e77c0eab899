"""From what a perfect scanner reads to an image: point spread, kernel, noise, whole Hounsfield units.

The point spread in the plane is a Gaussian of the requested full width at half maximum (FWHM =
2.355 σ). A bone kernel then adds back what the blur took, beyond the true edge: unsharp masking,
``f + a (f − G f)``, with the overshoot at edges that such kernels show. The noise is Gaussian with
the spectrum of the kernel: a soft kernel leaves blotches of about two pixels, a bone kernel fine
grain from which the low frequencies are missing (the ramp filter's spectrum rises with frequency).
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sacroplasty.geometry import Grid
from sacroplasty.phantom.scanner_settings import ReconstructionKernel, ScannerSettings

FloatArray = NDArray[np.float32]

_FWHM_PER_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))
_ENHANCEMENT, _ENHANCED_MM = 0.7, 1.1  # strength and scale (σ) of a bone kernel's edges
_SOFT_CORRELATION_PX, _BONE_CORRELATION_PX, _BONE_WITHOUT_PX = 0.6, 0.35, 1.4
_ALONG_Z = 0.25  # neighbouring slices share a part of the noise
_LOWEST_HU, _HIGHEST_HU = -1024, 3071


def blurred(hu: FloatArray, grid: Grid, settings: ScannerSettings) -> FloatArray:
    """The image after point spread and kernel; `hu` is overwritten."""
    sigma = settings.blur_fwhm_mm / _FWHM_PER_SIGMA
    dx, dy, dz = grid.spacing_mm
    gaussian_filter(hu, (0.5 * sigma / dz, sigma / dy, sigma / dx), output=hu, mode="nearest")
    if settings.kernel is ReconstructionKernel.BONE:
        soft = gaussian_filter(hu, (0.0, _ENHANCED_MM / dy, _ENHANCED_MM / dx), mode="nearest")
        hu += np.float32(_ENHANCEMENT) * (hu - soft)
    return hu


def noise_field(
    shape: tuple[int, int, int], settings: ScannerSettings, rng: np.random.Generator
) -> FloatArray:
    """Noise (k, j, i) in HU with the requested SD and the kernel's spectrum."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    bone = settings.kernel is ReconstructionKernel.BONE
    px = _BONE_CORRELATION_PX if bone else _SOFT_CORRELATION_PX
    gaussian_filter(noise, (_ALONG_Z * px, px, px), output=noise, mode="wrap")
    if bone:
        noise -= gaussian_filter(noise, (0.0, _BONE_WITHOUT_PX, _BONE_WITHOUT_PX), mode="wrap")
    noise *= np.float32(settings.noise_hu / max(float(noise.std()), 1e-6))
    return noise


def whole_hu(hu: FloatArray) -> NDArray[np.int16]:
    """Rounded and held within what twelve bits store; `hu` is overwritten."""
    np.clip(np.rint(hu, out=hu), _LOWEST_HU, _HIGHEST_HU, out=hu)
    return hu.astype(np.int16)
