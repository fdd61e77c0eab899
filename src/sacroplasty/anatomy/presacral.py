"""The presacral space: the soft tissue in front of the sacrum, where cement must not be."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.reference import constant

# A voxel lies in front of the bone if the way from its nearest bone runs within 60° of straight ventral.
_VENTRAL_COSINE = 0.5
_MARGIN_VOXELS = 4


def presacral_space(model: SacrumModel) -> NDArray[np.bool_]:
    """Soft-tissue voxels (k, j, i) on the working grid in front of the sacrum.

    Their nearest voxel of sacrum or foramen lies dorsal of them (within 60°) and no further than
    `presacral_depth`: fat, venous plexus, lumbosacral trunk and iliac vessels lie there.
    """
    reach = constant("presacral_depth").value
    solid = model.labels.values == Structure.SACRUM
    solid |= model.labels.values >= Structure.FORAMEN_S1_LEFT
    spacing = model.labels.grid.spacing_mm[0]
    pad = int(np.ceil(reach / spacing)) + _MARGIN_VOXELS
    found = ndimage.find_objects(solid.astype(np.uint8))[0]
    box = tuple(
        slice(max(s.start - pad, 0), min(s.stop + pad, n))
        for s, n in zip(found, solid.shape, strict=True)
    )
    far, nearest = ndimage.distance_transform_edt(~solid[box], return_indices=True)
    soft = model.labels.values[box] == Structure.SOFT_TISSUE
    candidates = np.argwhere(soft & (far * spacing <= reach))
    at = tuple(candidates.T)
    away = (candidates - np.stack([axis[at] for axis in nearest], axis=1))[:, ::-1].astype(float)
    away = away @ model.labels.grid.direction.T
    ventral = -(away @ model.scanner_from_sacrum.rotation[:, 1])
    kept = candidates[ventral >= _VENTRAL_COSINE * np.linalg.norm(away, axis=1)]
    space = np.zeros(solid.shape, dtype=bool)
    space[tuple((kept + [s.start for s in box]).T)] = True
    return space
