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
_BESIDE = (
    Structure.SI_JOINT_LEFT,
    Structure.SI_JOINT_RIGHT,
    Structure.ILIUM_LEFT,
    Structure.ILIUM_RIGHT,
)
_OUTER = (Structure.OUTSIDE, Structure.SOFT_TISSUE)


def sacral_surfaces(
    labels: NDArray[np.uint8], grid: Grid, scanner_from_sacrum: Rigid
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Outer voxels (k, j, i): the anterior surface of the bony ring, the cranial one of the sacrum.

    The anterior surface goes on over the SI joints to the iliac bones, whose front a needle from
    the side may leave as well; behind the middle of the joints, where the iliac spines overhang the
    back of the sacrum, their surface is not anterior, whichever way it faces.
    """
    ring = np.isin(labels, (Structure.SACRUM, *_BESIDE))
    box = _box_around(ring, pad=round(3.0 * _SMOOTHING_MM / grid.spacing_mm[0]))
    ring, sacrum = ring[box], labels[box] == Structure.SACRUM
    solid = ring | np.isin(labels[box], [Structure.CANAL, *_FORAMINA])
    outer = np.isin(labels[box], _OUTER)
    kji = np.argwhere(ndimage.binary_dilation(ring, np.ones((3, 3, 3), bool)) & outer)
    facing = _facing(solid, kji, grid, scanner_from_sacrum)
    free = ~_meets(ring, kji, _ventral_step(grid, scanner_from_sacrum))
    of_sacrum = ndimage.binary_dilation(sacrum, np.ones((3, 3, 3), bool))[tuple(kji.T)]
    corner = np.array([side.start for side in box])
    dorsal_mm = scanner_from_sacrum.inverse(grid.points_at(kji + corner)).xyz[:, 1]
    in_front = dorsal_mm < _middle_of_joints_mm(labels, grid, scanner_from_sacrum)
    anterior = (-facing[:, 1] >= _VENTRAL_COSINE) & free & (of_sacrum | in_front)
    cranial = (facing[:, 2] >= _CRANIAL_COSINE) & (facing[:, 1] <= _DORSAL_COSINE) & of_sacrum
    return _marked(labels.shape, kji[anterior] + corner), _marked(
        labels.shape, kji[cranial] + corner
    )


def _middle_of_joints_mm(
    labels: NDArray[np.uint8], grid: Grid, scanner_from_sacrum: Rigid
) -> float:
    """Median y of the SI joints, sacral frame; minus infinity where there are none."""
    kji = np.argwhere(np.isin(labels, [Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT]))
    if not len(kji):
        return -np.inf
    return float(np.median(scanner_from_sacrum.inverse(grid.points_at(kji)).xyz[:, 1]))


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
