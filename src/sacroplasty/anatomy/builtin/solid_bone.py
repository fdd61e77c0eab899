"""From cortex to solid bone: marrow filled, canal and foramina open, passers-by let go."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]

CORTEX_HU = 130.0  # above muscle and most enhanced vessels, below thin cortex blurred by 3 mm
_LEAK_MM = 4.0  # gaps in a thin cortex are narrower than twice this; the sacral canal is wider
_RETURN_MM = 5.0  # how far the outside flows back into crevices and foramina that a ball misses
_BLUR_LOSS_HU = 15.0  # a cortex loses this much contrast per mm of voxel beyond 1 mm
_SMOOTH_MM = 1.8
_OPEN_MM = 1.5  # necks thinner than twice this (vessels, ligaments) do not hold on to bone
_REGROW_MM = 4.0  # thin laminae are given back this far from the thick bone


def cortex_of(hu: NDArray[np.float32], voxel_mm: float) -> Mask:
    """Where HU is that of cortex, for a scan whose voxels are `voxel_mm` wide."""
    return np.asarray(hu > CORTEX_HU - _BLUR_LOSS_HU * _coarseness(voxel_mm))


def _coarseness(voxel_mm: float) -> float:
    """0 for a scan of 1 mm or finer, 2 for 3 mm and coarser: one step per mm of voxel."""
    return float(np.clip(voxel_mm - 1.0, 0.0, 2.0))


def filled_bone(
    cortex: Mask,
    step_mm: float,
    voxel_mm: float = 1.0,
    lateral_mm: float = 1.0,
    medial: slice = slice(None),
) -> Mask:
    """`cortex` with its marrow: everything that a ball of 4 mm cannot reach from outside.

    A coarse scan has wider gaps in its cortex: the ball grows by 2 mm per mm of `voxel_mm`, and
    outside the columns `medial`, where it closes no sacral foramina, per mm of `lateral_mm`. The
    reach of the ball alone would round every corner and close the small foramina, so the outside
    then flows back by 5 mm through what is not cortex.
    """
    open_space = ~cortex
    room = ndimage.distance_transform_edt(np.pad(open_space, 1, constant_values=True)) * step_mm
    outside = _reached(open_space, room, lateral_mm, step_mm)
    if lateral_mm != voxel_mm:
        outside[..., medial] = _reached(open_space, room, voxel_mm, step_mm)[..., medial]
    return np.asarray(ndimage.binary_fill_holes(_closed(~outside, _SMOOTH_MM / step_mm)))


def _reached(open_space: Mask, room: NDArray[np.float64], voxel_mm: float, step_mm: float) -> Mask:
    """What the ball for voxels of a width reaches from outside, and what flows back from there."""
    coarse = _coarseness(voxel_mm)
    leak, back = _LEAK_MM + 2 * coarse, _RETURN_MM - coarse
    labels, _ = ndimage.label(room > leak)
    outside = _touching_border(labels)[1:-1, 1:-1, 1:-1]
    steps = round(back / step_mm) + round(leak / step_mm)
    return np.asarray(ndimage.binary_dilation(outside, iterations=steps, mask=open_space))


def largest_solid(solid: Mask, territory: Mask, step_mm: float) -> Mask:
    """The largest thick piece of `solid` in `territory`, with the thin bone that belongs to it."""
    found = np.zeros_like(solid)
    if not (solid & territory).any():
        return found
    box = box_around(solid & territory, margin=1)
    mine = (solid & territory)[box]
    core = _largest(_opened(np.pad(mine, 1), _OPEN_MM / step_mm))[1:-1, 1:-1, 1:-1]
    if core.any():
        near = ndimage.distance_transform_edt(~core) <= _REGROW_MM / step_mm
        found[box] = _largest(mine & near)
    return found


def _touching_border(labels: NDArray[np.int32]) -> Mask:
    faces = [np.take(labels, e, axis=a).ravel() for a in range(3) for e in (0, -1)]
    reached = np.unique(np.concatenate(faces))
    return np.asarray(np.isin(labels, reached[reached > 0]))


def _closed(mask: Mask, radius: float) -> Mask:
    grown = ndimage.distance_transform_edt(~mask) <= radius
    return np.asarray(ndimage.distance_transform_edt(grown) > radius) | mask


def _opened(mask: Mask, radius: float) -> Mask:
    core = ndimage.distance_transform_edt(mask) > radius
    return np.asarray(ndimage.distance_transform_edt(~core) <= radius) & mask


def _largest(mask: Mask) -> Mask:
    labels, count = ndimage.label(mask)
    if count == 0:
        return mask
    return np.asarray(labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:])))


def box_around(mask: Mask, margin: int) -> tuple[slice, ...]:
    found = ndimage.find_objects(mask.astype(np.uint8))[0]
    return tuple(
        slice(max(s.start - margin, 0), min(s.stop + margin, n))
        for s, n in zip(found, mask.shape, strict=True)
    )
