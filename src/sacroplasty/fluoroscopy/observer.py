"""Who looks at the picture: how surely a known shadow is told from noise and anatomy.

A signal-known-exactly observer sums the picture x against a template. With the shadow's Fourier
transform S, white noise of variance σ² and anatomical noise of spectrum A(f), N = σ² + A, its
detectability (the distance of the two answers over their spread) is

    prewhitening (Hotelling):  d'² = (1/n) Σ |S|² / N
    through an eye:            d'² = (1/n) [Σ |S|² E²]² / Σ |S|² E⁴ N

over the n frequencies of the region. Without anatomy and eye both are the matched filter,
d'² = Σ s²/σ². The eye E(f) = f^1.3·exp(−c f²) sees best at a few cycles a degree and cannot
undo the low frequencies of anatomy, which the prewhitening observer can: people lie near the
first. Anatomy is that of this patient around the shadow: the periodogram of the picture without
noise, fitted by A = a·f^(−β) (Burgess 2001 for breasts; the form is a prior for pelvises).

Rose's criterion: a shadow is seen from d' of 3 to 5 on (`observer_threshold`).
"""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.reference import constant
from sacroplasty.units import rad_from_deg

FloatImage = NDArray[np.float64]
_EYE_POWER = 1.3
_LEAST = 1e-30


class Observer(Enum):
    """Which of the two looks."""

    EYE = "eye"
    PREWHITENING = "prewhitening"


@dataclass(frozen=True, slots=True)
class AnatomicalNoise:
    """A(f) = scale·f^(−slope): variance per pixel at f in cycles per pixel."""

    scale: float
    slope: float

    def at(self, frequency: FloatImage) -> FloatImage:
        """A at frequencies (any shape); that of the lowest one given stands in for zero."""
        if not self.scale:
            return np.zeros_like(frequency)
        lowest = frequency[frequency > 0].min()
        return np.asarray(self.scale * np.maximum(frequency, lowest) ** -self.slope)


NO_ANATOMY = AnatomicalNoise(0.0, 0.0)


def frequencies(shape: tuple[int, int]) -> FloatImage:
    """|f| in cycles per pixel of a two-dimensional transform."""
    rows, columns = (np.fft.fftfreq(n) for n in shape)
    return np.asarray(np.hypot(rows[:, None], columns[None, :]))


def anatomical_noise(picture: NDArray[np.generic]) -> AnatomicalNoise:
    """The power law through the periodogram of a region of −ln(signal) without noise.

    A plane is taken off and a Hann window laid on; ``|FFT|² / Σw²`` is 1 per unit of variance. Fitted by
    least squares on the logarithms of ring means, from the second ring to half the limit.
    """
    n_rows, n_columns = picture.shape
    rows, columns = np.indices(picture.shape)
    plane = np.stack([np.ones(picture.size), rows.ravel(), columns.ravel()], axis=1)
    values = np.asarray(picture, dtype=np.float64).ravel()
    flat = values - plane @ np.linalg.lstsq(plane, values, rcond=None)[0]
    window = np.outer(np.hanning(n_rows), np.hanning(n_columns))
    power = np.abs(np.fft.fft2(flat.reshape(picture.shape) * window)) ** 2 / (window**2).sum()
    f = frequencies(picture.shape)
    step = 1.0 / min(picture.shape)
    edges = np.arange(2.0, 0.25 / step + 1.0) * step
    rings = [(f >= low) & (f < low + step) for low in edges]
    means = np.array([power[ring].mean() for ring in rings if ring.any()])
    at = np.array([f[ring].mean() for ring in rings if ring.any()])
    if len(at) < 3 or means.max() < _LEAST:
        return NO_ANATOMY
    slope, offset = np.polyfit(np.log(at), np.log(np.maximum(means, _LEAST)), 1)
    return AnatomicalNoise(math.exp(float(offset)), max(0.0, -float(slope)))


def detectability(
    shadow: NDArray[np.generic],
    variance: float,
    anatomy: AnatomicalNoise,
    observer: Observer,
    pixel_mm: float,
) -> float:
    """d' of a known shadow (rows, columns) in −ln(signal), white `variance` per pixel."""
    if not variance > 0:
        raise BadInput(f"A picture's noise has a variance above zero; got {variance}.")
    power = np.abs(np.fft.fft2(np.asarray(shadow, dtype=np.float64))) ** 2
    if power.max() <= 0:
        return 0.0
    f = frequencies(shadow.shape)
    noise = variance + anatomy.at(f)
    if observer is Observer.PREWHITENING:
        return math.sqrt(float((power / noise).mean()))
    seen = eye(f, pixel_mm) ** 2
    signal = float((power * seen).mean())
    spread = float((power * seen**2 * noise).mean())
    return signal / math.sqrt(spread) if spread > 0 else 0.0


def eye(frequency: FloatImage, pixel_mm: float) -> FloatImage:
    """E at cycles per pixel, for a screen that shows the detector in life size; 1 at its best.

    E = (f/f₀)^1.3·exp(−1.3 (f²/f₀² − 1)/2) has its maximum at f₀ cycles a degree.
    """
    mm_per_degree = constant("observer_distance").value * rad_from_deg(1.0)
    relative = frequency / pixel_mm * mm_per_degree / constant("observer_best_frequency").value
    return np.asarray(relative**_EYE_POWER * np.exp(-0.5 * _EYE_POWER * (relative**2 - 1.0)))
