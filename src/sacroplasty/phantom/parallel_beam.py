"""A parallel-beam scanner of one slice: rays through it, ramp filter and back-projection.

A sinogram is an array (view, offset): view a looks along angle πa/views, offsets are one pixel
apart and centred. Filtered back-projection is linear, so the picture of an error of the rays is the
error of the picture (Kak and Slaney, chapter 3).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def lengths_along_rays(share: FloatArray, step_mm: float, views: int) -> FloatArray:
    """Length (mm) along every ray of what fills `share` (0…1) of each pixel: (views, offsets)."""
    nj, ni = share.shape
    count = 2 * (int(np.hypot(nj, ni)) // 2 + 2) + 1
    sinogram = np.zeros((views, count))
    for j in range(nj):
        for i in range(ni):
            if share[j, i] <= 0.0:
                continue
            for a in range(views):
                angle = np.pi * a / views
                t = (i - 0.5 * (ni - 1)) * np.cos(angle) + (j - 0.5 * (nj - 1)) * np.sin(angle)
                f = t + 0.5 * (count - 1)
                n = int(f)
                part = f - n
                sinogram[a, n] += share[j, i] * step_mm * (1.0 - part)
                sinogram[a, n + 1] += share[j, i] * step_mm * part
    return sinogram


def ramp_filtered(sinogram: FloatArray, step_mm: float) -> FloatArray:
    """Each view (row) filtered with |frequency|; circular over twice its length, so nothing wraps."""
    n = sinogram.shape[1]
    frequency = np.abs(np.fft.rfftfreq(2 * n, d=step_mm))
    spectrum = np.fft.rfft(sinogram, 2 * n, axis=1) * frequency
    return np.asarray(np.fft.irfft(spectrum, 2 * n, axis=1)[:, :n])


@njit(cache=True, error_model="numpy")
def back_projected(sinogram: FloatArray, nj: int, ni: int) -> FloatArray:
    """The image (nj, ni) of a filtered sinogram."""
    angles, count = sinogram.shape
    image = np.zeros((nj, ni))
    for a in range(angles):
        cos, sin = np.cos(np.pi * a / angles), np.sin(np.pi * a / angles)
        for j in range(nj):
            for i in range(ni):
                f = (i - 0.5 * (ni - 1)) * cos + (j - 0.5 * (nj - 1)) * sin + 0.5 * (count - 1)
                n = int(f)
                part = f - n
                image[j, i] += sinogram[a, n] * (1.0 - part) + sinogram[a, n + 1] * part
    return image * (np.pi / angles)
