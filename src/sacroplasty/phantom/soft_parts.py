"""Vessels and bowel: tubes and balls in the template frame."""

import numpy as np
from numpy.typing import NDArray

# One row per piece of vessel: ax, ay, az, bx, by, bz, radius, calcification (0 none, 1 heavy).
_MIDLINE_VESSELS = (
    (4.0, -36.0, 130.0, 2.0, -38.0, 48.0, 8.5, 1.0),  # aorta
    (-15.0, -33.0, 130.0, -13.0, -34.0, 34.0, 10.0, 0.0),  # inferior vena cava
)
_PAIRED_VESSELS = (
    (2.0, -38.0, 48.0, 30.0, -38.0, 4.0, 5.5, 1.0),  # common iliac artery
    (30.0, -38.0, 4.0, 62.0, -62.0, -60.0, 4.8, 0.4),  # external iliac artery
    (62.0, -62.0, -60.0, 80.0, -84.0, -110.0, 4.8, 0.3),  # femoral artery
    (30.0, -38.0, 4.0, 42.0, -4.0, -44.0, 3.8, 0.6),  # internal iliac artery
    (-5.0, -34.0, 34.0, 32.0, -30.0, -4.0, 6.5, 0.0),  # common iliac vein
    (32.0, -30.0, -4.0, 60.0, -56.0, -62.0, 6.2, 0.0),  # external iliac vein
    (60.0, -56.0, -62.0, 73.0, -82.0, -112.0, 6.0, 0.0),  # femoral vein
    (32.0, -30.0, -4.0, 44.0, 2.0, -42.0, 4.5, 0.0),  # internal iliac vein
)

_LOOPS = 120


def vessel_tubes() -> NDArray[np.float64]:
    """Array (n, 8): the paired vessels appear on both sides."""
    rows = list(_MIDLINE_VESSELS)
    for ax, ay, az, bx, by, bz, radius, calcium in _PAIRED_VESSELS:
        rows.append((ax, ay, az, bx, by, bz, radius, calcium))
        rows.append((-ax, ay, az, -bx, by, bz, radius, calcium))
    return np.array(rows)


def bowel_loops(rng: np.random.Generator) -> NDArray[np.float64]:
    """Array (n, 7): centre, three radii in mm, gas fraction of the lumen from the front."""
    rows = []
    for _ in range(_LOOPS):
        z = rng.uniform(-95.0, 130.0)
        spread = 95.0 if z > -20.0 else 48.0
        x, y = rng.uniform(-spread, spread), rng.uniform(-112.0, -62.0 if z > -20 else -48.0)
        radii = rng.uniform(11.0, 22.0, 3)
        gas = rng.uniform(0.2, 0.8) if rng.random() < 0.4 else 0.0
        rows.append((x, y, z, *radii, gas))
    return np.array(rows)
