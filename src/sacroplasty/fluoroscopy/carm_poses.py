"""Views that a radiographer names, hung on the patient's own sacrum.

The isocentre lies in the midline, at the S1–S2 level: on the sacral frame's z axis, a fixed way
below the S1 endplate (`carm_isocentre_below_endplate`). The beam is steered by two angles:

* rotation about the table's long axis (scanner z), from 0° for AP, counted towards the patient's
  left for the detector: at 90° the beam enters on the right and leaves on the left;
* cranial tilt: the beam leans towards the head; 0 is level with the table.

"AP" at rotation 0 is the patient's own: it is perpendicular to the sacral left–right axis, after
that axis is levelled to the table, so a patient who lies rotated is still seen straight. The named
angles follow the sacrum: "outlet" looks en face at it (along the sacral dorsoventral axis),
"inlet" down its S1–S2 axis.

Pictures are shown as a radiologist hangs them. Head up. In AP the beam goes from ventral to
dorsal and the picture is seen from the source, as if facing the patient: the patient's left is on
the picture's **right**. In the lateral view the picture shows ventral on its right.
"""

import math
from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.geometry import Points
from sacroplasty.reference import constant, constant_default
from sacroplasty.units import rad_from_deg

MAX_TILT_DEG = 80.0  # beyond, source or detector would stand inside the table's end


@dataclass(frozen=True, slots=True)
class CArm:
    """The machine: distances in mm, detector (rows, columns) and its pixel edge."""

    source_detector_mm: float = constant_default("carm_source_detector")
    source_isocentre_mm: float = constant_default("carm_source_isocentre")
    shape: tuple[int, int] = (512, 512)
    pixel_mm: float = constant_default("carm_pixel")

    def __post_init__(self) -> None:
        if not 0 < self.source_isocentre_mm < self.source_detector_mm:
            raise BadInput(
                f"The detector ({self.source_detector_mm:g} mm from the source) must stand behind "
                f"the isocentre ({self.source_isocentre_mm:g} mm); exchange or correct the two."
            )


def carm_view(
    sacrum: SacrumModel,
    name: str,
    *,
    rotation_deg: float = 0.0,
    cranial_deg: float = 0.0,
    carm: CArm | None = None,
) -> CArmPose:
    """A view by its two angles, from the patient's own AP.

    Raises `BadInput` when the isocentre lies outside the sacrum's volume, or for a tilt beyond
    ±80°.
    """
    if not abs(cranial_deg) <= MAX_TILT_DEG:
        raise BadInput(
            f"View {name!r}: a cranial tilt of {cranial_deg:g}° is beyond ±{MAX_TILT_DEG:g}°."
        )
    arm = carm or CArm()
    centre = isocentre(sacrum)
    table = np.array([0.0, 0.0, 1.0])
    left = sacrum.scanner_from_sacrum.turn(np.array([1.0, 0.0, 0.0]))
    left = left - (left @ table) * table
    left /= np.linalg.norm(left)
    dorsal = np.cross(table, left)
    turn, tilt = rad_from_deg(rotation_deg), rad_from_deg(cranial_deg)
    level = math.cos(turn) * dorsal + math.sin(turn) * left
    beam = math.cos(tilt) * level + math.sin(tilt) * table
    right = np.cross(level, table)
    down = np.cross(beam, right)
    source = centre.single - arm.source_isocentre_mm * beam
    return CArmPose(
        name,
        Points(source, sacrum.frame),
        Points(source + arm.source_detector_mm * beam, sacrum.frame),
        right,
        down,
        arm.shape,
        arm.pixel_mm,
    )


def isocentre(sacrum: SacrumModel) -> Points:
    """The point in the scanner frame that the C-arm turns about: midline at S1–S2."""
    below = constant("carm_isocentre_below_endplate").value
    to_scanner = sacrum.scanner_from_sacrum
    centre = to_scanner(Points.at([0.0, 0.0, -below], to_scanner.source))
    if not sacrum.labels.grid.contains(centre).all():
        raise BadInput(
            "The isocentre (midline at S1–S2) lies outside the volume that the sacrum was found "
            "in; check the sacral frame."
        )
    return centre


def ap_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Anteroposterior: level with the table, in the patient's own midline plane."""
    return carm_view(sacrum, "ap", carm=carm)


def lateral_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Lateral: beam from the patient's right to the left, at right angles to AP."""
    return carm_view(sacrum, "lateral", rotation_deg=90.0, carm=carm)


def outlet_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Outlet (Ferguson): the beam leans to the head by the sacrum's own tilt, en face."""
    return carm_view(sacrum, "outlet", cranial_deg=_sacral_tilt_deg(sacrum), carm=carm)


def inlet_view(sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """Inlet: the beam leans to the feet until it runs down the sacrum's S1–S2 axis."""
    return carm_view(sacrum, "inlet", cranial_deg=_sacral_tilt_deg(sacrum) - 90.0, carm=carm)


def _sacral_tilt_deg(sacrum: SacrumModel) -> float:
    """By how much the sacral dorsal axis leans to the head, against the table."""
    dorsal = sacrum.scanner_from_sacrum.turn(np.array([0.0, 1.0, 0.0]))
    return math.degrees(math.asin(float(np.clip(dorsal[2], -1.0, 1.0))))


NAMED_VIEWS = {
    "ap": ap_view,
    "lateral": lateral_view,
    "inlet": inlet_view,
    "outlet": outlet_view,
}


def named_view(name: str, sacrum: SacrumModel, carm: CArm | None = None) -> CArmPose:
    """The view called `name`; raises `BadUsage` listing the known ones."""
    if name not in NAMED_VIEWS:
        raise BadUsage(f"There is no view {name!r}; known are {', '.join(NAMED_VIEWS)}.")
    return NAMED_VIEWS[name](sacrum, carm)
