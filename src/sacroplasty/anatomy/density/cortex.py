"""Cortex against trabecular bone of the sacrum, at half height between marrow and shell."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.density.sacral_box import box_round
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.imaging import AIR_HU, CTVolume

# Deeper dense bone is a sclerotic band, a fused endplate or a bone island: it is not shell.
_DEEPEST_CORTEX_MM = 5.0
_DEEP_MARROW_MM = 6.0
_SHELL_MM = 3.0
_SHELL_PERCENTILE = 90.0


class BoneKind(IntEnum):
    """Values of the map that `split_cortex` gives."""

    OUTSIDE = 0
    CORTEX = 1
    TRABECULAR = 2


def split_cortex(ct: CTVolume, sacrum: SacrumModel) -> Volume[np.uint8]:
    """`BoneKind` of every voxel (k, j, i) of the model's grid; OUTSIDE the sacral bone 0.

    The edge between shell and marrow is put where the image is halfway between the two: a sharp
    edge that a symmetric point spread has blurred stays at half height. Marrow is the median HU
    deeper than 6 mm, shell the 90th percentile of the outer 3 mm. Cortex is what is above half
    height, within 5 mm of the surface and connected to it, and always the outermost voxel. A
    cortex thinner than the point spread is drawn too thick (its peak is lost in the blur), so the
    map says where marrow may be measured; it is no measure of cortical thickness.
    Raises `FrameMismatch`.
    """
    require_same_frame(ct, sacrum)
    kinds = np.zeros(sacrum.labels.grid.shape, dtype=np.uint8)
    bone = sacrum.mask(Structure.SACRUM)
    start, stop = box_round(bone, margin=2)
    box = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    grid = sacrum.labels.grid.cropped(start, stop)
    hu = ct.volume.on(grid, order=1, outside=AIR_HU).values
    kinds[box] = _kinds(bone[box], hu, grid.spacing_kji_mm)
    return Volume(kinds, sacrum.labels.grid)


def marrow_core(
    kinds: Volume[np.uint8], sacrum: SacrumModel, margin_mm: float
) -> NDArray[np.bool_]:
    """Trabecular bone further than `margin_mm` from cortex and from everything that is not bone.

    The margin keeps the blur of the shell, of nerve roots and of joints out of the marrow's HU.
    """
    require_same_frame(kinds, sacrum)
    core = np.zeros(kinds.values.shape, dtype=bool)
    inside = kinds.values == BoneKind.TRABECULAR
    start, stop = box_round(inside, margin=1)
    box = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    depth = ndimage.distance_transform_edt(inside[box], sampling=kinds.grid.spacing_kji_mm)
    core[box] = depth > margin_mm
    return core


def _kinds(
    bone: NDArray[np.bool_], hu: NDArray[np.int16], spacing_kji_mm: tuple[float, float, float]
) -> NDArray[np.uint8]:
    depth = ndimage.distance_transform_edt(bone, sampling=spacing_kji_mm)
    shell = bone & (depth <= _SHELL_MM)
    deep = depth > _DEEP_MARROW_MM
    marrow = float(np.median(hu[deep if deep.any() else bone]))
    peak = float(np.percentile(hu[shell], _SHELL_PERCENTILE))
    outermost = bone & (depth <= max(spacing_kji_mm))
    dense = bone & (depth <= _DEEPEST_CORTEX_MM) & (hu >= 0.5 * (marrow + peak))
    cortex = ndimage.binary_propagation(outermost, mask=outermost | dense)
    kinds = np.where(bone, BoneKind.TRABECULAR, BoneKind.OUTSIDE).astype(np.uint8)
    kinds[cortex] = BoneKind.CORTEX
    return kinds
