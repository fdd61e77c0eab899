"""Short-axis: from dorsal to ventral into the S1 ala, between the foramina and the SI joint.

Entry lies lateral to the dorsal S1 and S2 foramina and medial to the SI joint; the needle runs
vertical to the sacrum or parallel to the joint (Frey 2007, Strub 2007). The tip belongs in the
upper outer ala: lateral to the foramina (zone 1) and above the middle of the S1 foramen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.geometry import Points
from sacroplasty.planning.paths import Paths, directions_of
from sacroplasty.reference import constant

# Fine enough that the refinement, which halves it, reaches every corridor wider than a needle.
_TIP_STEP_MM = 3.0
# Shifts the lattice off the midline and off voxel faces, where "nearest voxel" would be a tie.
_LATTICE_SHIFT = 0.37
_ANGLE_STEP_DEG = 5
_LATERAL_DEG = (-10, 50)
_CRANIAL_DEG = (-35, 35)


@dataclass(frozen=True, eq=False, slots=True)
class ShortAxis:
    """The short-axis approach on one side of one sacrum."""

    sacrum: SacrumModel
    side: Side
    name: str = "short-axis"
    level: Level = Level.S1

    def admits(self, tips: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether tips (n, 3), sacral frame, lie in the S1 ala of this side."""
        points = self.sacrum.scanner_from_sacrum(self._points(tips))
        zone = self.sacrum.zones.at(points, order=0)
        bone = self.sacrum.labels.at(points, order=0) == Structure.SACRUM
        own_side = tips[:, 0] * self.side.sign > 0
        return np.asarray(bone & (zone == 1) & own_side & (tips[:, 2] >= self._lower_end_mm()))

    def paths(self) -> Paths:
        """All paths to consider: a lattice of tips in the ala times a fan of directions."""
        tips = self._lattice()
        lateral, cranial = self._fan()
        directions = directions_of(lateral, cranial, self.side.sign)
        return Paths(np.repeat(tips, len(directions), axis=0), np.tile(directions, (len(tips), 1)))

    def joint_angle_rad(self) -> float | None:
        """How far the SI joint opens laterally on its way ventral; None where no joint is labelled.

        From the plane fitted (least squares) to the upper half of the joint space.
        """
        joint = self.sacrum.mask(Structure[f"SI_JOINT_{self.side.name}"])
        kji = np.argwhere(joint)
        if len(kji) < 10:
            return None
        xyz = self.sacrum.scanner_from_sacrum.inverse(self.sacrum.labels.grid.points_at(kji)).xyz
        upper = xyz[xyz[:, 2] >= np.median(xyz[:, 2])]
        normal = np.linalg.svd(upper - upper.mean(axis=0), full_matrices=False)[2][2]
        normal = normal * (self.side.sign * np.sign(normal[0] or 1.0))
        return float(np.arctan2(normal[1], self.side.sign * normal[0]))

    def _fan(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lateral = np.arange(_LATERAL_DEG[0], _LATERAL_DEG[1] + 1, _ANGLE_STEP_DEG)
        cranial = np.arange(_CRANIAL_DEG[0], _CRANIAL_DEG[1] + 1, _ANGLE_STEP_DEG)
        opened = np.deg2rad(lateral)
        joint = self.joint_angle_rad()
        if joint is not None and opened[0] <= joint <= opened[-1]:
            opened = np.append(opened, joint)
        grid = np.meshgrid(opened, np.deg2rad(cranial), indexing="ij")
        return grid[0].ravel(), grid[1].ravel()

    def _lattice(self) -> NDArray[np.float64]:
        """Tips on a lattice that hangs on the sacral frame, so that it turns with the patient."""
        grid = self.sacrum.zones.grid
        ala = np.argwhere((self.sacrum.zones.values == 1) & self.sacrum.mask(Structure.SACRUM))
        xyz = self.sacrum.scanner_from_sacrum.inverse(grid.points_at(ala)).xyz
        outward = xyz * np.array([self.side.sign, 1.0, 1.0])
        outward = outward[(outward[:, 0] > 0) & (outward[:, 2] >= self._lower_end_mm())]
        if not len(outward):
            return np.empty((0, 3))
        low = np.floor(outward.min(axis=0) / _TIP_STEP_MM).astype(int) - 1
        high = np.ceil(outward.max(axis=0) / _TIP_STEP_MM).astype(int)
        axes = [
            (np.arange(a, b + 1) + _LATTICE_SHIFT) * _TIP_STEP_MM
            for a, b in zip(low, high, strict=True)
        ]
        lattice = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        lattice *= np.array([self.side.sign, 1.0, 1.0])
        return lattice[self.admits(lattice)]

    def _lower_end_mm(self) -> float:
        """The lowest z of a tip: the middle of the S1 foramen."""
        foramen = self.sacrum.foramen(Level.S1, self.side)
        if foramen is None:
            return -constant("s1_depth_below_endplate").value
        return float(self.sacrum.scanner_from_sacrum.inverse(foramen.centre).single[2])

    def _points(self, tips: NDArray[np.float64]) -> Points:
        return Points(tips, self.sacrum.scanner_from_sacrum.source)
