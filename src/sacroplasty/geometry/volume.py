"""An array with its grid: sealed, croppable, resampled only on request."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.errors import BadInput
from sacroplasty.geometry.frame import Frame, require_same_frame
from sacroplasty.geometry.grid import Grid
from sacroplasty.geometry.points import Points

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False, slots=True)
class Volume(Generic[Scalar]):
    """`values` (k, j, i), read-only, on `grid`."""

    values: NDArray[Scalar]
    grid: Grid

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            raise BadInput(f"Array {self.values.shape} does not fit its grid {self.grid.shape}.")
        sealed = self.values.view()
        sealed.flags.writeable = False
        object.__setattr__(self, "values", sealed)

    @property
    def frame(self) -> Frame:
        """The frame that the grid lies in."""
        return self.grid.frame

    def cropped(
        self, start_kji: tuple[int, int, int], stop_kji: tuple[int, int, int]
    ) -> "Volume[Scalar]":
        """The sub-volume ``[start:stop]``."""
        box = tuple(slice(a, b) for a, b in zip(start_kji, stop_kji, strict=True))
        return Volume(self.values[box], self.grid.cropped(start_kji, stop_kji))

    def at(self, points: Points, *, order: int = 1, outside: float = 0.0) -> NDArray[np.float64]:
        """Values at points, shape (n,): `order` 0 nearest, 1 trilinear."""
        kji = self.grid.kji_at(points)
        return np.asarray(
            ndimage.map_coordinates(
                self.values, kji.T, order=order, cval=outside, output=np.float64, prefilter=False
            )
        )

    def on(self, grid: Grid, *, order: int = 1, outside: float = 0.0) -> "Volume[Scalar]":
        """Resampled onto `grid` of the same frame: `order` 0 for labels, 1 for intensities.

        Voxels of `grid` outside this volume become `outside`.
        """
        require_same_frame(self, grid)
        matrix, offset = _index_map(self.grid, grid)
        source = self.values if self.values.dtype != np.bool_ else self.values.astype(np.uint8)
        values = ndimage.affine_transform(
            source,
            matrix,
            offset,
            output_shape=grid.shape,
            order=order,
            cval=outside,
            prefilter=False,
            mode="constant",
        )
        return Volume(values.astype(self.values.dtype, copy=False), grid)


def _index_map(source: Grid, target: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``source_kji = matrix @ target_kji + offset``."""
    offset = source.kji_at(target.points_at(np.zeros(3)))[0]
    steps = source.kji_at(target.points_at(np.eye(3)))
    return (steps - offset).T, offset
