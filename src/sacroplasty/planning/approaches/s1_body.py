"""S1 body: from dorsal through the pedicle of S1, above its foramen, into the body in zone 3.

For a horizontal limb or the bar of an H: the needle enters beside the facet, runs towards the
midline between the canal and the S1 foramen, and ends in the front half of the body.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.planning.approaches.approach import Approach, MeasuredPaths
from sacroplasty.planning.approaches.sacral_bearings import (
    canal_front_mm,
    foramen_at,
    upright_rad,
)
from sacroplasty.planning.approaches.target_zone import TargetZone
from sacroplasty.planning.clearance_fields import CANAL, FORAMINA
from sacroplasty.planning.paths import Paths
from sacroplasty.reference import constant

_BODY = (2, 3)
_TOWARDS_MIDLINE_RAD = (np.deg2rad(-40.0), np.deg2rad(-10.0))
_DIRECTION_WEIGHT, _HEIGHT_WEIGHT, _DEPTH_WEIGHT, _MIDDLE_WEIGHT, _CENTRING_WEIGHT = (
    0.3,
    0.2,
    0.3,
    0.3,
    0.2,
)
# No farther from the midline than this is still the body.
_BODY_HALF_MM = 15.0


@dataclass(frozen=True, eq=False)
class S1Body(Approach):
    """The way through one pedicle into the S1 body; make it with `S1Body.on`."""

    goal_mm: float
    upright_rad: float

    name = "s1-body"
    lateral_deg = np.arange(-50, 6, 5)
    cranial_deg = np.arange(-35, 56, 5)

    @classmethod
    def on(cls, sacrum: SacrumModel, side: Side) -> "S1Body":
        """The approach on one side, fitted to this sacrum's canal and S1 foramen."""
        s1, front = foramen_at(sacrum, Level.S1, side), canal_front_mm(sacrum)
        upright = upright_rad(sacrum, side)
        if s1 is None or front is None:
            lacks = "sacral canal" if front is None else f"{side} S1 foramen"
            nowhere = TargetZone(sacrum, side, _BODY, -1.0, high_mm=-1.0)
            reason = f"the {lacks} is not known, so the pedicle has no borders"
            return cls(nowhere, Level.S1, reason, -1.0, upright)
        low = float(s1[0][2])
        target = TargetZone(sacrum, side, _BODY, low, back_mm=front - 3.0, outer_mm=_BODY_HALF_MM)
        return cls(target, Level.S1, None, 0.5 * min(low, -1.0), upright)

    def admits_entries(self, entries: Paths) -> NDArray[np.bool_]:
        """From the side of the pedicle."""
        return np.asarray(entries.tips[:, 0] * self.side.sign > 0)

    def misfit(self, measured: MeasuredPaths) -> NDArray[np.float64]:
        """Direction, height, depth, distance from the midline, and place in the pedicle."""
        cranial = (min(self.upright_rad, 0.0), max(self.upright_rad, 0.0))
        tips = measured.paths.tips
        height = np.abs(tips[:, 2] - self.goal_mm) / abs(self.goal_mm)
        return np.asarray(
            _DIRECTION_WEIGHT * measured.turned(self.side.sign, _TOWARDS_MIDLINE_RAD, cranial)
            + _HEIGHT_WEIGHT * height
            + _DEPTH_WEIGHT * measured.off_depth(constant("ala_target_depth").value)
            + _MIDDLE_WEIGHT * np.abs(tips[:, 0]) / _BODY_HALF_MM
            + _CENTRING_WEIGHT * measured.off_centre(FORAMINA, CANAL)
        )
