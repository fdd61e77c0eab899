"""Where the wall of an opening is: half way between soft tissue and bone, as the CT shows it."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# A mask made with a fixed threshold stands about a millimetre off the wall; this far it is moved.
_STEPS = 2
# The wall's peak is looked for within this many voxels (1 mm) around.
_REACH = 5
_NOISE_MM = 0.6
# Contrast of an opening's wall against its content; below it there is no wall to be placed.
_LEAST_CONTRAST_HU = 80.0
# What an opening of the sacrum holds: fat, nerve, liquor. The median of it is measured, within this.
_SOFTEST_HU, _HARDEST_HU = -120.0, 120.0
_JUST_OPEN_MM = 0.5


def open_to_half_maximum(
    distance: NDArray[np.float32], hu: NDArray[np.int16], where: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """`distance` (mm, negative inside bone) with openings widened to their walls, 1 mm voxels.

    The edge of a blurred wall lies where the intensity has risen half way from the content to the
    wall's peak (full width at half maximum), whatever threshold the mask was made with. Voxels
    (k, j, i) of `where` next to an opening and softer than that become open, up to 2 mm deep. An
    opening is never made narrower: too wide a foramen is the safer error.
    """
    open_now = distance > 0
    inside = hu[open_now & where]
    if not len(inside):
        return distance
    content = float(np.clip(np.median(inside), _SOFTEST_HU, _HARDEST_HU))
    smooth = ndimage.gaussian_filter(hu.astype(np.float32), _NOISE_MM)
    peak = ndimage.maximum_filter(smooth, _REACH)
    softer = (smooth < (peak + content) / 2) & (peak - content > _LEAST_CONTRAST_HU) & where
    opened = open_now
    for _ in range(_STEPS):
        opened = opened | (ndimage.binary_dilation(opened & where) & softer)
    return np.where(opened & ~open_now, np.float32(_JUST_OPEN_MM), distance)
