"""The SI joint is a thin sheet that leaves the ala alone; the disc lies between two bodies."""

from functools import cache

import numpy as np
import pytest
from scipy import ndimage
from toy_pelvis import DISC_MM, Given, toy_pelvis

from sacroplasty.anatomy import SacrumModel, Structure, build_sacrum
from sacroplasty.anatomy.si_joints import part_at_joint

JOINTS = (Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT)


def thickness_along_x(mask: np.ndarray) -> np.ndarray:
    count = mask.sum(axis=2)
    return np.asarray(count[count > 0])


@pytest.mark.parametrize("gap_mm", [0.0, 2.0, 4.0])
def test_a_joint_is_a_closed_sheet_of_at_most_four_voxels(gap_mm: float) -> None:
    model = model_of(gap_mm)
    for joint in JOINTS:
        sheet = model.mask(joint)
        assert sheet.any()
        assert np.percentile(thickness_along_x(sheet), 95) <= 4
        assert ndimage.label(sheet, np.ones((3, 3, 3)))[1] == 1


@cache
def model_of(gap_mm: float) -> SacrumModel:
    toy = toy_pelvis(gap_mm)
    return build_sacrum(toy.ct, Given(toy.labels))


def test_touching_masks_lose_at_most_the_outermost_voxel() -> None:
    toy = toy_pelvis(0.0)
    model = model_of(0.0)
    was = toy.labels.on(model.labels.grid, order=0).values == Structure.SACRUM
    lost = was & model.mask(*JOINTS)
    inside = ndimage.distance_transform_edt(was)
    assert lost.any()
    assert inside[lost].max() <= np.sqrt(3) + 1e-6


def test_a_jagged_boundary_is_smoothed_without_moving_it() -> None:
    """A saw of ±2 voxels along z: the sheet runs straight through its middle."""
    shape = (60, 40, 60)
    k, _, i = np.indices(shape)
    border = 30 + np.where((k // 3) % 2 == 0, 2, -2)
    sacrum, ilium = i < border, i >= border
    away = [
        (ndimage.distance_transform_edt(~m) - ndimage.distance_transform_edt(m)).astype(np.float32)
        for m in (sacrum, ilium)
    ]
    parted = part_at_joint(away[0], away[1])
    where = np.argwhere(parted.joint[10:50, 10:30])
    assert abs(where[:, 2].mean() - 29.5) < 0.6
    assert where[:, 2].std() < 1.0
    assert parted.to_ilium.sum() == pytest.approx(parted.to_sacrum.sum(), rel=0.2)


def test_the_disc_is_a_slab_between_the_bodies() -> None:
    model = model_of(2.0)
    disc = model.labels.grid.points_at(np.argwhere(model.mask(Structure.DISC_L5S1))).xyz
    whole = 48 * 30 * DISC_MM
    assert 0.7 * whole < len(disc) < 1.1 * whole
    assert disc[:, 2].min() >= -1
    assert disc[:, 2].max() <= DISC_MM + 1
    assert disc[:, 1].max() < 18  # no facet gap
