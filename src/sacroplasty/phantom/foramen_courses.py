"""The course of each foraminal canal: from the sacral canal, forking to a ventral and a dorsal mouth.

The ventral mouth lies lateral and cranial of the dorsal one (Ebraheim 1996), so that the way
through is oblique: a needle that clears the dorsal mouth may still meet the ventral one.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.phantom.dimensions import PatientDimensions
from sacroplasty.phantom.sacral_profiles import (
    BODY_DEPTH,
    FORAMEN_U,
    ZONE_LATERAL,
    ZONE_MEDIAL,
    profile_u,
)

# Columns of the tube array, one row per level S1…S4; x is the distance from the midline.
FORK_X, FORK_S, FORK_V = 0, 1, 2
VENTRAL_X, VENTRAL_S, VENTRAL_HALF_X, VENTRAL_HALF_S = 3, 4, 5, 6
DORSAL_X, DORSAL_S, DORSAL_HALF_X, DORSAL_HALF_S = 7, 8, 9, 10
COLUMNS = 11

# S3 and S4 are not in the tables: they follow S2 by these ratios.
_SIZE_RATIO = (1.0, 1.0, 0.80, 0.66)
_SPACING_RATIO = (1.0, 1.0, 0.88, 0.76)
# The dorsal limb leaves the sloping back obliquely: its mouth is taller than the tunnel is.
_OBLIQUE = (0.72, 0.745, 0.85, 0.9)
# So that the free passage measured on the built bone has the drawn size: the ventral limb leans.
_VENTRAL_WIDTH, _VENTRAL_HEIGHT = (1.06, 1.0, 1.0, 1.0), (1.0, 0.96, 1.0, 1.0)
_SHIFT_RATIO = (1.0, 1.0, 0.9, 0.8)


def foramen_tubes(
    d: PatientDimensions, length_mm: float, profiles: NDArray[np.float64], foramen_size: float
) -> NDArray[np.float64]:
    """Array (4, COLUMNS) in mm; fills the Denis zone borders of `profiles` as it goes.

    The ventral S1 foramina are `foramen_size` wider than drawn (dysmorphic: large, not round).
    """
    u = profile_u()
    tubes = np.empty((4, COLUMNS))
    levels = foramen_levels(d)
    for level, at in enumerate(levels):
        s = at * length_mm
        size, shift = _SIZE_RATIO[level], _SHIFT_RATIO[level]
        ventral_w, ventral_h, dorsal_w, dorsal_h = _mouths(d, level)
        if level == 0:
            ventral_w *= foramen_size
        dorsal_x = _dorsal_x(d, level)
        ventral_x = dorsal_x + shift * d.ventral_foramen_lateral_shift
        rise = 0.5 * shift * d.ventral_foramen_superior_shift
        depth = float(np.interp(s / length_mm, u, profiles[BODY_DEPTH]))
        tubes[level, FORK_X : FORK_V + 1] = 0.5 * (dorsal_x + ventral_x) - 1.0, s, depth - 1.5
        tubes[level, VENTRAL_X:DORSAL_X] = (
            ventral_x,
            s - rise,
            0.5 * ventral_w * size * _VENTRAL_WIDTH[level],
            0.5 * ventral_h * size * _VENTRAL_HEIGHT[level],
        )
        tubes[level, DORSAL_X:] = (
            dorsal_x,
            s + rise,
            0.5 * dorsal_w * size,
            0.5 * dorsal_h * size * _OBLIQUE[level],
        )
    inner = np.minimum(
        tubes[:, DORSAL_X] - tubes[:, DORSAL_HALF_X], tubes[:, VENTRAL_X] - tubes[:, VENTRAL_HALF_X]
    )
    outer = np.maximum(
        tubes[:, DORSAL_X] + tubes[:, DORSAL_HALF_X], tubes[:, VENTRAL_X] + tubes[:, VENTRAL_HALF_X]
    )
    profiles[ZONE_MEDIAL] = np.interp(u, levels, inner)
    profiles[ZONE_LATERAL] = np.interp(u, levels, outer)
    return tubes


def foramen_levels(d: PatientDimensions) -> NDArray[np.float64]:
    """Shares (4,) of the ventral line at which the foramina S1…S4 lie: a high S1 moves all up."""
    typical = np.asarray(FORAMEN_U)
    return typical + (d.s1_foramen_level - typical[0]) * (1.0 - typical) / (1.0 - typical[0])


def _mouths(d: PatientDimensions, level: int) -> tuple[float, float, float, float]:
    if level == 0:
        return (
            d.s1_ventral_foramen_width,
            d.s1_ventral_foramen_height,
            d.s1_dorsal_foramen_width,
            d.s1_dorsal_foramen_height,
        )
    return (
        d.s2_ventral_foramen_width,
        d.s2_ventral_foramen_height,
        d.s2_dorsal_foramen_width,
        d.s2_dorsal_foramen_height,
    )


def _dorsal_x(d: PatientDimensions, level: int) -> float:
    if level == 0:
        return d.s1_dorsal_foramen_offset
    s2 = 0.5 * (d.s2_dorsal_foramen_spacing + d.s2_dorsal_foramen_width)
    return _SPACING_RATIO[level] * s2
