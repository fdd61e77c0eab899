"""Transiliac: from lateral to medial through the iliac bone and the SI joint into the S1 ala.

One needle from the side (Nicholson 2019). It crosses ilium and SI joint on purpose, so neither is
an obstacle; it must hold in bone from the lateral cortex of the ilium to its tip. The superior
gluteal artery runs over that cortex and was injured twice in 46 patients (Prokop 2016): the model
has no arteries, and the plan says so.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sacroplasty.anatomy import Level, SacrumModel, Side, ilium_structure
from sacroplasty.geometry import Points
from sacroplasty.planning.approaches.approach import Approach, MeasuredPaths
from sacroplasty.planning.approaches.sacral_bearings import foramen_at, joint_points
from sacroplasty.planning.approaches.target_zone import TargetZone
from sacroplasty.planning.clearance import Passage
from sacroplasty.planning.clearance_fields import ILIUM, SI_JOINT, Bone
from sacroplasty.planning.paths import Paths
from sacroplasty.reference import constant

_ALA = (1,)
_ACROSS_RAD = (math.radians(-90.0), math.radians(-50.0))
_LEVEL_RAD = (math.radians(-10.0), math.radians(20.0))
_DIRECTION_WEIGHT, _HEIGHT_WEIGHT, _JOINT_WEIGHT = 0.4, 0.3, 0.3
# This far down the path from where it enters bone, the voxel is that bone's.
_JUST_IN_MM = 2.0
# A tip this far beyond the joint is in the middle of the ala.
_BEYOND_JOINT_MM = 12.0


@dataclass(frozen=True, eq=False)
class Transiliac(Approach):
    """The transiliac approach on one side; make it with `Transiliac.on`.

    goal_mm: height of the textbook target. joint_mm: mean |x| of the SI joint; joint: its voxels
    (n, 3), sacral frame.
    """

    goal_mm: float
    joint_mm: float
    joint: NDArray[np.float64]

    name = "transiliac"
    passage = Passage(Bone.PELVIC_RING, frozenset({SI_JOINT, ILIUM}))
    tilt_limit = "needle_tilt_limit_transiliac"
    # Opened "laterally" by −90° a path runs straight to the midline.
    lateral_deg = np.arange(-90, -39, 5)
    cranial_deg = np.arange(-20, 31, 5)

    @classmethod
    def on(cls, sacrum: SacrumModel, side: Side) -> "Transiliac":
        """The approach on one side, fitted to this sacrum's S1 foramen and SI joint."""
        s1, joint = foramen_at(sacrum, Level.S1, side), joint_points(sacrum, side)
        if s1 is None or joint is None:
            lacks = "SI joint" if joint is None else "S1 foramen"
            nowhere = TargetZone(sacrum, side, _ALA, -1.0, high_mm=-1.0)
            reason = f"the {side} {lacks} is not known, so the way from the side has no borders"
            return cls(nowhere, Level.S1, reason, -1.0, 0.0, np.empty((0, 3)))
        target = TargetZone(sacrum, side, _ALA, float(s1[0][2]))
        upper = joint[joint[:, 2] >= target.low_mm]
        joint_mm = float(np.abs((upper if len(upper) else joint)[:, 0]).mean())
        return cls(target, Level.S1, None, 0.5 * min(target.low_mm, -1.0), joint_mm, joint)

    def admits_entries(self, entries: Paths) -> NDArray[np.bool_]:
        """Into iliac bone, and on in bone from there: not past its spine into the back of the joint."""
        just_in = entries.tips + _JUST_IN_MM * entries.directions
        frame = self.sacrum.scanner_from_sacrum
        labels = self.sacrum.labels.at(frame(Points(just_in, frame.source)), order=0)
        return np.asarray(labels == ilium_structure(self.side))

    def admits(self, tips: NDArray[np.float64]) -> NDArray[np.bool_]:
        """In the ala, with sacral bone between tip and joint, so that cement stays out of the joint."""
        admitted = self.target.admits(tips)
        if len(self.joint) and admitted.any():
            beyond = cKDTree(self.joint).query(tips[admitted])[0]
            admitted[admitted] = beyond >= constant("transiliac_tip_beyond_joint").value
        return admitted

    def misfit(self, measured: MeasuredPaths) -> NDArray[np.float64]:
        """Direction, height, and how far the tip has come past the joint."""
        tips = measured.paths.tips
        beyond = self.joint_mm - tips[:, 0] * self.side.sign
        height = np.abs(tips[:, 2] - self.goal_mm) / abs(self.goal_mm)
        return np.asarray(
            _DIRECTION_WEIGHT * measured.turned(self.side.sign, _ACROSS_RAD, _LEVEL_RAD)
            + _HEIGHT_WEIGHT * height
            + _JOINT_WEIGHT * np.abs(beyond - _BEYOND_JOINT_MM) / _BEYOND_JOINT_MM
        )
