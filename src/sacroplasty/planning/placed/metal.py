"""Metal in a scan: where it is, without what is far too thick for a needle."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.imaging import CTVolume
from sacroplasty.reference import constant

# A needle blooms to half of this at most; a prosthesis is deeper inside.
_DEEPEST_MM = 4.5
_RIM_MM = 2.5


def metal_mask(ct: CTVolume) -> NDArray[np.bool_]:
    """Voxels (k, j, i) denser than any bone."""
    return np.asarray(ct.hu >= constant("placed_metal_hu").value)


def thin_metal(ct: CTVolume) -> NDArray[np.bool_]:
    """Metal (k, j, i) that may be needles: what lies about a thick core (prosthesis) is left out."""
    metal = metal_mask(ct)
    spacing = ct.grid.spacing_kji_mm
    for box in ndimage.find_objects(ndimage.label(metal, np.ones((3, 3, 3)))[0]):
        part = np.pad(metal[box], 1)
        core = ndimage.distance_transform_edt(part, sampling=spacing) > _DEEPEST_MM
        if not core.any():
            continue
        reach = ndimage.distance_transform_edt(~core, sampling=spacing)
        near = (reach < _DEEPEST_MM + _RIM_MM)[1:-1, 1:-1, 1:-1]
        metal[box] &= ~near
    return metal
