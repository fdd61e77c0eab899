"""A medium while it is made: arrays that clefts, cavities, tracts and veins are written into."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Grid, Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.tubes import Tube, walls_around
from sacroplasty.injection.veins import Vein

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(slots=True, eq=False)
class MediumDraft:
    """Arrays on the grid, flat but for the axes: along_mm2 (3, n) along k, j, i."""

    grid: Grid
    porosity: Floats
    along_mm2: Floats
    mean_mm2: Floats
    tract: NDArray[np.bool_]
    enclosed: NDArray[np.bool_]
    cleft: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.cleft = np.zeros_like(self.tract)

    def open_void(self, cells: Ints, share: Floats, permeability_mm2: float) -> None:
        """Voxels of which a share is an empty room: the rest keeps what it had, side by side."""
        self.porosity[cells] += share * (1.0 - self.porosity[cells])
        self.along_mm2[:, cells] += share * (permeability_mm2 - self.along_mm2[:, cells])
        self._mean_again(cells)

    def open_plates(self, cells: Ints, along_mm2: Floats, share: Floats) -> None:
        """Clefts (n, 3) along k, j, i beside the bone that they run through."""
        self.porosity[cells] += np.minimum(share, 1.0) * (1.0 - self.porosity[cells])
        self.along_mm2[:, cells] += along_mm2.T
        self.cleft[cells] = True
        self._mean_again(cells)

    def open_tract(self, tube: Tube, permeability_mm2: float, share: float) -> None:
        """The gap around a shaft, beside the bone and along the shaft only."""
        self.porosity[tube.cells] += share * (1.0 - self.porosity[tube.cells])
        self.along_mm2[:, tube.cells] += permeability_mm2 * tube.along_ijk[:, ::-1].T
        self.tract[tube.cells] = True
        self._mean_again(tube.cells)

    def finished(self, veins: tuple[Vein, ...]) -> BoneMedium:
        """The medium, with veins in place of what was there."""
        grid, h = self.grid, self.grid.spacing_mm[0]
        vein = np.zeros(self.porosity.size, dtype=np.bool_)
        # The widest last: where two veins share a voxel, it is the wider one's.
        for one in sorted(veins, key=lambda v: v.radius_mm):
            cells, tube = one.tube.cells, one.tube
            permeability = tube.permeability_mm2(np.pi * one.radius_mm**4 / 8.0, h)
            self.porosity[cells] = tube.void_share(np.pi * one.radius_mm**2, h)
            self.along_mm2[:, cells] = permeability
            self.mean_mm2[cells] = permeability
            vein[cells] = True
        return BoneMedium(
            Volume(self.porosity.reshape(grid.shape), grid),
            Volume(self.mean_mm2.reshape(grid.shape), grid),
            self.along_mm2.reshape(3, *grid.shape),
            walls_around(tuple(one.tube for one in veins), grid.shape),
            Volume(vein.reshape(grid.shape), grid),
            Volume(self.tract.reshape(grid.shape), grid),
            Volume(self.cleft.reshape(grid.shape), grid),
            Volume(self.enclosed.reshape(grid.shape), grid),
        )

    def _mean_again(self, cells: Ints) -> None:
        self.mean_mm2[cells] = np.cbrt(self.along_mm2[:, cells].prod(axis=0))
