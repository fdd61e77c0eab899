"""Short-axis: from dorsal to ventral into the ala, between the foramina and the SI joint.

Entry lies lateral to the dorsal foramina and medial to the SI joint; the needle runs vertical to
the sacrum or parallel to the joint (Frey 2007, Strub 2007). At S1 the tip belongs in the upper
outer ala: lateral to the foramina (zone 1) and above the middle of the S1 foramen; at S2, where a
second needle goes, between the middles of the S1 and S2 foramina.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.planning.approaches.approach import Approach, MeasuredPaths
from sacroplasty.planning.approaches.sacral_bearings import (
    foramen_at,
    joint_angle_rad,
    upright_rad,
)
from sacroplasty.planning.approaches.target_zone import TargetZone
from sacroplasty.planning.clearance_fields import FORAMINA, SI_JOINT
from sacroplasty.planning.paths import Paths
from sacroplasty.reference import constant

_ALA = (1,)
_DIRECTION_WEIGHT, _HEIGHT_WEIGHT, _DEPTH_WEIGHT, _CENTRING_WEIGHT = 0.4, 0.3, 0.5, 0.3


@dataclass(frozen=True, eq=False)
class ShortAxis(Approach):
    """The short-axis approach at one level of one side; make it with `ShortAxis.on`.

    goal_mm: height of the textbook target. upright_rad: cranial tilt in the sacral frame of a
    needle in the scanner's axial plane, straight down onto a prone patient.
    """

    goal_mm: float
    upright_rad: float

    name = "short-axis"
    lateral_deg = np.arange(-10, 51, 5)
    cranial_deg = np.arange(-35, 56, 5)

    @classmethod
    def on(cls, sacrum: SacrumModel, side: Side, level: Level = Level.S1) -> "ShortAxis":
        """The approach on one side, fitted to this sacrum's foramina and SI joint."""
        target, lacking = _s1(sacrum, side) if level is Level.S1 else _s2(sacrum, side)
        # Halfway between the S1 endplate and the S1 foramen, which on a lateral radiograph is the
        # middle of the S1 body, the usual target (Jayaraman 2009); at S2 halfway between foramina.
        goal = 0.5 * (target.low_mm + min(target.high_mm, 0.0))
        return cls(
            target,
            level,
            lacking,
            min(goal, -0.5),
            upright_rad(sacrum, side),
        )

    @cached_property
    def joint_rad(self) -> float | None:
        """How far the SI joint opens laterally on its way ventral; None where none is labelled.

        Only a search asks; a needle that is re-measured while it is dragged does not wait for it.
        """
        return joint_angle_rad(self.sacrum, self.side)

    def paths(self) -> Paths:
        """The fan, and in it the direction parallel to the SI joint."""
        lateral = np.deg2rad(self.lateral_deg)
        if self.joint_rad is not None and lateral[0] <= self.joint_rad <= lateral[-1]:
            lateral = np.append(lateral, self.joint_rad)
        return self.target.paths(lateral, np.deg2rad(self.cranial_deg))

    def misfit(self, measured: MeasuredPaths) -> NDArray[np.float64]:
        """Direction, height, depth, and place between foramina and SI joint.

        Laterally anything between straight and parallel to the SI joint is textbook,
        craniocaudally anything between square to the sacrum and the scanner's axial plane.
        """
        lateral = (0.0, max(self.joint_rad or 0.0, 0.0))
        cranial = (min(self.upright_rad, 0.0), max(self.upright_rad, 0.0))
        height = np.abs(measured.paths.tips[:, 2] - self.goal_mm) / abs(self.goal_mm)
        return np.asarray(
            _DIRECTION_WEIGHT * measured.turned(self.side.sign, lateral, cranial)
            + _HEIGHT_WEIGHT * height
            + _DEPTH_WEIGHT * measured.off_depth(constant("ala_target_depth").value)
            + _CENTRING_WEIGHT * measured.off_centre(FORAMINA, SI_JOINT)
        )


def _s1(sacrum: SacrumModel, side: Side) -> tuple[TargetZone, None]:
    """Above the middle of the S1 foramen; no farther back than halfway to its dorsal mouth.

    A tip behind that would stop in the articular process or in the back of a broken ala.
    """
    known = foramen_at(sacrum, Level.S1, side)
    if known is None:
        low, back = -constant("s1_depth_below_endplate").value, constant("s1_ala_back").value
    else:
        centre, mouth = known
        low, back = float(centre[2]), float(0.5 * (centre[1] + mouth[1]))
    return TargetZone(sacrum, side, _ALA, low, back_mm=back), None


def _s2(sacrum: SacrumModel, side: Side) -> tuple[TargetZone, str | None]:
    """Between the middles of the S1 and S2 foramina."""
    upper, lower = (foramen_at(sacrum, level, side) for level in (Level.S1, Level.S2))
    if upper is None or lower is None:
        missing = "S1" if upper is None else "S2"
        reason = f"the {side} {missing} foramen is not known, so the S2 ala has no borders"
        return TargetZone(sacrum, side, _ALA, -1.0, high_mm=-1.0), reason
    back = float(0.5 * (lower[0][1] + lower[1][1]))
    zone = TargetZone(
        sacrum, side, _ALA, float(lower[0][2]), high_mm=float(upper[0][2]), back_mm=back
    )
    return zone, None
