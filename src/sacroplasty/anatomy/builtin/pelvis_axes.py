"""The pelvis's own axes: a box around the template's place, sampled in template millimetres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.builtin.pose import PelvisPose
from sacroplasty.geometry import Frame, Grid

_LOW_MM = (-160.0, -135.0, -130.0)
_HIGH_MM = (160.0, 100.0, 95.0)
_STEP_MM = 1.25  # about the in-plane pixel of a body CT


@dataclass(frozen=True, eq=False, slots=True)
class PelvisAxes:
    """Voxel centres along x (left), y (dorsal), z (cranial) of the pelvis-aligned `grid`, mm."""

    grid: Grid
    x_mm: NDArray[np.float64]
    y_mm: NDArray[np.float64]
    z_mm: NDArray[np.float64]

    @classmethod
    def around(cls, pose: PelvisPose, frame: Frame) -> "PelvisAxes":
        """The box that holds both ilia and L5, along the axes of `pose`."""
        grid = pose.grid(_LOW_MM, _HIGH_MM, _STEP_MM, frame)
        nk, nj, ni = grid.shape
        x, y, z = (
            np.asarray(low + _STEP_MM * np.arange(n), dtype=np.float64)
            for low, n in zip(_LOW_MM, (ni, nj, nk), strict=True)
        )
        return cls(grid, x, y, z)

    @property
    def step_mm(self) -> float:
        """Voxel spacing."""
        return self.grid.spacing_mm[0]

    def index(self, axis: str, value_mm: float) -> int:
        """The voxel nearest to a coordinate along "x", "y" or "z"."""
        centres = {"x": self.x_mm, "y": self.y_mm, "z": self.z_mm}[axis]
        return int(np.clip(np.rint((value_mm - centres[0]) / self.step_mm), 0, len(centres) - 1))
