"""Where bone ends: half way between the cortex and the soft tissue next to it.

A scanner blurs a sharp edge symmetrically, so the edge lies where HU is half way between its two
sides; a fixed low threshold lies outside it, by half a millimetre for thick cortex.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_NEAR_MM = 2.5  # cortex and soft tissue are looked for this far around
_CORTEX_HU = 250.0  # without cortex nearby nothing says where the edge is
_FLOOR_HU, _CEILING_HU = -100.0, 800.0  # fat is the darkest neighbour of bone; metal blooms
_PEEL_MM = 2.5


def peeled(bone: NDArray[np.bool_], hu: NDArray[np.float32], step_mm: float) -> NDArray[np.bool_]:
    """`bone` less the blurred rim outside its edge; at most 2.5 mm are taken, from outside."""
    size = 2 * round(_NEAR_MM / step_mm) + 1
    clipped = np.clip(hu, _FLOOR_HU, _CEILING_HU)
    bright = ndimage.maximum_filter(clipped, size)
    dark = ndimage.minimum_filter(clipped, size)
    rim = (clipped < (bright + dark) / 2) & (bright > _CORTEX_HU)
    outside = ~bone
    steps = round(_PEEL_MM / step_mm)
    return ~np.asarray(ndimage.binary_dilation(outside, iterations=steps, mask=outside | rim))
