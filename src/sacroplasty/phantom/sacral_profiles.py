"""How the sacrum's cross-section changes from S1 to the apex.

Profiles over ``u = s / length`` from −0.4 to 1.6, as rows of one array that kernels read linearly.
The knots are global shapes, the same in every patient, chosen by eye after looking at sections of
five real sacra (docs/validation.md says which ones); the sizes that scale them are drawn per patient.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.phantom.dimensions import PatientDimensions

U0, U_STEP, U_COUNT = -0.4, 0.005, 401

# Rows of the profile array.
HALF_WIDTH, BODY_DEPTH, CANAL_DEPTH, CANAL_HALF_WIDTH = 0, 1, 2, 3
MID_BACK, LATERAL_BACK, ZONE_MEDIAL, ZONE_LATERAL, CREST = 4, 5, 6, 7, 8
LATERAL_FALL = 9
ROWS = 10

CANAL_END_U = 0.90  # the hiatus, S4/S5
# The S1 body stands 11 mm above the ala; pedicles are 20, 12, 7 and foramina 13, 13, 10 mm high
# (Ebraheim 1998): their middles lie 37, 62 and 81 mm below the endplate. Those of S3 and S4 are
# moved up a little, so that all four keep bone between them in the length of the curve.
FORAMEN_U = (0.345, 0.565, 0.72, 0.845)

_HALF_WIDTH_KNOTS = (
    (-0.1, 0.97), (0.03, 0.99), (0.12, 1.0), (0.20, 0.98), (0.26, 0.93), (0.35, 0.85), (0.45, 0.81),
    (0.57, 0.78), (0.66, 0.70), (0.78, 0.62), (0.86, 0.51), (0.93, 0.35), (1.0, 0.20), (1.2, 0.14),
)  # fmt: skip
_BODY_KNOTS = (
    (0.0, 1.0), (0.07, 0.91), (0.15, 0.78), (0.2, 0.71), (0.3, 0.58), (0.4, 0.48), (0.5, 0.41),
    (0.61, 0.34), (0.8, 0.27), (1.0, 0.24),
)  # fmt: skip
_SQUARE_KNOTS = ((0.05, 0.0), (0.15, 0.2), (0.28, 0.36), (0.31, 0.3), (0.42, 0.0))
_CANAL_KNOTS = (
    (0.0, 1.0), (0.13, 0.92), (0.2, 0.78), (0.3, 0.57), (0.4, 0.43), (0.5, 0.34), (0.6, 0.27),
    (0.8, 0.22), (0.92, 0.2),
)  # fmt: skip
_CANAL_WIDTH_KNOTS = (
    (0.0, 1.0),
    (0.15, 1.0),
    (0.3, 0.86),
    (0.5, 0.66),
    (0.7, 0.52),
    (0.85, 0.42),
    (1.0, 0.3),
)
# Thickness (mm) of the lateral mass behind the foramina, and its fall towards the lateral border.
_LATERAL_KNOTS = (
    (0.0, 34.0), (0.08, 34.0), (0.15, 36.5), (0.2, 35.5), (0.25, 31.5), (0.3, 28.0), (0.36, 24.0),
    (0.45, 20.0), (0.55, 17.5), (0.65, 12.5), (0.75, 9.0), (0.85, 4.0), (0.95, 2.5), (1.0, 3.0),
)  # fmt: skip
_FALL_KNOTS = (
    (0.0, 9.0),
    (0.1, 5.0),
    (0.2, 6.0),
    (0.26, 14.0),
    (0.5, 13.0),
    (0.65, 8.0),
    (0.75, 2.0),
)
_CREST_U = (0.36, 0.50, 0.65, 0.79)
_CREST_MM = (8.0, 7.0, 5.5, 3.5)


def sacral_profiles(d: PatientDimensions, squaring: float = 0.0) -> NDArray[np.float64]:
    """Array (ROWS, U_COUNT) in mm; `squaring` 1 makes the S1 body about as deep below as above."""
    u = profile_u()
    # Thickness follows the drawn depths, not the length: a long sacrum need not be a thick one.
    scale = (d.s1_endplate_depth + d.s1_canal_depth) / 52.0
    rows = np.empty((ROWS, U_COUNT))
    rows[HALF_WIDTH] = 0.506 * d.interauricular_width * _knots(u, _HALF_WIDTH_KNOTS)
    rows[BODY_DEPTH] = d.s1_endplate_depth * _knots(u, _BODY_KNOTS)
    rows[BODY_DEPTH] *= 1.0 + squaring * _knots(u, _SQUARE_KNOTS)
    rows[CANAL_DEPTH] = d.s1_canal_depth * _knots(u, _CANAL_KNOTS)
    rows[CANAL_HALF_WIDTH] = 0.5 * d.s1_canal_width * _knots(u, _CANAL_WIDTH_KNOTS)
    roof = scale * np.interp(u, [0.0, 0.3, 0.6, 0.9], [6.0, 3.0, 2.5, 3.0])
    back = rows[BODY_DEPTH] + rows[CANAL_DEPTH] + roof
    rows[MID_BACK] = np.where(u > CANAL_END_U, rows[BODY_DEPTH] + 0.4 * rows[CANAL_DEPTH], back)
    rows[LATERAL_BACK] = scale * _knots(u, _LATERAL_KNOTS)
    rows[LATERAL_FALL] = scale * _knots(u, _FALL_KNOTS)
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
