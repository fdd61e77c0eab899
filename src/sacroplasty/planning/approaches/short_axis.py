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
from sacroplasty.planning.paths import Paths, angles_of, directions_of
from sacroplasty.reference import constant

# Fine enough that the refinement, which halves it, reaches every corridor wider than a needle.
_TIP_STEP_MM = 3.0
# Shifts the lattice off the midline and off voxel faces, where "nearest voxel" would be a tie.
_LATTICE_SHIFT = 0.37
_ANGLE_STEP_DEG = 5
# A path turned this far from the textbook costs as much as one whole weight.
_CLUMSY_RAD = np.deg2rad(30.0)
_DIRECTION_WEIGHT, _HEIGHT_WEIGHT = 0.4, 0.3
# Fewer voxels than this are a speck, not a joint that a plane can be fitted to.
_LEAST_JOINT_VOXELS = 50
_LATERAL_DEG = (-10, 50)
_CRANIAL_DEG = (-35, 55)


@dataclass(frozen=True, eq=False, slots=True)
class ShortAxis:
    """The short-axis approach on one side of one sacrum; make it with `ShortAxis.on`.

    lower_end_mm: lowest z of a tip in the sacral frame: the middle of the S1 foramen.
    back_end_mm: most dorsal y of a tip: halfway from the middle of the S1 foramen to its dorsal
        mouth, so that no tip stops in the articular process or the back of a broken ala.
    joint_rad: how far the SI joint opens laterally on its way ventral; None where none is labelled.
    upright_rad: cranial tilt in the sacral frame of a needle in the scanner's axial plane, straight
        down onto a prone patient: the inclination of this sacrum.
    """

    sacrum: SacrumModel
    side: Side
    lower_end_mm: float
    back_end_mm: float
    joint_rad: float | None
    upright_rad: float
    name: str = "short-axis"
    level: Level = Level.S1

    @classmethod
    def on(cls, sacrum: SacrumModel, side: Side) -> "ShortAxis":
        """The approach on one side, fitted to this sacrum's S1 foramen and SI joint."""
        lower, back = _ends_mm(sacrum, side)
        down = sacrum.scanner_from_sacrum.inverse.turn(np.array([[0.0, -1.0, 0.0]]))
        upright = float(angles_of(down, side.sign)[1][0])
        return cls(sacrum, side, lower, back, _joint_angle_rad(sacrum, side), upright)

    def misfit(self, paths: Paths) -> NDArray[np.float64]:
        """How far paths are from the textbook path, (n,); 0 is the textbook.

        Direction: laterally anything between straight and parallel to the SI joint, craniocaudally
        anything between square to the sacrum and the axial plane of the scanner.
        Height: halfway between the S1 endplate and the S1 foramen, which on a lateral radiograph
        is the middle of the S1 body, the usual target (Jayaraman 2009).
        """
        lateral, cranial = angles_of(paths.directions, self.side.sign)
        off = np.maximum(np.maximum(-lateral, lateral - max(self.joint_rad or 0.0, 0.0)), 0.0)
        low, high = min(self.upright_rad, 0.0), max(self.upright_rad, 0.0)
        tilted = np.maximum(np.maximum(low - cranial, cranial - high), 0.0)
        turned = np.hypot(off, tilted) / _CLUMSY_RAD
        goal = 0.5 * min(self.lower_end_mm, -1.0)
        height = np.abs(paths.tips[:, 2] - goal) / abs(goal)
        return np.asarray(_DIRECTION_WEIGHT * turned + _HEIGHT_WEIGHT * height)

    def admits(self, tips: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether tips (n, 3), sacral frame, lie in the S1 ala of this side."""
        points = self.sacrum.scanner_from_sacrum(self._points(tips))
        zone = self.sacrum.zones.at(points, order=0)
        bone = self.sacrum.labels.at(points, order=0) == Structure.SACRUM
        own_side = tips[:, 0] * self.side.sign > 0
        in_ala = (tips[:, 2] >= self.lower_end_mm) & (tips[:, 1] <= self.back_end_mm)
        return np.asarray(bone & (zone == 1) & own_side & in_ala)

    def paths(self) -> Paths:
        """All paths to consider: a lattice of tips in the ala times a fan of directions."""
        tips = self._lattice()
        lateral, cranial = self._fan()
        directions = directions_of(lateral, cranial, self.side.sign)
        return Paths(np.repeat(tips, len(directions), axis=0), np.tile(directions, (len(tips), 1)))

    def _fan(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lateral = np.arange(_LATERAL_DEG[0], _LATERAL_DEG[1] + 1, _ANGLE_STEP_DEG)
        cranial = np.arange(_CRANIAL_DEG[0], _CRANIAL_DEG[1] + 1, _ANGLE_STEP_DEG)
        opened = np.deg2rad(lateral)
        if self.joint_rad is not None and opened[0] <= self.joint_rad <= opened[-1]:
            opened = np.append(opened, self.joint_rad)
        grid = np.meshgrid(opened, np.deg2rad(cranial), indexing="ij")
        return grid[0].ravel(), grid[1].ravel()

    def _lattice(self) -> NDArray[np.float64]:
        """Tips on a lattice that hangs on the sacral frame, so that it turns with the patient."""
        grid = self.sacrum.zones.grid
        ala = np.argwhere((self.sacrum.zones.values == 1) & self.sacrum.mask(Structure.SACRUM))
        xyz = self.sacrum.scanner_from_sacrum.inverse(grid.points_at(ala)).xyz
        outward = xyz * np.array([self.side.sign, 1.0, 1.0])
        outward = outward[(outward[:, 0] > 0) & (outward[:, 2] >= self.lower_end_mm)]
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

    def _points(self, tips: NDArray[np.float64]) -> Points:
        return Points(tips, self.sacrum.scanner_from_sacrum.source)


def _ends_mm(sacrum: SacrumModel, side: Side) -> tuple[float, float]:
    """Lowest z and most dorsal y of a tip, sacral frame."""
    foramen = sacrum.foramen(Level.S1, side)
    if foramen is None:
        return -constant("s1_depth_below_endplate").value, constant("s1_ala_back").value
    sacrum_from_scanner = sacrum.scanner_from_sacrum.inverse
    centre = sacrum_from_scanner(foramen.centre).single
    mouth = sacrum_from_scanner(foramen.dorsal_mouth).single
    return float(centre[2]), float(0.5 * (centre[1] + mouth[1]))


def _joint_angle_rad(sacrum: SacrumModel, side: Side) -> float | None:
    """From the plane fitted (least squares) to the upper half of the joint space."""
    kji = np.argwhere(sacrum.mask(Structure[f"SI_JOINT_{side.name}"]))
    if len(kji) < _LEAST_JOINT_VOXELS:
        return None
    xyz = sacrum.scanner_from_sacrum.inverse(sacrum.labels.grid.points_at(kji)).xyz
    upper = xyz[xyz[:, 2] >= np.median(xyz[:, 2])]
    normal = np.linalg.eigh(np.cov(upper.T))[1][:, 0]
    outward = normal * np.sign(normal[0] * side.sign or 1.0)
    return float(np.arctan2(outward[1], outward[0] * side.sign))
