"""An injection does not know how its grid lies: the same bone, turned under the voxels."""

import numpy as np
import pytest
from darcy_cases import NEWTONIAN, K, course_of, feed_of, medium_of, source_at
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.injection.front_flow import FrontFlow

Floats = NDArray[np.float64]
_WAVE_MM = 14.0


def filled(turn_deg: float, h: float, contrast: float) -> Floats:
    """Surface voxels of 2 mL in smooth bone turned about k: centres (n, 3) in mm, turned back."""
    n = 2 * int(14 / h) + 1
    k, j, i = (np.indices((n, n, n)) - n // 2) * h
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    x, y = c * i + s * j, c * j - s * i
    wave = np.sin(2 * np.pi * x / _WAVE_MM) * np.cos(2 * np.pi * y / (1.3 * _WAVE_MM) + 0.6)
    permeability = K * np.exp(contrast * wave * np.cos(2 * np.pi * k / (1.7 * _WAVE_MM)))
    flow = FrontFlow(medium_of(np.asarray(permeability), h), NEWTONIAN)
    course_of(flow, source_at(flow, (0.0, 0.0, 0.0)), feed_of(2000.0)).run(lambda _: None)
    full = flow.cement_mm3 > 0.45 * h**3
    edge = full & ~ndimage.binary_erosion(full)
    return np.stack([x[edge], y[edge], k[edge]], axis=1)


def apart_mm(one: Floats, other: Floats) -> tuple[float, float]:
    """Mean and 95th percentile of the distance between two clouds of surface voxels, both ways."""
    away = np.linalg.norm(one[:, None, :] - other[None, :, :], axis=2)
    both = np.concatenate([away.min(axis=0), away.min(axis=1)])
    return float(both.mean()), float(np.percentile(both, 95))


@pytest.mark.parametrize("turn_deg", [30.0, 45.0])
@pytest.mark.parametrize("contrast", [0.0, 1.0])
def test_the_surface_stays_where_it_is_when_the_grid_is_turned(
    turn_deg: float, contrast: float
) -> None:
    # Voxel centres of two grids that are turned lie half a voxel apart by themselves.
    mean, far = apart_mm(filled(0.0, 1.0, contrast), filled(turn_deg, 1.0, contrast))
    print(f"turned by {turn_deg}°, contrast {contrast}: mean {mean:.2f} mm, 95 % {far:.2f} mm")
    assert mean < 0.6
    assert far < 1.1


def test_a_finer_grid_brings_the_turned_surfaces_together() -> None:
    coarse, fine = (apart_mm(filled(0.0, h, 1.0), filled(30.0, h, 1.0))[0] for h in (1.4, 0.7))
    print(f"mean distance {coarse:.2f} mm at 1.4 mm, {fine:.2f} mm at 0.7 mm")
    assert coarse / fine > 1.7
