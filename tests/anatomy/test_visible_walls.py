"""The wall of an opening is where the CT shows it, whatever threshold the mask was made with."""

import numpy as np
import pytest
from scipy import ndimage

from sacroplasty.anatomy.visible_walls import open_to_half_maximum
from sacroplasty.anatomy.working_grid import signed_distance

RADIUS_MM = 5.4


def blurred_tunnel(contrast: float) -> np.ndarray:
    """A straight tunnel of 5.4 mm radius through solid bone, blurred as by a scanner, 1 mm voxels."""
    fine = np.mgrid[0:205, 0:205] - 102.0
    bone = np.where(np.hypot(*fine) < RADIUS_MM * 5, 0.0, contrast)
    plane = ndimage.gaussian_filter(bone, 1.0 * 5)[2::5, 2::5] + 20.0
    return np.repeat(plane[None], 12, axis=0).astype(np.int16)


def radius_mm(hu: np.ndarray, threshold: float) -> float:
    """Of the tunnel after it was opened, from its area."""
    distance = signed_distance(hu >= threshold, (1.0, 1.0, 1.0))
    opened = open_to_half_maximum(distance, hu, np.ones(hu.shape, dtype=bool))
    return float(np.sqrt((opened[6] > 0).sum() / np.pi))


@pytest.mark.parametrize("contrast", [300.0, 700.0, 1200.0])
def test_a_blurred_tunnel_gets_its_own_radius_back(contrast: float) -> None:
    assert radius_mm(blurred_tunnel(contrast), 130.0) == pytest.approx(RADIUS_MM, abs=0.3)


def test_the_threshold_of_the_mask_does_not_matter() -> None:
    hu = blurred_tunnel(700.0)
    assert radius_mm(hu, 90.0) == pytest.approx(radius_mm(hu, 250.0), abs=0.15)


def test_an_opening_is_never_made_narrower() -> None:
    hu = blurred_tunnel(700.0)
    distance = signed_distance(hu >= 130.0, (1.0, 1.0, 1.0))
    opened = open_to_half_maximum(distance, hu, np.ones(hu.shape, dtype=bool))
    assert ((opened > 0) >= (distance > 0)).all()


def test_marrow_without_a_wall_stays_bone() -> None:
    """A void that a mask left in soft marrow has no bright rim: there is nothing to open."""
    hu = np.full((12, 41, 41), 60, dtype=np.int16)
    solid = np.hypot(*(np.mgrid[0:41, 0:41] - 20.0)) > 4
    distance = signed_distance(np.repeat(solid[None], 12, axis=0), (1.0, 1.0, 1.0))
    opened = open_to_half_maximum(distance, hu, np.ones(hu.shape, dtype=bool))
    assert (opened == distance).all()
