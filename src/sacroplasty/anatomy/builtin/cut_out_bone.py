"""Scans from which everything but bone was cut out: the border is the one that was drawn."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume

# The pelvic hollow, (low, high) of x, y and z: in a whole scan it is noisy, never one value.
_HOLLOW_MM = ((-45.0, 45.0), (-60.0, -20.0), (-60.0, 0.0))
_CONSTANT_SHARE = 0.6


def cut_out_bone(
    ct: CTVolume, hu: Volume[np.float32], axes: PelvisAxes
) -> NDArray[np.bool_] | None:
    """The bone that was left on the scan, (nk, nj, ni), or None for a scan that shows more."""
    hollow = hu.values[_hollow(axes)]
    background = np.median(hollow)
    if np.mean(hollow == background) < _CONSTANT_SHARE:
        return None
    kept = Volume((ct.hu != background).astype(np.float32), ct.grid)
    return np.asarray(ndimage.binary_fill_holes(kept.on(axes.grid, order=1).values > 0.5))


def _hollow(axes: PelvisAxes) -> tuple[slice, slice, slice]:
    x, y, z = (
        slice(*np.searchsorted(centres, limits))
        for centres, limits in zip((axes.x_mm, axes.y_mm, axes.z_mm), _HOLLOW_MM, strict=True)
    )
    return z, y, x
