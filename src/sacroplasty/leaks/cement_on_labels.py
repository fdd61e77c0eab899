"""Cement on the label grid of a sacrum model, every cubic millimetre of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.cement import CementField
from sacroplasty.geometry import Grid, Volume, require_same_frame

# The label box is cut to the cement plus this margin: it must hold the bone next to the cement.
_MARGIN_MM = 15.0


@dataclass(frozen=True, eq=False, slots=True)
class CementOnLabels:
    """Cement per voxel (mm³, float64) with the labels and zones of the same box of voxels.

    Voxels beyond the model's own label grid count as soft tissue. coarse_mm: the larger of the
    voxel edges of cement and labels, which is what the classification can resolve.
    """

    cement_mm3: NDArray[np.float64]
    labels: NDArray[np.uint8]
    zones: NDArray[np.uint8]
    grid: Grid
    coarse_mm: float


def place_cement(cement: CementField, sacrum: SacrumModel) -> CementOnLabels:
    """Deposit a cement field of any grid on the label grid; the sum is kept to rounding.

    Each cement voxel is cut into equal parts no larger than half a label voxel, and each part goes
    whole to the label voxel that holds its centre. On equal grids this is the identity.
    """
    require_same_frame(cement, sacrum)
    labels = sacrum.labels
    kji, volume_mm3 = _parts(cement.fraction, labels.grid)
    low, high = _box(kji, sacrum)
    shape = tuple((high - low).tolist())
    flat = np.ravel_multi_index(tuple((kji - low).T), shape)
    placed = np.bincount(flat, weights=volume_mm3, minlength=int(np.prod(shape))).reshape(shape)
    i, j, k = labels.grid.spacing_mm
    origin = labels.grid.points_at(low).single
    grid = Grid(shape, tuple(origin.tolist()), (i, j, k), labels.grid.direction, labels.frame)
    coarse = max(*cement.fraction.grid.spacing_mm, *labels.grid.spacing_mm)
    return CementOnLabels(
        placed,
        _cut(labels, low, high, Structure.SOFT_TISSUE),
        _cut(sacrum.zones, low, high, 0),
        grid,
        coarse,
    )


def voxels_under(
    cement: CementField, placed: CementOnLabels, masks: Sequence[NDArray[np.bool_]]
) -> tuple[Volume[np.bool_], ...]:
    """For each mask on the label box, the cement's voxels that lie at least half in it."""
    if not masks:
        return ()
    grid = cement.fraction.grid
    wet = np.flatnonzero(cement.fraction.values.ravel() > 0)
    kji, _ = _parts(cement.fraction, placed.grid)
    found = []
    for mask in masks:
        share = mask[tuple(kji.T)].reshape(wet.size, -1).mean(axis=1)
        # A leak that is finer than any voxel of cement has those that hold most of it.
        most = share >= min(0.5, float(share.max()))
        voxels = np.zeros(grid.shape, dtype=np.bool_)
        voxels.ravel()[wet[most & (share > 0)]] = True
        found.append(Volume(voxels, grid))
    return tuple(found)


def _parts(
    fraction: Volume[np.float32], target: Grid
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Label voxel (n, 3) and volume (n,) of every part of the cement."""
    grid = fraction.grid
    where = np.argwhere(fraction.values > 0)
    finest = min(target.spacing_mm)
    counts = [max(1, int(np.ceil(2.0 * s / finest - 1e-9))) for s in grid.spacing_kji_mm]
    steps = [(np.arange(n) + 0.5) / n - 0.5 for n in counts]
    offsets = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    centres = (where[:, None, :] + offsets[None, :, :]).reshape(-1, 3)
    kji = np.floor(target.kji_at(grid.points_at(centres)) + 0.5).astype(np.int64)
    amounts = fraction.values[tuple(where.T)].astype(np.float64) * grid.voxel_mm3
    return kji, np.repeat(amounts / len(offsets), len(offsets))


def _box(
    kji: NDArray[np.int64], sacrum: SacrumModel
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Voxel box around the cement that holds some sacrum; it may reach beyond the label grid."""
    grid = sacrum.labels.grid
    whole = np.zeros(3, dtype=np.int64), np.asarray(grid.shape, dtype=np.int64)
    if not len(kji):
        return whole
    margin = np.ceil(_MARGIN_MM / np.asarray(grid.spacing_kji_mm)).astype(np.int64)
    first, last = kji.min(axis=0), kji.max(axis=0) + 1
    low = np.minimum(np.maximum(first - margin, 0), first)
    high = np.maximum(np.minimum(last + margin, whole[1]), last)
    if (_cut(sacrum.labels, low, high, Structure.SOFT_TISSUE) == Structure.SACRUM).any():
        return low, high
    return np.minimum(low, whole[0]), np.maximum(high, whole[1])


def _cut(
    volume: Volume[np.uint8], low: NDArray[np.int64], high: NDArray[np.int64], outside: int
) -> NDArray[np.uint8]:
    """``values[low:high]``, with `outside` beyond the array."""
    shape = np.asarray(volume.grid.shape)
    inner = [slice(max(a, 0), max(0, min(b, n))) for a, b, n in zip(low, high, shape, strict=True)]
    part = volume.values[tuple(inner)]
    if 0 in part.shape:
        return np.full(tuple((high - low).tolist()), outside, dtype=np.uint8)
    pads = [(int(s.start - a), int(b - s.stop)) for s, a, b in zip(inner, low, high, strict=True)]
    return np.pad(part, pads, constant_values=outside)
