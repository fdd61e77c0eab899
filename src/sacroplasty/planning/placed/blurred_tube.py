"""What a CT shows of a thin tube that ends: a closed form, fitted to the voxels about it.

A thin tube is a half-endless line from its tip t along −d (towards the hub) that the scanner blurs
with a Gaussian of covariance S = P + v (I − d dᵀ): P the point spread (in the plane, and the
thickness T of a slice as T²/12 along the slice axis), v half the mean of the squared radii of the
tube's wall. With u = x − t, Q = S⁻¹, a = dᵀQd, b = dᵀQu and c = uᵀQu the line gives

    f(x) = A exp(−(c − b²/a) / 2) Φ(−b / √a)

(a Gaussian across, an error function along: Φ is ½ one tip away from blur). What exceeds the range
of the numbers is cut off in model and image alike, so that blooming moves no edge: the width of the
flanks tells the blur, and the blur how far beyond the tip the image saturates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import ndtr

FloatArray = NDArray[np.float64]

_WALL_MM2 = 0.9  # (outer² + inner²) / 4 of the radii of 10 to 13 G needles: 0.6–1.2
_SOFT_HU = 200.0  # streaks count no more than in proportion beyond this
_ALONG_Z = 0.5  # the point spread along the axis is about half of that in the plane, besides T
_PEAK_HU = (2500.0, 60000.0)
_BLUR_MM = (0.25, 1.6)
_GROUND_HU = (-1200.0, 1200.0)
_TURN, _SHIFT_MM, _ALONG_MM = 0.12, 3.0, 10.0


@dataclass(frozen=True, eq=False, slots=True)
class Tube:
    """A fitted tube: tip (3,) and unit direction (3,) towards the tip, mm; see `FoundNeedle`."""

    tip: FloatArray
    direction: FloatArray
    blur_mm: float
    residual_hu: float


@dataclass(frozen=True, eq=False, slots=True)
class Sampling:
    """How the scan is sampled: the unit slice axis (3,) and the thickness of a slice."""

    slice_axis: FloatArray
    slice_mm: float
    ceiling_hu: float


def fit_tube(
    points: FloatArray, hu: FloatArray, tip: FloatArray, direction: FloatArray, sampling: Sampling
) -> Tube:
    """The tube that explains `hu` (n,) at `points` (n, 3) best, from a first guess of tip and direction.

    Seven numbers and two: where the tip is along and across, two small turns, peak, blur and the
    ground that the tube stands on. The points should hold the flanks on all sides and what lies
    beyond the tip.
    """
    across = _across(direction)

    def tube_of(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        turned = direction + x[3] * across[0] + x[4] * across[1]
        turned /= np.linalg.norm(turned)
        return tip + x[0] * direction + x[1] * across[0] + x[2] * across[1], turned

    def error(x: FloatArray) -> FloatArray:
        at, along = tube_of(x)
        value = x[7] + np.exp(x[5]) * _shape(points, at, along, np.exp(x[6]), sampling)
        return np.minimum(value, sampling.ceiling_hu) - hu

    low = [
        -_ALONG_MM,
        -_SHIFT_MM,
        -_SHIFT_MM,
        -_TURN,
        -_TURN,
        *_logs(_PEAK_HU, _BLUR_MM, 0),
        _GROUND_HU[0],
    ]
    high = [
        _ALONG_MM,
        _SHIFT_MM,
        _SHIFT_MM,
        _TURN,
        _TURN,
        *_logs(_PEAK_HU, _BLUR_MM, 1),
        _GROUND_HU[1],
    ]
    start = np.array([0.0, 0.0, 0.0, 0.0, 0.0, np.log(8000.0), np.log(0.6), 50.0])
    scale = np.array([1.0, 0.5, 0.5, 0.01, 0.01, 0.5, 0.3, 100.0])
    end = least_squares(
        error,
        start,
        bounds=(low, high),
        x_scale=scale,
        loss="soft_l1",
        f_scale=_SOFT_HU,
        max_nfev=60,
    )
    at, along = tube_of(end.x)
    return Tube(at, along, float(np.exp(end.x[6])), float(np.median(np.abs(error(end.x)))))


def _logs(
    first: tuple[float, float], second: tuple[float, float], which: int
) -> tuple[float, float]:
    return float(np.log(first[which])), float(np.log(second[which]))


def _across(direction: FloatArray) -> FloatArray:
    """Two unit vectors (2, 3) at right angles to a direction."""
    least = np.eye(3)[int(np.argmin(np.abs(direction)))]
    first = np.cross(direction, least)
    first /= np.linalg.norm(first)
    return np.stack([first, np.cross(direction, first)])


def _shape(
    points: FloatArray, tip: FloatArray, direction: FloatArray, blur_mm: float, sampling: Sampling
) -> FloatArray:
    """f(x) / A at points (n, 3)."""
    z, thick = sampling.slice_axis, sampling.slice_mm
    plane = np.eye(3) - np.outer(z, z)
    spread = blur_mm**2 * plane + (thick**2 / 12.0 + (_ALONG_Z * blur_mm) ** 2) * np.outer(z, z)
    spread += _WALL_MM2 * (np.eye(3) - np.outer(direction, direction))
    inverse = np.linalg.inv(spread)
    u = points - tip
    q_d = inverse @ direction
    a = float(direction @ q_d)
    b = u @ q_d
    c = np.einsum("ni,ij,nj->n", u, inverse, u)
    return np.asarray(np.exp(-0.5 * np.maximum(c - b * b / a, 0.0)) * ndtr(-b / np.sqrt(a)))
