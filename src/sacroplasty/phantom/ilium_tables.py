"""The hip bone's blade as tables over (y, z): outline, distance from the midline, half thickness."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sacroplasty.phantom.dimensions import PatientDimensions
from sacroplasty.phantom.sacral_curve import table_nodes

# Side view of the blade (y, z), with the crest top at z = 38, going cranially from the PSIS.
_OUTLINE = np.array(
    [
        (72, -24), (75, -10), (69, 6), (54, 22), (32, 34), (8, 38), (-16, 36), (-38, 26), (-54, 10),
        (-62, -8), (-57, -20), (-46, -32), (-50, -44), (-47, -58), (-44, -80), (-36, -98),
        (-18, -106), (6, -106), (20, -96), (16, -84), (6, -72), (2, -62), (8, -53), (24, -49),
        (42, -52), (58, -54), (66, -42),
    ],
    dtype=np.float64,
)  # fmt: skip
_CREST_TOP_MM = 38.0
# Distance from the midline along y, for an interauricular width of 108 mm.
_MIDDLE = (
    (80.0, 32.0),
    (62.0, 41.0),
    (40.0, 53.0),
    (18.0, 66.0),
    (-12.0, 89.0),
    (-35.0, 109.0),
    (-62.0, 124.0),
)


def ilium_tables(
    d: PatientDimensions,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Signed distance to the outline (negative inside), middle |x|, half thickness: (nz, ny) in mm."""
    y, z = table_nodes()
    outline = _OUTLINE.copy()
    above = outline[:, 1] > 0
    outline[above, 1] *= d.iliac_crest_above_sacral_base / _CREST_TOP_MM
    distance = _signed_distance(_rounded(outline), y, z)
    at, middle = zip(*sorted(_MIDDLE), strict=True)
    x = np.interp(y, at, middle) + 0.5 * (d.interauricular_width - 108.0)
    x += 0.12 * np.clip(-12.0 - z, 0.0, 70.0) * np.clip((60.0 - y) / 60.0, 0.0, 1.0)
    # Around the hip the blade thickens and turns inward towards the socket.
    hip = np.exp(-(((y + 14.0) / 30.0) ** 2 + ((z + 80.0) / 26.0) ** 2))
    x -= (
        22.0
        * np.exp(-((np.clip(z + 96.0, -60, 60) / 34.0) ** 2))
        * np.clip((-y + 14.0) / 50.0, 0.0, 1.0)
    )
    crest = np.exp(-((distance / 9.0) ** 2)) * np.clip((z + 40.0) / 40.0, 0.0, 1.0)
    back = np.clip((y - 8.0) / 35.0, 0.0, 1.0)
    pillar = np.exp(-(((y + 22.0) / 11.0) ** 2)) * np.clip(z / 30.0 + 1.0, 0.0, 1.0)
    low = np.exp(-(((z + 60.0) / 26.0) ** 2))
    half = 1.9 + 4.4 * crest + 6.2 * back + 1.6 * pillar + 6.5 * low + 9.0 * hip
    half = gaussian_filter(half, 3.0)
    return (
        distance.astype(np.float32),
        gaussian_filter(x, 6.0).astype(np.float32),
        half.astype(np.float32),
    )


def _rounded(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corner cutting (Chaikin): two rounds turn the polygon into a smooth curve."""
    for _ in range(2):
        after = np.roll(corners, -1, axis=0)
        corners = np.stack([0.75 * corners + 0.25 * after, 0.25 * corners + 0.75 * after], axis=1)
        corners = corners.reshape(-1, 2)
    return corners


def _signed_distance(
    polygon: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance to a closed polygon, negative inside (even–odd rule)."""
    best = np.full(y.shape, np.inf)
    inside = np.zeros(y.shape, dtype=bool)
    for (ay, az), (by, bz) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        ey, ez = by - ay, bz - az
        t = np.clip(((y - ay) * ey + (z - az) * ez) / (ey * ey + ez * ez), 0.0, 1.0)
        best = np.minimum(best, np.hypot(y - ay - t * ey, z - az - t * ez))
        crosses = (az > z) != (bz > z)
        if ez != 0.0:
            inside ^= crosses & (y < ay + (z - az) / ez * ey)
    return np.where(inside, -best, best)
