"""How the sacrum's cross-section changes from S1 to the apex.

Profiles over ``u = s / length`` from −0.4 to 1.6, as rows of one array that kernels read linearly.
The knots are drawn by eye from textbook sections; the sizes that scale them are drawn per patient.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.phantom.dimensions import PatientDimensions

U0, U_STEP, U_COUNT = -0.4, 0.005, 401

# Rows of the profile array.
HALF_WIDTH, BODY_DEPTH, CANAL_DEPTH, CANAL_HALF_WIDTH = 0, 1, 2, 3
MID_BACK, LATERAL_BACK, ZONE_MEDIAL, ZONE_LATERAL, CREST = 4, 5, 6, 7, 8
ROWS = 9

CANAL_END_U = 0.90  # the hiatus, S4/S5
FORAMEN_U = (0.31, 0.53, 0.71, 0.855)

_HALF_WIDTH_KNOTS = (
    (-0.1, 0.93), (0.03, 0.99), (0.12, 1.0), (0.20, 0.95), (0.30, 0.85), (0.45, 0.72), (0.55, 0.67),
    (0.66, 0.64), (0.78, 0.57), (0.86, 0.46), (0.93, 0.30), (1.0, 0.17), (1.2, 0.14),
)  # fmt: skip
_BODY_KNOTS = (
    (0.0, 1.06),
    (0.13, 0.90),
    (0.29, 0.66),
    (0.45, 0.51),
    (0.61, 0.39),
    (0.8, 0.30),
    (1.0, 0.26),
)
_CANAL_KNOTS = (
    (0.0, 1.0),
    (0.13, 0.97),
    (0.29, 0.75),
    (0.49, 0.56),
    (0.68, 0.38),
    (0.8, 0.29),
    (0.92, 0.22),
)
_CANAL_WIDTH_KNOTS = (
    (0.0, 1.0),
    (0.15, 1.0),
    (0.3, 0.86),
    (0.5, 0.66),
    (0.7, 0.52),
    (0.85, 0.42),
    (1.0, 0.3),
)
_LATERAL_KNOTS = (
    (0.0, 34.0),
    (0.1, 34.0),
    (0.26, 32.0),
    (0.4, 27.0),
    (0.55, 22.0),
    (0.7, 17.0),
    (0.85, 11.0),
    (1.0, 8.0),
)
_CREST_U = (0.36, 0.50, 0.65, 0.79)
_CREST_MM = (8.0, 7.0, 5.5, 3.5)


def sacral_profiles(d: PatientDimensions, length_mm: float) -> NDArray[np.float64]:
    """Array (ROWS, U_COUNT) in mm."""
    u = profile_u()
    scale = length_mm / 103.0
    rows = np.empty((ROWS, U_COUNT))
    rows[HALF_WIDTH] = 0.5 * d.interauricular_width * _knots(u, _HALF_WIDTH_KNOTS)
    rows[BODY_DEPTH] = d.s1_endplate_depth * _knots(u, _BODY_KNOTS)
    rows[CANAL_DEPTH] = d.s1_canal_depth * _knots(u, _CANAL_KNOTS)
    rows[CANAL_HALF_WIDTH] = 0.5 * d.s1_canal_width * _knots(u, _CANAL_WIDTH_KNOTS)
    roof = np.interp(u, [0.0, 0.6, 0.9], [5.0, 4.0, 3.0])
    back = rows[BODY_DEPTH] + rows[CANAL_DEPTH] + roof
    rows[MID_BACK] = np.where(u > CANAL_END_U, rows[BODY_DEPTH] + 0.4 * rows[CANAL_DEPTH], back)
    rows[LATERAL_BACK] = scale * _knots(u, _LATERAL_KNOTS)
    rows[CREST] = sum(
        height * np.exp(-(((u - at) / 0.05) ** 2))
        for at, height in zip(_CREST_U, _CREST_MM, strict=True)
    )
    rows[ZONE_MEDIAL] = rows[ZONE_LATERAL] = 0.0
    return rows


def profile_u() -> NDArray[np.float64]:
    """The stations (U_COUNT,) of the profiles."""
    return np.asarray(U0 + U_STEP * np.arange(U_COUNT), dtype=np.float64)


def _knots(u: NDArray[np.float64], knots: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    at, value = zip(*knots, strict=True)
    return np.asarray(np.interp(u, at, value), dtype=np.float64)
