"""A voxel grid: the only place where an index becomes a point."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry.frame import Frame, require_same_frame
from sacroplasty.geometry.points import Points

_ORTHONORMAL_TOLERANCE = 1e-4
_ROUNDING = 1e-6  # 0.3 mm hold three steps of 0.1 mm, whatever floating point says


@dataclass(frozen=True, eq=False, slots=True)
class Grid:
    """Voxel centres of an array (k, j, i) in patient space.

    shape: (nk, nj, ni). origin_mm: LPS of voxel (0, 0, 0), order (x, y, z).
    spacing_mm: distance between neighbours along **i, j, k** (so it pairs with the columns of
    `direction`, like SimpleITK's). direction: (3, 3), column 0 is the unit step of i in LPS,
    column 1 of j, column 2 of k; orthonormal and right-handed (a mirrored array is flipped by the
    reader, once, and recorded).
    """

    shape: tuple[int, int, int]
    origin_mm: tuple[float, float, float]
    spacing_mm: tuple[float, float, float]
    direction: NDArray[np.float64]
    frame: Frame

    def __post_init__(self) -> None:
        direction = np.array(self.direction, dtype=np.float64).reshape(3, 3)
        direction.flags.writeable = False
        object.__setattr__(self, "direction", direction)
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        object.__setattr__(self, "origin_mm", tuple(float(x) for x in self.origin_mm))
        object.__setattr__(self, "spacing_mm", tuple(float(s) for s in self.spacing_mm))
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise BadInput(f"A volume needs three axes of at least one voxel; got {self.shape}.")
        numbers = np.concatenate([self.origin_mm, self.spacing_mm, direction.ravel()])
        if not np.isfinite(numbers).all() or min(self.spacing_mm) <= 0:
            raise BadInput(
                f"A volume needs finite positions and positive spacing; got {self.spacing_mm} mm."
            )
        if not np.allclose(direction.T @ direction, np.eye(3), atol=_ORTHONORMAL_TOLERANCE):
            raise BadInput("The volume's axes are sheared: they are not at right angles.")
        if np.linalg.det(direction) < 0:
            raise BadInput("The volume's axes are mirrored (left-handed).")

    @classmethod
    def axis_aligned(
        cls,
        shape: tuple[int, int, int],
        origin_mm: tuple[float, float, float],
        spacing_mm: tuple[float, float, float],
        frame: Frame,
    ) -> "Grid":
        """A grid whose i, j, k run along patient left, posterior, superior."""
        return cls(shape, origin_mm, spacing_mm, np.eye(3), frame)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Grid)
            and self.frame == other.frame
            and self.shape == other.shape
            and self.origin_mm == other.origin_mm
            and self.spacing_mm == other.spacing_mm
            and np.array_equal(self.direction, other.direction)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def voxel_mm3(self) -> float:
        """Volume of one voxel."""
        return float(np.prod(self.spacing_mm))

    @property
    def spacing_kji_mm(self) -> tuple[float, float, float]:
        """Spacing in array order, for `scipy.ndimage` (sampling along k, j, i)."""
        i, j, k = self.spacing_mm
        return (k, j, i)

    def points_at(self, kji: NDArray[np.generic]) -> Points:
        """Centres of (fractional) voxel indices (n, 3), order (k, j, i)."""
        ijk = np.asarray(kji, dtype=np.float64).reshape(-1, 3)[:, ::-1]
        return Points((ijk * self.spacing_mm) @ self.direction.T + self.origin_mm, self.frame)

    def kji_at(self, points: Points) -> NDArray[np.float64]:
        """Fractional voxel indices (n, 3), order (k, j, i), of points."""
        require_same_frame(self, points)
        ijk = ((points.xyz - np.asarray(self.origin_mm)) @ self.direction) / self.spacing_mm
        return np.asarray(ijk[:, ::-1])

    def contains(self, points: Points) -> NDArray[np.bool_]:
        """Whether each point lies inside the outer voxel faces, shape (n,)."""
        kji = self.kji_at(points)
        return np.asarray(((kji >= -0.5) & (kji <= np.asarray(self.shape) - 0.5)).all(axis=1))

    @property
    def corners(self) -> Points:
        """The eight outermost voxel centres, shape (8, 3)."""
        last = np.asarray(self.shape) - 1
        bits = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1).T
        return self.points_at(bits * last)

    def cropped(self, start_kji: tuple[int, int, int], stop_kji: tuple[int, int, int]) -> "Grid":
        """The grid of ``array[start:stop]`` along each axis; the box must lie inside."""
        start, stop = np.asarray(start_kji), np.asarray(stop_kji)
        if (start < 0).any() or (stop > self.shape).any() or (stop <= start).any():
            raise BadInput(f"Crop {start_kji}–{stop_kji} does not fit a volume of {self.shape}.")
        origin = self.points_at(start).single
        k, j, i = (stop - start).tolist()
        return Grid((k, j, i), tuple(origin.tolist()), self.spacing_mm, self.direction, self.frame)

    def aligned_box(self, points: Points, margin_mm: float, spacing_mm: float) -> "Grid":
        """An axis-aligned isotropic grid around `points`, within this grid's own extent."""
        require_same_frame(self, points)
        low = np.maximum(points.xyz.min(axis=0) - margin_mm, self.corners.xyz.min(axis=0))
        high = np.minimum(points.xyz.max(axis=0) + margin_mm, self.corners.xyz.max(axis=0))
        ni, nj, nk = (np.floor((high - low) / spacing_mm + _ROUNDING).astype(int) + 1).tolist()
        return Grid.axis_aligned((nk, nj, ni), tuple(low.tolist()), (spacing_mm,) * 3, self.frame)
