"""Rooms that an osteotome or a balloon has made."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Points, require_same_frame
from sacroplasty.units import mm3_from_ml

# Samples per voxel edge when a cavity is measured against voxels.
_SAMPLES = 4


@dataclass(frozen=True, eq=False, slots=True)
class Cavity:
    """All points within `radius_mm` of the line from `start` to `end` (LPS mm): sphere or capsule."""

    start: Points
    end: Points
    radius_mm: float

    def __post_init__(self) -> None:
        require_same_frame(self.start, self.end)
        if len(self.start) != 1 or len(self.end) != 1:
            raise BadInput("A cavity lies between one point and another.")
        if not (math.isfinite(self.radius_mm) and self.radius_mm > 0):
            raise BadInput(f"A cavity needs a radius of more than 0 mm; got {self.radius_mm} mm.")

    @classmethod
    def balloon(cls, centre: Points, volume_ml: float) -> Self:
        """A ball of a volume."""
        if not (math.isfinite(volume_ml) and volume_ml > 0):
            raise BadInput(f"A balloon cavity needs more than 0 mL; got {volume_ml} mL.")
        radius = (3.0 * mm3_from_ml(volume_ml) / (4.0 * math.pi)) ** (1.0 / 3.0)
        return cls(centre, centre, radius)

    @property
    def frame(self) -> Frame:
        """The frame that it lies in."""
        return self.start.frame

    def coverage(self, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Flat voxels (n,) of `grid` that it touches, and the share (n,) of each that it takes."""
        require_same_frame(self, grid)
        ends = grid.kji_at(Points(np.vstack([self.start.xyz, self.end.xyz]), self.frame))
        h = grid.spacing_mm[0]
        reach = self.radius_mm / h + 1.0
        low = np.maximum(np.floor(ends.min(axis=0) - reach).astype(int), 0)
        high = np.minimum(np.ceil(ends.max(axis=0) + reach).astype(int) + 1, grid.shape)
        if (low >= high).any():
            raise BadInput(
                f"The cavity at {np.round(self.start.single, 1).tolist()} mm lies outside the flow "
                "grid; move it to the needle's tip."
            )
        axes = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
        kji = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        kji = kji[_distance(kji.astype(np.float64), ends) <= self.radius_mm / h + 0.9]
        steps = (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5
        samples = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
        inside = _distance(kji[:, None, :] + samples, ends) <= self.radius_mm / h
        share = inside.mean(axis=1)
        cells = np.ravel_multi_index(tuple(kji.T), grid.shape)
        return np.asarray(cells[share > 0], dtype=np.int64), share[share > 0]


def _distance(kji: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance (…) of points (…, 3) from the segment between two ends, in voxels."""
    along = ends[1] - ends[0]
    length = float(along @ along)
    t = np.clip(((kji - ends[0]) @ along) / length, 0.0, 1.0) if length > 0 else np.zeros(1)
    return np.asarray(np.linalg.norm(kji - ends[0] - t[..., None] * along, axis=-1))
