"""From the two angles of a C-arm to where source and detector stand, and back.

With left l, dorsal d and cranial c of the axes that the angles are counted against, primary angle
p and secondary angle s, the detector stands from the isocentre in the direction

    n = cos s · (sin p · l − cos p · d) + sin s · c,

and the source opposite to it. The beam runs along n. The rotation axis is c, the tilt axis is at
right angles to c and n, so the picture stays head up.

Pictures of a prone patient are looked at from the source, those of a supine one from the detector:
both from the ventral side, as if facing the patient, so that in AP and PA the patient's left is on
the picture's **right**. A turning C-arm never flips the picture on the way.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm import CArm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.patient_axes import scanner_from_levelled
from sacroplasty.fluoroscopy.positioner import Lying, PositionerAngles, wrapped_deg
from sacroplasty.geometry import Points, Rigid, require_same_frame
from sacroplasty.units import rad_from_deg

MAX_TILT_DEG = 80.0  # beyond, source or detector would stand inside the table's end


def pose_at(
    angles: PositionerAngles,
    scanner_from_axes: Rigid,
    name: str,
    *,
    carm: CArm | None = None,
    lying: Lying = Lying.PRONE,
) -> CArmPose:
    """The pose at two angles about the origin of `scanner_from_axes` (see `patient_axes`).

    Raises `BadInput` for a tilt beyond ±80°.
    """
    _require_tilt(name, angles.secondary_deg)
    arm = carm or CArm()
    left, dorsal, cranial = scanner_from_axes.rotation.T
    turn, tilt = rad_from_deg(angles.primary_deg), rad_from_deg(angles.secondary_deg)
    level = math.sin(turn) * left - math.cos(turn) * dorsal
    beam = math.cos(tilt) * level + math.sin(tilt) * cranial
    seen_from_source = np.cross(level, cranial)
    down = np.cross(beam, seen_from_source)
    source = scanner_from_axes.translation - arm.source_isocentre_mm * beam
    frame = scanner_from_axes.to
    return CArmPose(
        name,
        Points(source, frame),
        Points(source + arm.source_detector_mm * beam, frame),
        seen_from_source if lying is Lying.PRONE else -seen_from_source,
        down,
        arm.shape,
        arm.pixel_mm,
    )


def angles_of(pose: CArmPose, scanner_from_axes: Rigid) -> PositionerAngles:
    """The two angles of a pose against some axes: where its detector faces the patient from.

    The inverse of `pose_at`; how the picture is turned in its plane is left out.
    """
    require_same_frame(pose, Points(scanner_from_axes.translation, scanner_from_axes.to))
    along = beam_direction(pose) @ scanner_from_axes.rotation
    primary = wrapped_deg(math.degrees(math.atan2(along[0], -along[1])))
    return PositionerAngles(primary, math.degrees(math.asin(float(np.clip(along[2], -1.0, 1.0)))))


def beam_direction(pose: CArmPose) -> NDArray[np.float64]:
    """Unit vector (3,), LPS: the detector's normal, pointing away from the source."""
    normal = np.cross(pose.right, pose.down)
    away = float((pose.detector_centre.single - pose.source.single) @ normal)
    return np.asarray(math.copysign(1.0, away) * normal)


def carm_view(
    sacrum: SacrumModel,
    name: str,
    *,
    rotation_deg: float = 0.0,
    cranial_deg: float = 0.0,
    carm: CArm | None = None,
) -> CArmPose:
    """A view of a prone patient, leaning from the patient's own AP to the left and to the head.

    Raises `BadInput` when the isocentre lies outside the sacrum's volume, or for a tilt beyond
    ±80°.
    """
    if not math.isfinite(rotation_deg):
        raise BadInput(f"View {name!r}: a rotation of {rotation_deg:g}° is no angle.")
    _require_tilt(name, cranial_deg)
    angles = PositionerAngles.dialled(
        Lying.PRONE, lao_deg=wrapped_deg(rotation_deg), cranial_deg=cranial_deg
    )
    return pose_at(angles, scanner_from_levelled(sacrum), name, carm=carm)


def _require_tilt(name: str, cranial_deg: float) -> None:
    if not abs(cranial_deg) <= MAX_TILT_DEG:
        raise BadInput(
            f"View {name!r}: a cranial tilt of {cranial_deg:g}° is beyond ±{MAX_TILT_DEG:g}°, where "
            "source or detector would stand in the table's end; choose another view."
        )
