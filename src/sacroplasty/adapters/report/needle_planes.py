"""Cuts laid on a needle: two that hold its axis, and those across it.

Cuts that hold the axis are hung like the plain plane that they are nearest to: axial-like ones from
the feet, sagittal-like ones from the patient's left, coronal-like ones from the front. Cuts across
the needle are seen from its hub, as the operator looks down the shaft.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Points
from sacroplasty.imaging import ViewPlane
from sacroplasty.planning import Needle

PIXEL_MM = 0.5
_FINE_PIXEL_MM = 0.4
_MARGIN_MM = 24.0
_LEAST_MM = 100.0
_ACROSS_MM = 60.0
# A needle nearer to the long axis of the body than acos 0.94 = 20° has no axial-like plane.
_ALONG_BODY = 0.94
# Within 15° of a plain plane a cut goes by its name.
_PLAIN = 0.966
# Per axis of the normal (x, y, z): name, the way the normal points away from the viewer, and the
# LPS axis that the picture's right follows.
_HANGING = (("sagittal", -1.0, 1), ("coronal", 1.0, 0), ("axial", 1.0, 0))


def planes_holding(needle: Needle, end_mm: float) -> tuple[ViewPlane, ViewPlane]:
    """Two cuts at right angles that hold the axis, the most axial (else coronal) one first.

    They show the axis from the entry to `end_mm` along it, with a margin.
    """
    axis = needle.direction
    flat = 2 if abs(axis[2]) < _ALONG_BODY else 1
    normal = np.eye(3)[flat] - axis[flat] * axis
    first = _hung(needle, end_mm, normal / np.linalg.norm(normal))
    return first, _hung(needle, end_mm, np.cross(axis, first.away))


def plane_across(needle: Needle, depth_mm: float) -> ViewPlane:
    """The cut at right angles to the needle at a depth from its entry, seen from the hub.

    Head on top; where the needle runs along the body, dorsal on top.
    """
    axis = needle.direction
    up = np.eye(3)[2 if abs(axis[2]) < _ALONG_BODY else 1]
    up = up - (up @ axis) * axis
    size = (_ACROSS_MM, _ACROSS_MM)
    centre = Points(needle.entry.single + depth_mm * axis, needle.frame)
    return ViewPlane.spanning(centre, np.cross(-up, axis), -up, size, _FINE_PIXEL_MM)


def plane_name(plane: ViewPlane) -> str:
    """What a radiologist calls the cut: "axial", "oblique coronal"."""
    nearest = int(np.argmax(np.abs(plane.away)))
    oblique = "" if abs(plane.away[nearest]) > _PLAIN else "oblique "
    return oblique + _HANGING[nearest][0]


def _hung(needle: Needle, end_mm: float, normal: NDArray[np.float64]) -> ViewPlane:
    nearest = int(np.argmax(np.abs(normal)))
    _, sign, along = _HANGING[nearest]
    away = normal if normal[nearest] * sign > 0 else -normal
    right = np.eye(3)[along] - away[along] * away
    right /= np.linalg.norm(right)
    down = np.cross(away, right)
    span = needle.direction * end_mm
    reach_mm = max(abs(float(span @ edge)) for edge in (down, right))
    side_mm = max(reach_mm + 2 * _MARGIN_MM, _LEAST_MM)
    centre = Points(needle.entry.single + span / 2, needle.frame)
    return ViewPlane.spanning(centre, right, down, (side_mm, side_mm), PIXEL_MM)
