"""Plate-shaped things in bone: thin dark clefts and the dense bands along them.

At every voxel the CT is averaged over a disc (Gaussian, a few mm wide) that stands across a
direction n, and the disc is compared with its neighbours a step along n and against n:

    dip  = min(flanks 2 mm away) − centre − (what the bone still rises further out)
    band = centre (5 mm thick) − max(flanks 7 mm away)

Taking the lower of two flanks makes a one-sided step (the edge of a cortex) count nothing, and
the last term of the dip removes the marrow between two cortices, whose HU keep rising. Averages
are over bone only (normalised convolution, Knutsson and Westin 1993). The Gaussians are applied
in Fourier space, where a turned one costs no more than a straight one.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

FloatArray = NDArray[np.float32]
Normals = NDArray[np.float64]

# Sizes of discs and steps, mm; a cleft is 0.5–2 mm wide and its callus a few mm to either side.
_DISC_MM, _CLEFT_HALF_MM, _CLEFT_FLANK_MM, _OUTER_FLANK_MM = 3.5, 0.7, 2.3, 4.6
_BAND_DISC_MM, _BAND_HALF_MM, _BAND_FLANK_MM = 5.0, 2.0, 7.0
_RISING = 0.6
_LEAST_COVER = 0.15  # share of a disc that must be bone
_NOTHING = -999.0
_CLIP_HU = 250.0
_HU_RANGE = (-150.0, 700.0)
# Depth below the surface, mm: cortex, the dense bone below it, marrow.
_DEPTHS = (0.0, 1.2, 2.2, 3.2, 4.3, 6.0, 9.0, np.inf)
_WRAP = 12


@dataclass(frozen=True, eq=False, slots=True)
class Plates:
    """Best answer over the directions asked for, HU; −999 where there is too little bone."""

    dip: FloatArray
    band: FloatArray


def unusual_hu(hu: FloatArray, bone: NDArray[np.bool_]) -> FloatArray:
    """HU minus the median of the patient's own sacral bone at that depth; 0 outside, clipped.

    So a cortex is not bright and marrow is not dark, however dense the patient.
    """
    clipped = np.clip(hu, *_HU_RANGE)
    depth = ndimage.distance_transform_edt(bone)
    unusual = np.zeros_like(hu)
    for low, high in pairwise(_DEPTHS):
        shell = bone & (depth > low) & (depth <= high)
        if shell.any():
            unusual[shell] = clipped[shell] - np.median(clipped[shell])
    return np.clip(unusual, -_CLIP_HU, _CLIP_HU)


def find_plates(unusual: FloatArray, bone: NDArray[np.bool_], normals: Normals) -> Plates:
    """Dip and band at every voxel (k, j, i), the best over `normals` (n, 3), order (x, y, z)."""
    discs = _Discs(unusual, bone)
    dip = np.full(bone.shape, _NOTHING, np.float32)
    band = np.full(bone.shape, _NOTHING, np.float32)
    for normal in normals:
        np.maximum(dip, _dip(discs, normal), out=dip)
        np.maximum(band, _band(discs, normal), out=band)
    return Plates(dip, band)


def _dip(discs: "_Discs", normal: Normals) -> FloatArray:
    mean = discs.mean(normal, _DISC_MM, _CLEFT_HALF_MM)
    near = _flanks(mean, normal, _CLEFT_FLANK_MM)
    far = _flanks(mean, normal, _OUTER_FLANK_MM)
    rise = np.nan_to_num(0.5 * (far[0] + far[1]) - 0.5 * (near[0] + near[1]), nan=0.0)
    dip = np.minimum(*near) - mean - _RISING * np.maximum(rise, 0.0)
    return np.nan_to_num(dip, nan=_NOTHING)


def _band(discs: "_Discs", normal: Normals) -> FloatArray:
    mean = discs.mean(normal, _BAND_DISC_MM, _BAND_HALF_MM)
    return np.nan_to_num(mean - np.maximum(*_flanks(mean, normal, _BAND_FLANK_MM)), nan=_NOTHING)


class _Discs:
    """Means over discs of bone, by one Fourier transform of the image and one of the mask."""

    def __init__(self, image: FloatArray, bone: NDArray[np.bool_]) -> None:
        self._shape = image.shape
        self._padded = [fft.next_fast_len(n + _WRAP, real=True) for n in image.shape]
        self._image = fft.rfftn(np.where(bone, image, np.float32(0.0)), self._padded)
        self._bone = fft.rfftn(bone.astype(np.float32), self._padded)
        nk, nj, ni = self._padded
        self._k = [
            (2 * np.pi * f).astype(np.float32)
            for f in np.meshgrid(
                fft.fftfreq(nk), fft.fftfreq(nj), fft.rfftfreq(ni), indexing="ij", sparse=True
            )
        ]
        self._k2 = self._k[0] ** 2 + self._k[1] ** 2 + self._k[2] ** 2

    def mean(self, normal: Normals, disc_mm: float, half_mm: float) -> FloatArray:
        """Gaussian mean, `disc_mm` across and `half_mm` along the normal (SD); NaN without bone."""
        x, y, z = (np.float32(c) for c in normal)
        along = self._k[2] * x + self._k[1] * y + self._k[0] * z
        flat = np.float32(half_mm**2 - disc_mm**2)
        gauss = np.exp(-0.5 * (np.float32(disc_mm**2) * self._k2 + flat * along * along))
        box = tuple(slice(0, n) for n in self._shape)
        total = fft.irfftn(self._image * gauss, self._padded)[box]
        cover = fft.irfftn(self._bone * gauss, self._padded)[box]
        mean = total / np.maximum(cover, _LEAST_COVER)
        return np.where(cover > _LEAST_COVER, mean, np.nan).astype(np.float32)


def _flanks(mean: FloatArray, normal: Normals, step_mm: float) -> tuple[FloatArray, FloatArray]:
    """The means one step to either side, to the nearest voxel."""
    step = np.rint(step_mm * normal[::-1]).astype(int)
    return _shifted(mean, step), _shifted(mean, -step)


def _shifted(values: FloatArray, step: NDArray[np.int_]) -> FloatArray:
    moved = np.full_like(values, np.nan)
    target, source = [], []
    for by, n in zip(step.tolist(), values.shape, strict=True):
        target.append(slice(max(-by, 0), n + min(-by, 0)))
        source.append(slice(max(by, 0), n + min(by, 0)))
    moved[tuple(target)] = values[tuple(source)]
    return moved
