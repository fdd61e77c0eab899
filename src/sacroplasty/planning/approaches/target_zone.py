"""The part of the sacrum that tips of one approach may end in."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Side, Structure
from sacroplasty.geometry import Points
from sacroplasty.planning.paths import Paths, directions_of

# Fine enough that the refinement, which halves it, reaches every corridor wider than a needle.
_TIP_STEP_MM = 3.0
# Shifts the lattice off the midline and off voxel faces, where "nearest voxel" would be a tie.
_LATTICE_SHIFT = 0.37


@dataclass(frozen=True, eq=False, slots=True)
class TargetZone:
    """Sacral bone of some Denis zones on one side, between two heights and in front of a depth.

    Limits in mm of the sacral frame: low, high (z), back (most dorsal y), outer (farthest |x|).
    """

    sacrum: SacrumModel
    side: Side
    zones: tuple[int, ...]
    low_mm: float
    high_mm: float = math.inf
    back_mm: float = math.inf
    outer_mm: float = math.inf

    def admits(self, tips: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether tips (n, 3), sacral frame, lie in it."""
        frame = self.sacrum.scanner_from_sacrum
        points = frame(Points(tips, frame.source))
        zone = np.isin(self.sacrum.zones.at(points, order=0), self.zones)
        bone = self.sacrum.labels.at(points, order=0) == Structure.SACRUM
        return np.asarray(zone & bone & self._within(tips))

    def _within(self, tips: NDArray[np.float64]) -> NDArray[np.bool_]:
        x, y, z = (tips * np.array([self.side.sign, 1.0, 1.0])).T
        return np.asarray(
            (x > 0)
            & (x <= self.outer_mm)
            & (y <= self.back_mm)
            & (z >= self.low_mm)
            & (z <= self.high_mm)
        )

    def paths(self, lateral_rad: NDArray[np.float64], cranial_rad: NDArray[np.float64]) -> Paths:
        """A lattice of tips times a fan of directions (every lateral with every cranial angle)."""
        tips = self._lattice()
        lateral, cranial = np.meshgrid(lateral_rad, cranial_rad, indexing="ij")
        directions = directions_of(lateral.ravel(), cranial.ravel(), self.side.sign)
        return Paths(np.repeat(tips, len(directions), axis=0), np.tile(directions, (len(tips), 1)))

    def _lattice(self) -> NDArray[np.float64]:
        """Tips on a lattice that hangs on the sacral frame, so that it turns with the patient."""
        zones = np.isin(self.sacrum.zones.values, self.zones)
        kji = np.argwhere(zones & self.sacrum.mask(Structure.SACRUM))
        frame = self.sacrum.scanner_from_sacrum
        xyz = frame.inverse(self.sacrum.zones.grid.points_at(kji)).xyz
        flip = np.array([self.side.sign, 1.0, 1.0])
        outward = xyz[self._within(xyz)] * flip
        if not len(outward):
            return np.empty((0, 3))
        low = np.floor(outward.min(axis=0) / _TIP_STEP_MM).astype(int) - 1
        high = np.ceil(outward.max(axis=0) / _TIP_STEP_MM).astype(int)
        axes = [
            (np.arange(a, b + 1) + _LATTICE_SHIFT) * _TIP_STEP_MM
            for a, b in zip(low, high, strict=True)
        ]
        lattice = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3) * flip
        return lattice[self.admits(lattice)]
