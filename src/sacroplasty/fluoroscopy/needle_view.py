"""The bull's eye: looking down a planned needle, so that its whole shaft is one point."""

import math

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.fluoroscopy.carm import CArm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.carm_poses import pose_at
from sacroplasty.fluoroscopy.patient_axes import scanner_from_levelled
from sacroplasty.fluoroscopy.positioner import PositionerAngles, wrapped_deg
from sacroplasty.geometry import Points
from sacroplasty.planning import Needle


def en_face_view(
    sacrum: SacrumModel, needle: Needle, name: str, carm: CArm | None = None
) -> CArmPose:
    """The pose whose central ray runs along the needle, from tip to hub.

    The patient is prone, the tube below, the detector on the operator's side. The table is moved
    until the middle of the needle is at the isocentre. Raises `BadInput` for a needle that lies so
    steeply along the table that no C-arm looks down it.
    """
    middle = Points((needle.entry.single + needle.tip.single) / 2.0, needle.frame)
    axes = scanner_from_levelled(sacrum, middle)
    left, dorsal, cranial = -needle.direction @ axes.rotation
    primary = wrapped_deg(math.degrees(math.atan2(left, -dorsal)))
    tilt = math.degrees(math.asin(float(np.clip(cranial, -1.0, 1.0))))
    return pose_at(PositionerAngles(primary, tilt), axes, name, carm=carm)
