"""Two kinds of blur: narrow ones of a fraction of a pixel, broad ones of centimetres.

Both keep the sum of the picture (mirrored at its edges), so no energy is made or lost.

* Narrow (focal spot, light in the scintillator): the kernel [a, 1 − 2a, a] along rows and columns
  has variance 2a pixels² exactly; wide blurs repeat it, for variances add.
* Broad (scatter, glare): three running means of n pixels, variance (n² − 1)/12 each, near enough
  to a Gaussian by the central limit and as cheap for a wide kernel as for a small one.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_MOST_VARIANCE = 0.5  # of one narrow pass: at a = 1/4 the kernel is [1, 2, 1]/4
_PASSES = 3


def penumbra_mm(focal_spot_mm: float, magnification: float) -> float:
    """Width of the half-shadow of a sharp edge on the detector: w = f·(M − 1).

    Similar triangles: seen from the edge, the focal spot of width f at the distance d from it is
    thrown to f·(D − d)/d on a detector at D from the source; M = D/d.
    """
    return focal_spot_mm * (magnification - 1.0)


def narrow_blur(picture: NDArray[np.float32], sd_pixels: float) -> NDArray[np.float32]:
    """`picture` (rows, columns) blurred by a kernel of this standard deviation along both axes."""
    passes = math.ceil(sd_pixels**2 / _MOST_VARIANCE)
    if not passes:
        return picture
    a = 0.5 * sd_pixels**2 / passes
    blurred = picture
    for _ in range(passes):
        for axis in (0, 1):
            blurred = ndimage.convolve1d(blurred, [a, 1.0 - 2.0 * a, a], axis=axis, mode="reflect")
    return blurred


def broad_blur(picture: NDArray[np.float32], sd_pixels: float) -> NDArray[np.float32]:
    """`picture` spread by nearly a Gaussian of this standard deviation, sum unchanged."""
    wide = math.sqrt(12.0 * sd_pixels**2 / _PASSES + 1.0)
    n = 2 * int(0.5 * (wide - 1.0)) + 1  # odd, so that nothing shifts; n + 2 for the rest
    short = _PASSES * ((n + 2) ** 2 - 1) - 12.0 * sd_pixels**2
    narrower = min(_PASSES, max(0, round(short / (4 * n + 4))))
    widths = [n] * narrower + [n + 2] * (_PASSES - narrower)
    blurred = picture
    for width in widths:
        for axis in (0, 1):
            blurred = ndimage.uniform_filter1d(blurred, width, axis=axis, mode="reflect")
    return blurred
