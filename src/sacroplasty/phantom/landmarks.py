"""Known points of the template: mouths of the foramina, canal, axes of the sacrum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, Side
from sacroplasty.phantom.foramen_courses import DORSAL_S, DORSAL_X, VENTRAL_S, VENTRAL_X
from sacroplasty.phantom.sacral_curve import SacralCurve
from sacroplasty.phantom.sacral_profiles import BODY_DEPTH, CANAL_DEPTH, CANAL_END_U
from sacroplasty.phantom.sacrum_solid import dorsal_surface, ventral_surface
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import profile_at
from sacroplasty.phantom.tissue import warped_x

FloatArray = NDArray[np.float64]
_CANAL_POINTS = 40
_CANAL_START_U = 0.14
_S1_BODY_U, _S2_BODY_U = 0.15, 0.42


@dataclass(frozen=True, eq=False, slots=True)
class Mouths:
    """Ventral and dorsal mouth (3,) of one foramen, template mm."""

    level: Level
    side: Side
    ventral: FloatArray
    dorsal: FloatArray


def foramen_mouths(shape: Shape, curve: SacralCurve) -> tuple[Mouths, ...]:
    """Both mouths of all eight foramina: where the tunnel's axis meets the sacral surface."""
    found = []
    for side in Side:
        for n, level in enumerate(Level):
            t = shape.foramina[n]
            front = ventral_surface(shape, t[VENTRAL_X], t[VENTRAL_S])
            back = dorsal_surface(shape, t[DORSAL_X], t[DORSAL_S])
            ventral = _point(shape, curve, side.sign * t[VENTRAL_X], t[VENTRAL_S], front)
            dorsal = _point(shape, curve, side.sign * t[DORSAL_X], t[DORSAL_S], back)
            found.append(Mouths(level, side, ventral, dorsal))
    return tuple(found)


def canal_line(shape: Shape, curve: SacralCurve) -> FloatArray:
    """Centreline (n, 3) of the sacral canal from S1 to the hiatus."""
    points = []
    for u in np.linspace(_CANAL_START_U, CANAL_END_U, _CANAL_POINTS):
        v = profile_at(shape.profiles, BODY_DEPTH, u) + 0.42 * profile_at(
            shape.profiles, CANAL_DEPTH, u
        )
        points.append(_point(shape, curve, 0.0, u * shape.length, v))
    return np.array(points)


def sacral_axes(shape: Shape, curve: SacralCurve) -> tuple[FloatArray, FloatArray]:
    """Rotation (3, 3), whose columns are left, dorsal, cranial of the sacrum, and origin (3,).

    Cranial runs from the centre of the S2 body to that of the S1 body; the origin is the centre of
    the S1 upper endplate.
    """
    centres = [
        curve.point(u * shape.length, 0.5 * profile_at(shape.profiles, BODY_DEPTH, u))
        for u in (_S1_BODY_U, _S2_BODY_U)
    ]
    up = np.array([0.0, centres[0][0] - centres[1][0], centres[0][1] - centres[1][1]])
    cranial = up / np.linalg.norm(up)
    left = np.array([1.0, 0.0, 0.0])
    dorsal = np.cross(cranial, left)
    return np.stack([left, dorsal, cranial], axis=1), _unwarped(shape, np.zeros(3))


def _point(shape: Shape, curve: SacralCurve, x: float, s: float, v: float) -> FloatArray:
    y, z = curve.point(s, v)
    return _unwarped(shape, np.array([x, y, z]))


def _unwarped(shape: Shape, xyz: FloatArray) -> FloatArray:
    """The point whose warped x is `xyz[0]`: the bend is slow, so a few fixed-point steps do."""
    x = xyz[0]
    for _ in range(12):
        x -= warped_x(shape, x, xyz[1], xyz[2]) - xyz[0]
    return np.array([x, xyz[1], xyz[2]])
