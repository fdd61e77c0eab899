"""Long-axis: from caudal to cranial along the ala, between the foramina and the SI joint.

Entry lies midway between the lower end of the SI joint and the lateral edge of the S3 foramen; the
needle runs up the ala towards the height of the middle of the S1 body, and is withdrawn while
cement goes in; it must not cross the cranial cortex of the ala (Smith 2006).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.planning.approaches.approach import Approach, MeasuredPaths
from sacroplasty.planning.approaches.sacral_bearings import foramen_at, joint_points
from sacroplasty.planning.approaches.target_zone import TargetZone
from sacroplasty.planning.clearance_fields import FORAMINA, SI_JOINT
from sacroplasty.planning.paths import Paths
from sacroplasty.reference import constant

_ALA = (1,)
# Steeper than this along the sacrum is the textbook; flatter turns into a short-axis needle.
_ALONG_RAD = (math.radians(40.0), math.radians(75.0))
_ACROSS_RAD = (math.radians(-10.0), math.radians(30.0))
# An entry this far from the textbook one costs a whole weight.
_FAR_MM = 20.0
_ENTRY_WEIGHT, _HEIGHT_WEIGHT, _DIRECTION_WEIGHT, _DEPTH_WEIGHT, _CENTRING_WEIGHT = (
    0.4,
    0.3,
    0.3,
    0.3,
    0.3,
)


@dataclass(frozen=True, eq=False)
class LongAxis(Approach):
    """The long-axis approach on one side; make it with `LongAxis.on`.

    entry_goal: (3,) the textbook bone entry, its depth ignored; entry_z_mm: lowest and highest
    entry; goal_mm: height of the textbook target.
    """

    entry_goal: NDArray[np.float64]
    entry_z_mm: tuple[float, float]
    goal_mm: float

    name = "long-axis"
    tilt_limit = "needle_tilt_limit_long_axis"
    lateral_deg = np.arange(-30, 61, 10)
    cranial_deg = np.arange(20, 81, 5)

    @classmethod
    def on(cls, sacrum: SacrumModel, side: Side) -> "LongAxis":
        """The approach on one side, fitted to this sacrum's foramina and SI joint."""
        s1, s2, s3 = (foramen_at(sacrum, level, side) for level in (Level.S1, Level.S2, Level.S3))
        joint = joint_points(sacrum, side)
        if s1 is None or s2 is None or joint is None:
            lacks = "SI joint" if joint is None else "S1 foramen" if s1 is None else "S2 foramen"
            nowhere = TargetZone(sacrum, side, _ALA, -1.0, high_mm=-1.0)
            reason = f"the {side} {lacks} is not known, so the way along the ala has no borders"
            return cls(nowhere, Level.S1, reason, np.zeros(3), (0.0, 0.0), -1.0)
        joint_end = joint[joint[:, 2] <= joint[:, 2].min() + 5.0].mean(axis=0)
        # Without an S3 foramen the joint's lower end alone says where the ala begins.
        caudal = s3[1] if s3 is not None else joint_end
        low = min(caudal[2], joint_end[2]) - 10.0
        target = TargetZone(sacrum, side, _ALA, float(s1[0][2]))
        goal = 0.5 * min(target.low_mm, -1.0)
        entry_z_mm = (float(low), float(s2[0][2]))
        return cls(target, Level.S1, None, 0.5 * (caudal + joint_end), entry_z_mm, goal)

    def admits_entries(self, entries: Paths) -> NDArray[np.bool_]:
        """Below the middle of the S2 foramen and not far below the S3 foramen or the joint."""
        low, high = self.entry_z_mm
        z = entries.tips[:, 2]
        return np.asarray((z >= low) & (z <= high))

    def misfit(self, measured: MeasuredPaths) -> NDArray[np.float64]:
        """Entry, height, direction, depth, and place between foramina and SI joint."""
        away = np.hypot(*(measured.entries - self.entry_goal)[:, [0, 2]].T) / _FAR_MM
        height = np.abs(measured.paths.tips[:, 2] - self.goal_mm) / abs(self.goal_mm)
        return np.asarray(
            _ENTRY_WEIGHT * away
            + _HEIGHT_WEIGHT * height
            + _DIRECTION_WEIGHT * measured.turned(self.side.sign, _ACROSS_RAD, _ALONG_RAD)
            + _DEPTH_WEIGHT * measured.off_depth(constant("long_axis_target_depth").value)
            + _CENTRING_WEIGHT * measured.off_centre(FORAMINA, SI_JOINT)
        )
