"""The ventral and the cranial surface of the sacrum: what lies beyond the tip.

The label map has no name for "presacral" or "above the ala"; both are the outer side of the bone,
told apart by the way the surface faces in the sacral frame. The layer of outer voxels that touch
the sacrum is split by the outward normal (gradient of the smoothed solid): *anterior* faces
ventrally and has no sacrum in front of it, *cranial* faces up and not dorsally, so that the sloping
dorsal surface, through which a needle enters, is neither.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Structure
from sacroplasty.geometry import Grid, Rigid

# Within 70 degrees of straight ventral: the ala slopes, and its front must count all over.
_VENTRAL_COSINE = 0.34
# Within 60 degrees of straight cranial, and not more than 30 degrees turned to dorsal.
_CRANIAL_COSINE = 0.5
_DORSAL_COSINE = 0.5
# Wide enough to iron out the voxel staircase, narrow enough to keep the edge of the ala.
_SMOOTHING_MM = 2.0
# The sacrum is deeper than this nowhere, so a ray of this length leaves it.
_RAY_MM = 100.0
_RAY_STEP_MM = 1.0

_FORAMINA = tuple(s for s in Structure if s.is_foramen)
_OUTER = (Structure.OUTSIDE, Structure.SOFT_TISSUE)


def sacral_surfaces(
    labels: NDArray[np.uint8], grid: Grid, scanner_from_sacrum: Rigid
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Outer voxels (k, j, i) on the anterior and on the cranial surface of the sacrum."""
    bone = labels == Structure.SACRUM
    box = _box_around(bone, pad=round(3.0 * _SMOOTHING_MM / grid.spacing_mm[0]))
    solid = np.isin(labels[box], [Structure.SACRUM, Structure.CANAL, *_FORAMINA])
    shell = ndimage.binary_dilation(bone[box], np.ones((3, 3, 3), bool))
    shell &= np.isin(labels[box], _OUTER)
    kji = np.argwhere(shell)
    facing = _facing(solid, kji, grid, scanner_from_sacrum)
    ventral_kji = _ventral_step(grid, scanner_from_sacrum)
    free = ~_meets(bone[box], kji, ventral_kji)
    anterior = (-facing[:, 1] >= _VENTRAL_COSINE) & free
    cranial = (facing[:, 2] >= _CRANIAL_COSINE) & (facing[:, 1] <= _DORSAL_COSINE)
    corner = np.array([side.start for side in box])
    return _marked(labels.shape, kji[anterior] + corner), _marked(
        labels.shape, kji[cranial] + corner
    )


def _box_around(mask: NDArray[np.bool_], pad: int) -> tuple[slice, slice, slice]:
    k, j, i = ndimage.find_objects(mask.astype(np.uint8))[0]
    grown = [
        slice(max(s.start - pad, 0), min(s.stop + pad, n))
        for s, n in zip((k, j, i), mask.shape, strict=True)
    ]
    return grown[0], grown[1], grown[2]


def _facing(
    solid: NDArray[np.bool_], kji: NDArray[np.int64], grid: Grid, scanner_from_sacrum: Rigid
) -> NDArray[np.float64]:
    """Outward unit normals (n, 3) in the sacral frame at voxels of the shell."""
    sigma = _SMOOTHING_MM / grid.spacing_mm[0]
    smooth = ndimage.gaussian_filter(solid.astype(np.float32), sigma)
    k, j, i = kji.T
    gradient = np.stack([np.asarray(g)[k, j, i] for g in np.gradient(smooth)], axis=1)
    outward = -gradient[:, ::-1].astype(np.float64) @ grid.direction.T
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-12)
    return scanner_from_sacrum.inverse.turn(outward)


def _ventral_step(grid: Grid, scanner_from_sacrum: Rigid) -> NDArray[np.float64]:
    """One ray step straight ventral, in voxels (k, j, i)."""
    ventral = scanner_from_sacrum.turn(np.array([0.0, -1.0, 0.0]))
    step = (ventral @ grid.direction) * _RAY_STEP_MM / np.asarray(grid.spacing_mm)
    return np.asarray(step[::-1])


def _meets(
    bone: NDArray[np.bool_], kji: NDArray[np.int64], step: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether the ray from each voxel along `step` meets bone, past the voxels it starts between."""
    hit = np.zeros(len(kji), dtype=bool)
    limit = np.asarray(bone.shape)
    for n in range(2, int(_RAY_MM / _RAY_STEP_MM)):
        at = np.rint(kji + n * step).astype(np.int64)
        within = ((at >= 0) & (at < limit)).all(axis=1)
        if not within.any():
            break
        k, j, i = at[within].T
        hit[within] |= bone[k, j, i]
    return hit


def _marked(shape: tuple[int, ...], kji: NDArray[np.int64]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(kji.T)] = True
    return mask
