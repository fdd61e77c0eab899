"""A hollow steel needle with its plastic hub, and the part of every voxel that it fills."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Points, require_same_frame

FloatArray = NDArray[np.float64]
_PART_MM = 0.3  # a voxel is asked at points no farther apart: about the thickness of a wall
_HUB_LENGTH_MM, _HUB_RADIUS_MM = 22.0, 6.0
_SHORTEST_MM, _LONGEST_MM = 30.0, 250.0


@dataclass(frozen=True, eq=False, slots=True)
class SteelNeedle:
    """A straight tube from `tip` (flat, where cement would leave) through `entry` on the skin.

    entry, tip: single points (LPS mm) of one frame; length_mm: tip to the end of the shaft in the
    hub, so that what is longer than the way in stands out of the skin.
    """

    entry: Points
    tip: Points
    outer_diameter_mm: float
    inner_diameter_mm: float
    length_mm: float = 125.0

    def __post_init__(self) -> None:
        require_same_frame(self.entry, self.tip)
        if not self.outer_diameter_mm > self.inner_diameter_mm >= 0.0:
            raise BadInput(
                f"A needle of {self.outer_diameter_mm} mm around a bore of "
                f"{self.inner_diameter_mm} mm has no wall."
            )
        if not _SHORTEST_MM <= self.length_mm <= _LONGEST_MM:
            raise BadInput(
                f"A needle of {self.length_mm} mm lies outside {_SHORTEST_MM:g}–{_LONGEST_MM:g} mm."
            )
        if not float(np.linalg.norm(self.tip.single - self.entry.single)) > 1.0:
            raise BadInput("A needle whose entry is its tip has no direction.")

    @property
    def frame(self) -> Frame:
        """The frame that the needle lies in."""
        return self.tip.frame

    @property
    def direction(self) -> FloatArray:
        """Unit vector (3,) LPS from entry to tip."""
        way = self.tip.single - self.entry.single
        return np.asarray(way / np.linalg.norm(way))


def steel_share(needle: SteelNeedle, grid: Grid) -> NDArray[np.float32]:
    """The part (0…1) of every voxel (k, j, i) of `grid` that is steel."""
    return _share(needle, grid, needle.inner_diameter_mm, needle.outer_diameter_mm, 0.0, 0.0)


def hub_share(needle: SteelNeedle, grid: Grid) -> NDArray[np.float32]:
    """The part (0…1) of every voxel that is hub, around the outer end of the shaft."""
    outer = 2.0 * _HUB_RADIUS_MM
    return _share(
        needle, grid, needle.outer_diameter_mm, outer, needle.length_mm - _HUB_LENGTH_MM, 8.0
    )


def _share(
    needle: SteelNeedle,
    grid: Grid,
    inner_mm: float,
    outer_mm: float,
    start_mm: float,
    more_mm: float,
) -> NDArray[np.float32]:
    out = np.zeros(grid.shape, np.float32)
    parts = np.maximum(np.ceil(np.asarray(grid.spacing_mm) / _PART_MM), 1).astype(np.int64)
    end_mm = needle.length_mm + more_mm
    ends = needle.tip.single - np.outer([start_mm, end_mm], needle.direction)
    kji = grid.kji_at(Points(ends, grid.frame))
    room = 0.5 * outer_mm / np.asarray(grid.spacing_kji_mm) + 2.0
    low = np.clip(np.floor(kji.min(axis=0) - room), 0, grid.shape).astype(np.int64)
    high = np.clip(np.ceil(kji.max(axis=0) + room) + 1, 0, grid.shape).astype(np.int64)
    tip = (needle.tip.single - np.asarray(grid.origin_mm)) @ grid.direction
    back = -needle.direction @ grid.direction
    spacing, span = np.asarray(grid.spacing_mm), np.array([start_mm, end_mm])
    _fill(out, low, high, parts, spacing, tip, back, 0.5 * inner_mm, 0.5 * outer_mm, span)
    return out


@njit(cache=True, error_model="numpy")
def _fill(
    out: NDArray[np.float32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    parts: NDArray[np.int64],
    spacing: FloatArray,
    tip: FloatArray,
    back: FloatArray,
    inner: float,
    outer: float,
    span: FloatArray,
) -> None:
    """Counts sub-voxels between two radii; tip and back (unit, tip to hub) along i, j, k in mm."""
    reach = outer + 0.5 * np.sqrt((spacing**2).sum())
    p, at = np.zeros(3), np.zeros(3)
    for k in range(low[0], high[0]):
        for j in range(low[1], high[1]):
            for i in range(low[2], high[2]):
                at[0], at[1], at[2] = i, j, k
                p[:] = at * spacing - tip
                s = (p * back).sum()
                if (p * p).sum() - s * s > reach * reach:
                    continue
                inside = 0
                for c in range(parts[2]):
                    for b in range(parts[1]):
                        for a in range(parts[0]):
                            p[0] = (i + (a + 0.5) / parts[0] - 0.5) * spacing[0] - tip[0]
                            p[1] = (j + (b + 0.5) / parts[1] - 0.5) * spacing[1] - tip[1]
                            p[2] = (k + (c + 0.5) / parts[2] - 0.5) * spacing[2] - tip[2]
                            s = (p * back).sum()
                            if s < span[0] or s > span[1]:
                                continue
                            r2 = (p * p).sum() - s * s
                            if inner * inner <= r2 <= outer * outer:
                                inside += 1
                out[k, j, i] = inside / (parts[0] * parts[1] * parts[2])
