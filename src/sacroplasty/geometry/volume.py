"""An array with its grid: sealed, croppable, resampled only on request."""

from collections.abc import Sequence
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
        """Values at points, shape (n,): `order` 0 nearest, 1 trilinear.

        A voxel reaches to its faces: between the outermost centres and the outer faces the edge
        value holds, beyond the faces it is `outside` (as `Grid.contains` says).
        """
        kji = self.grid.kji_at(points)
        found = ndimage.map_coordinates(
            self._numbers, kji.T, order=order, mode="nearest", output=np.float64, prefilter=False
        )
        return np.where(_within([*kji.T], self.grid.shape), found, outside)

    def on(self, grid: Grid, *, order: int = 1, outside: float = 0.0) -> "Volume[Scalar]":
        """Resampled onto `grid` of the same frame: `order` 0 for labels, 1 for intensities.

        Voxels of `grid` whose centres lie beyond this volume's outer faces become `outside`.
        """
        require_same_frame(self, grid)
        matrix, offset = _index_map(self.grid, grid)
        values = ndimage.affine_transform(
            self._numbers,
            matrix,
            offset,
            output_shape=grid.shape,
            order=order,
            prefilter=False,
            mode="nearest",
        )
        _, j, i = np.ogrid[:1, : grid.shape[1], : grid.shape[2]]
        for k in range(grid.shape[0]):
            kji = [
                m[0] * k + m[1] * j[0] + m[2] * i[0] + o
                for m, o in zip(matrix, offset, strict=True)
            ]
            values[k][~_within(kji, self.grid.shape)] = outside
        return Volume(values.astype(self.values.dtype, copy=False), grid)

    @property
    def _numbers(self) -> NDArray[np.generic]:
        """Values that can be interpolated: a mask counts 0 and 1."""
        return self.values.view(np.uint8) if self.values.dtype == np.bool_ else self.values


def _within(kji: Sequence[NDArray[np.float64]], shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Whether fractional indices (one array per axis) lie inside the outer voxel faces."""
    inside = [(c >= -0.5) & (c <= n - 0.5) for c, n in zip(kji, shape, strict=True)]
    return np.asarray(inside[0] & inside[1] & inside[2])


def _index_map(source: Grid, target: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``source_kji = matrix @ target_kji + offset``."""
    offset = source.kji_at(target.points_at(np.zeros(3)))[0]
    steps = source.kji_at(target.points_at(np.eye(3)))
    return (steps - offset).T, offset
