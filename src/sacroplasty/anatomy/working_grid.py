"""The 1 mm working grid, and labels put on it without stair-steps."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.structures import Structure
from sacroplasty.geometry import Grid, Points, Volume

SPACING_MM = 1.0
_MARGIN_MM = 45.0
# A needle comes from dorsal and cranial (the sacrum is inclined): its whole way to the skin of a
# large patient belongs to the grid, as far as the CT reaches.
_TOWARDS_SKIN_MM = np.array([0.0, 65.0, 35.0])
# A distance beyond this says only "far": it keeps the interpolation local.
_FAR_MM = 30.0


def working_grid(labels: Volume[np.uint8], ct: Grid) -> Grid:
    """An axis-aligned 1 mm grid around the sacrum, inside the CT.

    `labels` (k, j, i) holds SACRUM somewhere. The margin is 45 mm, which takes in the SI joints,
    the posterior ilia and L5, and more towards the skin of the back, where needles come from.
    """
    kji = np.argwhere(labels.values == Structure.SACRUM)
    low, high = kji.min(axis=0), kji.max(axis=0)
    ends = np.array(
        [
            [a[n] for a, n in zip(zip(low, high, strict=True), bits, strict=True)]
            for bits in np.ndindex(2, 2, 2)
        ]
    )
    corners = labels.grid.points_at(ends)
    around = np.concatenate([corners.xyz, corners.xyz + _TOWARDS_SKIN_MM])
    return ct.aligned_box(Points(around, ct.frame), _MARGIN_MM, SPACING_MM)


def signed_distance(
    mask: NDArray[np.bool_], spacing_kji_mm: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Distance (k, j, i) in mm to the surface of `mask`: negative inside, positive outside."""
    if not mask.any():
        return np.full(mask.shape, _FAR_MM, dtype=np.float32)
    outside = ndimage.distance_transform_edt(~mask, sampling=spacing_kji_mm)
    inside = ndimage.distance_transform_edt(mask, sampling=spacing_kji_mm)
    return np.clip(outside - inside, -_FAR_MM, _FAR_MM).astype(np.float32)


def shaped_onto(labels: Volume[np.uint8], structure: Structure, grid: Grid) -> NDArray[np.float32]:
    """Signed distance (mm) of one structure on `grid`: shape-based interpolation.

    The signed distance is interpolated linearly instead of the label (Raya and Udupa's
    shape-based interpolation), so 3 mm slices give a slope and not a staircase.
    """
    mask = labels.values == structure
    if not mask.any():
        return np.full(grid.shape, _FAR_MM, dtype=np.float32)
    kji = np.argwhere(mask)
    margin = np.ceil(6.0 / np.asarray(labels.grid.spacing_kji_mm)).astype(int) + 1
    start = np.maximum(kji.min(axis=0) - margin, 0)
    stop = np.minimum(kji.max(axis=0) + margin + 1, mask.shape)
    box = tuple(slice(a, b) for a, b in zip(start.tolist(), stop.tolist(), strict=True))
    distance = signed_distance(mask[box], labels.grid.spacing_kji_mm)
    crop = labels.grid.cropped(tuple(start.tolist()), tuple(stop.tolist()))
    return _onto(Volume(distance, crop), grid)


def _onto(distance: Volume[np.float32], grid: Grid) -> NDArray[np.float32]:
    """`distance` on `grid`, sampled only where it reaches; "far" elsewhere."""
    reach = grid.kji_at(distance.grid.corners)
    start = np.clip(np.floor(reach.min(axis=0)).astype(int) - 1, 0, grid.shape)
    stop = np.clip(np.ceil(reach.max(axis=0)).astype(int) + 2, 0, grid.shape)
    values = np.full(grid.shape, _FAR_MM, dtype=np.float32)
    if (stop > start).all():
        box = tuple(slice(a, b) for a, b in zip(start.tolist(), stop.tolist(), strict=True))
        here = grid.cropped(tuple(start.tolist()), tuple(stop.tolist()))
        values[box] = distance.on(here, order=1, outside=_FAR_MM).values
    return values


def frame_grid(mask: Volume[np.bool_], rotation: NDArray[np.float64], margin_mm: float) -> Grid:
    """A 1 mm grid whose i, j, k run along the columns of `rotation`, around `mask`."""
    xyz = mask.grid.points_at(np.argwhere(mask.values)).xyz @ rotation
    low, high = xyz.min(axis=0) - margin_mm, xyz.max(axis=0) + margin_mm
    ni, nj, nk = (np.ceil((high - low) / SPACING_MM).astype(int) + 1).tolist()
    origin = Points.at(rotation @ low, mask.frame).single
    return Grid((nk, nj, ni), tuple(origin.tolist()), (SPACING_MM,) * 3, rotation, mask.frame)
