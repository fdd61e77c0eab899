"""Marrow of L5: the nearest lumbar vertebra, for which published densities exist."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.density.sacral_box import box_round
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume

_LARGEST_BALL_MM = 10.0  # the oval that a reader draws into a vertebral body
_DEEPEST_SHARE = 0.9


def l5_marrow(ct: CTVolume, sacrum: SacrumModel, margin_mm: float) -> NDArray[np.int16]:
    """HU of a ball in the body of L5, in the CT's own voxels, shape (n,); empty where L5 is absent.

    The ball sits at the deepest place inside L5 (no pedicle or lamina is as thick as the body),
    has a radius of at most 10 mm and stays `margin_mm` away from cortex and endplates.
    """
    bone = sacrum.mask(Structure.L5)
    if not bone.any():
        return np.zeros(0, dtype=np.int16)
    start, stop = box_round(bone, margin=1)
    box = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    grid = sacrum.labels.grid.cropped(start, stop)
    # Padded: what lies beyond a cut edge of the grid is not known to be bone.
    padded = np.pad(bone[box], 1)
    depth = ndimage.distance_transform_edt(padded, sampling=grid.spacing_kji_mm)[1:-1, 1:-1, 1:-1]
    parts, _ = ndimage.label(depth >= _DEEPEST_SHARE * depth.max())
    largest = 1 + int(np.bincount(parts.ravel())[1:].argmax())
    centre = np.argwhere(parts == largest).mean(axis=0)
    radius = min(_LARGEST_BALL_MM, float(depth.max()) - margin_mm)
    k, j, i = np.indices(grid.shape)
    squares = (
        ((axis - c) * step) ** 2
        for axis, c, step in zip((k, j, i), centre, grid.spacing_kji_mm, strict=True)
    )
    ball = (sum(squares) <= radius**2) & (depth > margin_mm)
    return ct.hu[Volume(ball.astype(np.uint8), grid).on(ct.grid, order=0).values > 0]
