"""Tight blocks with one thing in them that conducts."""

import numpy as np
from numpy.typing import NDArray

from box_patient import FRAME
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.injection import BoneMedium
from sacroplasty.injection.cleft_sheet import CleftSheet
from sacroplasty.injection.clefts import CleftCells, plate_cells
from sacroplasty.injection.medium_draft import MediumDraft
from sacroplasty.injection.tubes import Tube, tube_of, walk
from sacroplasty.injection.veins import Vein

TIGHT_MM2 = 0.0


def block(n: int, h: float = 1.0) -> Grid:
    """A cube of n voxels around the origin, a little off it so that nothing falls on a corner."""
    first = -0.5 * (n - 1) * h + 0.13
    return Grid.axis_aligned((n, n, n), (first,) * 3, (h,) * 3, FRAME)


def tight(grid: Grid, permeability_mm2: float = TIGHT_MM2, porosity: float = 0.1) -> MediumDraft:
    """Bone that lets nothing through."""
    size = int(np.prod(grid.shape))
    return MediumDraft(
        grid,
        np.full(size, porosity),
        np.full((3, size), permeability_mm2),
        np.full(size, permeability_mm2),
        np.zeros(size, dtype=np.bool_),
    )


def plane(grid: Grid, normal: NDArray[np.float64]) -> CleftCells:
    """Voxels of a plane through the origin, found from a limb one voxel thick as anatomy gives it."""
    xyz = grid.points_at(np.argwhere(np.ones(grid.shape, bool))).xyz
    limb = xyz[np.abs(xyz @ normal) <= 0.5 * grid.spacing_mm[0]]
    sheet = CleftSheet.through(limb, np.array([1.0, 0.2, 0.3]))
    return plate_cells(sheet, grid, np.ones(grid.shape, bool))


def with_plate(grid: Grid, cells: CleftCells, aperture_mm: float) -> BoneMedium:
    """Tight bone with a cleft."""
    draft = tight(grid)
    b = aperture_mm
    draft.open_plates(cells.cells, b**3 * cells.conduction_kji, b * cells.share)
    return draft.finished(())


def tube_between(grid: Grid, start: NDArray[np.float64], end: NDArray[np.float64]) -> Tube:
    """The chain of voxels between two points in mm."""
    line = grid.kji_at(Points(np.stack([start, end]), FRAME))
    cells, whole = walk(line, np.ones(grid.shape, bool))
    return tube_of(cells, line, whole, grid.shape, grid.spacing_mm[0])


def with_vein(grid: Grid, tube: Tube, radius_mm: float, around_mm2: float) -> BoneMedium:
    """A vein in something else."""
    return tight(grid, around_mm2).finished((Vein(tube, radius_mm),))


def cell_mask(grid: Grid, cell: int) -> NDArray[np.bool_]:
    """One voxel."""
    mask = np.zeros(int(np.prod(grid.shape)), dtype=np.bool_)
    mask[cell] = True
    return mask.reshape(grid.shape)


def isotropic(grid: Grid, permeability_mm2: float, porosity: float = 0.9) -> BoneMedium:
    """Even bone."""
    return BoneMedium(
        Volume(np.full(grid.shape, porosity), grid),
        Volume(np.full(grid.shape, permeability_mm2), grid),
    )
