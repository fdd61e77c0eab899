"""A porous medium on voxels: room, permeability along each axis, and walls between voxels."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Volume


@dataclass(frozen=True, eq=False, slots=True)
class BoneMedium:
    """What cement flows through, on one isotropic grid.

    porosity: share of each voxel that cement can take, 0 (no path) to 1.
    permeability_mm2: Darcy permeability, the geometric mean over the axes.
    along_kji_mm2: permeability along the array axes, (3, k, j, i) in the order k, j, i; a face
    takes the entry of the axis that it stands across. Isotropic where it is not given.
    walls: (k, j, i) bits of tight faces, 1 << f with f = 0…5 for +i, −i, +j, −j, +k, −k; every wall
    is set on both its sides. vein, tract, cleft: voxels of a vein, of the
    gap along a needle, and of a fracture cleft.
    enclosed: voxels whose marrow gets out through their openings only; elsewhere it drains freely.
    """

    porosity: Volume[np.float64]
    permeability_mm2: Volume[np.float64]
    along_kji_mm2: NDArray[np.float64] = field(default=None)  # type: ignore[arg-type]
    walls: NDArray[np.uint8] = field(default=None)  # type: ignore[arg-type]
    vein: Volume[np.bool_] = field(default=None)  # type: ignore[arg-type]
    tract: Volume[np.bool_] = field(default=None)  # type: ignore[arg-type]
    cleft: Volume[np.bool_] = field(default=None)  # type: ignore[arg-type]
    enclosed: Volume[np.bool_] = field(default=None)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        self._fill_in()
        if self.porosity.grid != self.permeability_mm2.grid:
            raise BadInput("Porosity and permeability of a medium must share one grid.")
        if len(set(self.grid.spacing_mm)) != 1:
            raise BadInput(f"A flow grid must be isotropic; got {self.grid.spacing_mm} mm.")
        shapes = (self.along_kji_mm2.shape[1:], self.walls.shape)
        masks = [mask.values.shape for mask in (self.vein, self.tract, self.cleft, self.enclosed)]
        if self.along_kji_mm2.shape[0] != 3 or {*shapes, *masks} != {self.grid.shape}:
            raise BadInput(
                f"Axes, walls and masks of a medium must fit its grid {self.grid.shape}; got "
                f"{self.along_kji_mm2.shape}, {self.walls.shape} and {masks}."
            )
        for name, values in (
            ("porosity", self.porosity.values),
            ("permeability", self.permeability_mm2.values),
            ("permeability along the axes", self.along_kji_mm2),
        ):
            least, most = values.min(), values.max()
            if not (least >= 0 and np.isfinite(most)):
                raise BadInput(f"The {name} of a medium must be finite and not negative.")
        if self.porosity.values.max() > 1:
            raise BadInput("The porosity of a medium must not exceed 1.")

    def _fill_in(self) -> None:
        """What was not given: isotropic, no walls, and masks of nothing. All is sealed."""
        mean = self.permeability_mm2.values
        along = np.broadcast_to(mean, (3, *mean.shape))
        along = along if self.along_kji_mm2 is None else self.along_kji_mm2.view()
        walls = np.broadcast_to(np.uint8(0), self.grid.shape)
        walls = walls if self.walls is None else self.walls.view()
        for name, sealed in (("along_kji_mm2", along), ("walls", walls)):
            sealed.flags.writeable = False
            object.__setattr__(self, name, sealed)
        for name in ("vein", "tract", "cleft", "enclosed"):
            if getattr(self, name) is None:
                nowhere = np.broadcast_to(np.bool_(False), self.grid.shape)
                object.__setattr__(self, name, Volume(nowhere, self.grid))

    @property
    def grid(self) -> Grid:
        """The flow grid."""
        return self.porosity.grid

    @property
    def frame(self) -> Frame:
        """The scanner frame."""
        return self.grid.frame

    @property
    def is_isotropic(self) -> bool:
        """Whether all axes have one permeability everywhere."""
        return bool((self.along_kji_mm2 == self.permeability_mm2.values).all())
