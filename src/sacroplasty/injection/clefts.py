"""Fracture clefts as parallel plates on voxels.

Between parallel plates of the aperture b, Q = −(b³ w / 12 μ) ∂p/∂l per width w. A plate with the
unit normal n cuts the voxels whose centres lie within ½ h |n|₁ of it (|n|₁ = Σ|n_a|): a set of
voxels that hang together by faces. Each carries the share b / (h |n|₁) of
void, so that the volume is right, and

    K_a = b³ / (12 h (|n|₁ − |n_a|))    along every axis a.

In that set the share 1 − |n_a| / |n|₁ of the voxels has a neighbour along a, and there are |n|₁/h²
voxels per area of the plate. A pressure with the gradient g in the plate drops by h g·(e_a − n_a n)
over a face along a, so the power is (b³/12) Σ_a (g·(e_a − n_a n))² = (b³/12) g², that of the plate,
in every direction. Where two components of n are not zero that is exact; where all three are, the
voxels' pressure departs a little from the plane's and the plate conducts somewhat too little.
tests/injection_medium/test_clefts.py measures it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Fracture, FractureLimb, FractureSource, SacrumModel, Structure
from sacroplasty.geometry import Grid
from sacroplasty.injection.cleft_sheet import CleftSheet

Floats = NDArray[np.float64]

# Steps of a nearly axis-parallel plate are rare: a bounded K there costs less than 2 % of the flow
# and keeps the mean over the axes, which the shear rate takes, near that along the plate.
_LEAST_LEAN = 0.25
# A corner this near to the sheet counts as on its near side, whatever rounding says.
_ON_IT_MM = 1e-6
# A cleft may have been segmented as a gap in the sacrum, this far from bone.
_OUTSIDE_MM = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class CleftCells:
    """Voxels that clefts run through.

    cells: flat indices (n,). conduction_kji (n, 3): K along k, j, i per b³, 1/mm. share: void per b
    in every voxel, 1/mm.
    """

    cells: NDArray[np.int64]
    conduction_kji: Floats
    share: Floats


def is_trusted(fracture: Fracture | None) -> bool:
    """Whether the user drew or confirmed it; a suggestion nobody confirmed opens no cleft."""
    return fracture is not None and (fracture.confirmed or fracture.source is FractureSource.USER)


def fracture_cells(
    fracture: Fracture | None, sacrum: SacrumModel, grid: Grid, labels: NDArray[np.uint8]
) -> CleftCells:
    """All limbs of a trusted fracture in sacral bone and in gaps of it; limbs that cross add up."""
    none = CleftCells(np.zeros(0, dtype=np.int64), np.zeros((0, 3)), np.zeros(0))
    if fracture is None or not is_trusted(fracture):
        return none
    bone = labels == Structure.SACRUM
    steps = max(1, round(_OUTSIDE_MM / grid.spacing_mm[0]))
    gap = ndimage.binary_dilation(bone, iterations=steps) & (labels == Structure.SOFT_TISSUE)
    parts = [
        plate_cells(CleftSheet.through(limb.cleft.xyz, _outward(limb, sacrum)), grid, bone | gap)
        for limb in fracture.limbs
    ]
    cells = np.concatenate([part.cells for part in parts])
    conduction = np.concatenate([part.conduction_kji for part in parts])
    share = np.concatenate([part.share for part in parts])
    once, where = np.unique(cells, return_inverse=True)
    summed = CleftCells(once, np.zeros((once.size, 3)), np.zeros(once.size))
    np.add.at(summed.conduction_kji, where, conduction)
    np.add.at(summed.share, where, share)
    return summed


def plate_cells(sheet: CleftSheet, grid: Grid, allowed: NDArray[np.bool_]) -> CleftCells:
    """Voxels of `allowed` (k, j, i) that a sheet cuts: not all their corners lie on one side of it.

    Neighbours share corners, so the voxels of a sheet hang together by faces wherever it runs.
    """
    h = grid.spacing_mm[0]
    cells = _near(sheet, grid, allowed)
    kji = np.stack(np.unravel_index(cells, grid.shape), axis=1)
    away, normals, reached = sheet.at(grid.points_at(kji).xyz)
    close = reached & (np.abs(away) <= h)
    cells, kji, normals = cells[close], kji[close], normals[close]
    cut = _cut(sheet, grid, kji)
    lean = np.abs(normals[cut] @ grid.direction)[:, ::-1]
    sum_of_lean = lean.sum(axis=1)
    open_to = np.maximum(sum_of_lean[:, None] - lean, _LEAST_LEAN)
    return CleftCells(cells[cut], 1.0 / (12.0 * h * open_to), 1.0 / (h * sum_of_lean))


def _cut(sheet: CleftSheet, grid: Grid, kji: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each voxel (n, 3) has corners on both sides; each corner is looked at once."""
    corners = (kji[:, None, :] + np.indices((2, 2, 2)).reshape(3, 8).T).reshape(-1, 3)
    shape = tuple(n + 1 for n in grid.shape)
    once, where = np.unique(np.ravel_multi_index(tuple(corners.T), shape), return_inverse=True)
    at = np.stack(np.unravel_index(once, shape), axis=1) - 0.5
    away = sheet.at(grid.points_at(at).xyz)[0]
    beyond = (away > _ON_IT_MM)[where].reshape(-1, 8)
    return np.asarray(beyond.any(axis=1) & ~beyond.all(axis=1))


def _near(sheet: CleftSheet, grid: Grid, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Flat voxels of `allowed` in the plane's slab: all that can lie on the sheet."""
    cells = np.flatnonzero(allowed)
    xyz = grid.points_at(np.stack(np.unravel_index(cells, grid.shape), axis=1)).xyz
    own = (xyz - sheet.centre) @ sheet.axes.T
    size = np.asarray(sheet.rest_mm.shape)
    inside = (own[:, :2] >= sheet.corner_mm).all(axis=1)
    inside &= (own[:, :2] <= sheet.corner_mm + size).all(axis=1)
    return np.asarray(cells[inside], dtype=np.int64)


def _outward(limb: FractureLimb, sacrum: SacrumModel) -> Floats:
    """Away from the midline, or up: the same in a patient and in his mirror image."""
    own = sacrum.scanner_from_sacrum.inverse(limb.cleft).xyz
    towards = np.array([np.sign(own[:, 0].mean()) or 1.0, 0.0, 0.1])
    if limb.horizontal:
        towards = np.array([0.0, 0.0, 1.0])
    return np.asarray(sacrum.scanner_from_sacrum.turn(towards))
