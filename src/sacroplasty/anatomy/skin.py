"""Body against outside air: the skin."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.imaging import AIR_HU, CTVolume

_SKIN_HU = -300
# A CT with soft tissue has fat and air; a bone-only image has one constant background.
_MOST_CONSTANT = 0.6
# The opening that cuts a table off the back.
_TABLE_MM = 6.0


def find_body(ct: CTVolume) -> NDArray[np.bool_] | None:
    """The body (k, j, i) on the CT's grid: largest component, table cut off, holes filled per slice.

    None where the background was masked to a constant, so that there is no skin to see.
    """
    values, counts = np.unique(ct.hu[::2, ::2, ::2], return_counts=True)
    common = int(values[counts.argmax()])
    if common > AIR_HU + 200 and counts.max() > _MOST_CONSTANT * counts.sum():
        return None
    body = (ct.hu > _SKIN_HU).astype(np.uint8)
    step = max(1, round(_TABLE_MM / ct.grid.spacing_mm[0] / 2))
    square = (1, 2 * step + 1, 2 * step + 1)
    cut = ndimage.minimum_filter(body, square, mode="constant", cval=0)
    parts, count = ndimage.label(cut)
    if not count:
        return None
    largest = parts == 1 + int(np.bincount(parts.ravel())[1:].argmax())
    grown = ndimage.maximum_filter(largest.astype(np.uint8), square, mode="constant", cval=0)
    kept = (grown & body).astype(bool)
    return np.stack([ndimage.binary_fill_holes(plane) for plane in kept])
