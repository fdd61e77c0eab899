"""The SI joint spaces: thin space between sacrum and ilium."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# The joint is 1–5 mm wide; wider space between the bones is ligament.
_WIDEST_MM = 6.0


def joint_space(sacrum: NDArray[np.float32], ilium: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Voxels (k, j, i) between two bones given by signed distances (mm) to their surfaces.

    A voxel belongs to the joint where the way from bone to bone through it is at most 6 mm. Where
    the masks touch, the voxels on both sides of the contact are taken: a joint without a voxel
    could not be guarded.
    """
    between = (sacrum > 0) & (ilium > 0) & (sacrum + ilium <= _WIDEST_MM)
    contact = (sacrum <= 0) & ndimage.binary_dilation(ilium <= 0)
    return np.asarray(between | contact)
