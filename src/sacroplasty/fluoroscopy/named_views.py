"""Views that a radiographer names, hung on the patient's own sacrum.

The isocentre lies in the midline, at the S1–S2 level: on the sacral frame's z axis, a fixed way
below the S1 endplate (`carm_isocentre_below_endplate`). Angles are counted against the levelled
axes (see `patient_axes`), from the detector's place over a **prone** patient; the tube is below
the table, so the beam of AP goes from ventral to dorsal. "PA" is the one view of a supine patient.

The named tilts follow the sacrum: "outlet" looks en face at it (along the sacral dorsoventral
axis), "inlet" down its S1–S2 axis. Laterals are named after the side at the detector: "lateral" is
the left one. The contralateral oblique (Smith 2006) is named after the side that is **treated**:
the detector leans 30° to the other one, and is tilted until the beam is parallel to the L5/S1 disc.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Side, Structure, find_landmarks
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy.carm import CArm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.carm_poses import carm_view, pose_at
from sacroplasty.fluoroscopy.patient_axes import scanner_from_levelled
from sacroplasty.fluoroscopy.positioner import Lying, PositionerAngles
from sacroplasty.reference import constant

# A disc of fewer labelled millimetres gives no plane to steer by.
_LEAST_DISC_VOXELS = 200


def ap_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Anteroposterior: level with the table, in the patient's own midline plane."""
    return carm_view(sacrum, "ap", carm=carm)


def pa_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Posteroanterior, of a supine patient; hung like AP, as if facing the patient."""
    return pose_at(
        PositionerAngles(0.0, 0.0),
        scanner_from_levelled(sacrum),
        "pa",
        carm=carm,
        lying=Lying.SUPINE,
    )


def lateral_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Left lateral: beam from the patient's right to the left, at right angles to AP."""
    return carm_view(sacrum, "lateral", rotation_deg=90.0, carm=carm)


def lateral_left_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """The same as "lateral", by its whole name."""
    return carm_view(sacrum, "lateral-left", rotation_deg=90.0, carm=carm)


def lateral_right_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Right lateral: beam from the patient's left to the right, where the detector stands."""
    return carm_view(sacrum, "lateral-right", rotation_deg=-90.0, carm=carm)


def outlet_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Outlet (Ferguson): the beam leans to the head by the sacrum's own tilt, en face."""
    return carm_view(sacrum, "outlet", cranial_deg=_sacral_tilt_deg(sacrum), carm=carm)


def inlet_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Inlet: the beam leans to the feet until it runs down the sacrum's S1–S2 axis."""
    return carm_view(sacrum, "inlet", cranial_deg=_sacral_tilt_deg(sacrum) - 90.0, carm=carm)


def oblique_for_left_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Contralateral oblique for a needle on the patient's left: detector 30° to the right."""
    return _contralateral_oblique(sacrum, Side.LEFT, carm)


def oblique_for_right_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Contralateral oblique for a needle on the patient's right: detector 30° to the left."""
    return _contralateral_oblique(sacrum, Side.RIGHT, carm)


def _contralateral_oblique(sacrum: SacrumModel, treated: Side, carm: CArm | None) -> CArmPose:
    rotation_deg = -treated.sign * constant("carm_contralateral_oblique").value
    left, dorsal, cranial = scanner_from_levelled(sacrum).rotation.T
    turn = math.radians(rotation_deg)
    level = math.sin(turn) * left + math.cos(turn) * dorsal
    normal = l5s1_normal(sacrum)
    # The beam cos t · level + sin t · cranial lies in the disc: its share along the normal is zero.
    tilt_deg = math.degrees(math.atan2(-float(level @ normal), float(cranial @ normal)))
    name = f"oblique-for-{treated.value}"
    return carm_view(sacrum, name, rotation_deg=rotation_deg, cranial_deg=tilt_deg, carm=carm)


def l5s1_normal(sacrum: SacrumModel) -> NDArray[np.float64]:
    """Cranial unit normal (3,), LPS, of the L5/S1 disc: of its voxels, else of the S1 endplate.

    The plane through the labelled disc by least squares. Raises `BadInput` where the model knows
    neither.
    """
    labels = sacrum.labels
    at = np.argwhere(labels.values == Structure.DISC_L5S1)
    if len(at) >= _LEAST_DISC_VOXELS:
        xyz = labels.grid.points_at(at).xyz
        normal = np.linalg.svd(xyz - xyz.mean(axis=0), full_matrices=False)[2][2]
        return np.asarray(normal if normal[2] > 0 else -normal)
    for plane in find_landmarks(sacrum).planes:
        if plane.segment == "S1":
            return plane.normal
    raise BadInput(
        "The contralateral oblique runs along the L5/S1 disc, and neither the disc nor the S1 "
        "endplate was found; use --lao and --cranial instead."
    )


def _sacral_tilt_deg(sacrum: SacrumModel) -> float:
    """By how much the sacral dorsal axis leans to the head, against the table."""
    dorsal = sacrum.scanner_from_sacrum.turn(np.array([0.0, 1.0, 0.0]))
    return math.degrees(math.asin(float(np.clip(dorsal[2], -1.0, 1.0))))


NAMED_VIEWS: dict[str, Callable[[SacrumModel, CArm | None], CArmPose]] = {
    "ap": ap_view,
    "lateral": lateral_view,
    "inlet": inlet_view,
    "outlet": outlet_view,
    "pa": pa_view,
    "lateral-left": lateral_left_view,
    "lateral-right": lateral_right_view,
    "oblique-for-left": oblique_for_left_view,
    "oblique-for-right": oblique_for_right_view,
}


def named_view(name: str, sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """The view called `name`; raises `BadUsage` listing the known ones."""
    require_view(name)
    return NAMED_VIEWS[name](sacrum, carm)


def require_view(name: str) -> None:
    """Raises `BadUsage` listing the known views, unless `name` is one."""
    if name not in NAMED_VIEWS:
        raise BadUsage(f"There is no view {name!r}; known are {', '.join(NAMED_VIEWS)}.")
