"""HU to permeability: each link of the chain, and the medium that it makes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from box_patient import FRAME, toy_ct, toy_grid, toy_sacrum, with_hole
from sacroplasty.anatomy import Structure
from sacroplasty.geometry import Points
from sacroplasty.injection import build_medium
from sacroplasty.injection.bone_laws import (
    apparent_density,
    bone_volume_fraction,
    kozeny_carman,
    mineral_density,
    porosity_from_hu,
    trabecular_permeability,
)

M2 = 1e6  # mm² per m²


@pytest.mark.parametrize(("hu", "bmd"), [(44.84, 37.16), (105.66, 86.42), (97.73, 80.0)])
def test_the_density_line_passes_through_its_published_pairs(hu: float, bmd: float) -> None:
    assert mineral_density(np.array(hu)) == pytest.approx(bmd, abs=0.1)


@pytest.mark.parametrize(
    ("porosity", "k_m2"), [(0.70, 6.9e-9), (0.80, 1.75e-8), (0.85, 3.2e-8), (0.90, 7.1e-8)]
)
def test_kozeny_carman_gives_the_tabulated_permeabilities(porosity: float, k_m2: float) -> None:
    assert kozeny_carman(np.array(porosity)) == pytest.approx(k_m2 * M2, rel=0.03)


def test_more_bone_means_less_room_and_less_flow() -> None:
    hu = np.arange(-200.0, 1500.0, 5.0)
    porosity = porosity_from_hu(hu)
    assert (np.diff(porosity) <= 0).all()
    assert (np.diff(trabecular_permeability(porosity)) <= 0).all()


def test_marrow_fat_is_a_void_and_not_bone() -> None:
    assert apparent_density(mineral_density(np.array(-80.0))) == 0.0
    assert porosity_from_hu(np.array(-80.0)) == pytest.approx(0.99)


def test_vertebral_trabecular_bone_has_the_measured_apparent_density() -> None:
    # Wet apparent density of vertebral trabecular bone is 0.09–0.35 g/cm³.
    density = apparent_density(mineral_density(np.array([45.0, 100.0, 150.0])))
    assert ((density > 0.09) & (density < 0.36)).all()
    assert bone_volume_fraction(density).max() < 0.25


def test_permeability_of_osteoporotic_bone_lies_within_both_published_series() -> None:
    k = trabecular_permeability(porosity_from_hu(np.array([45.0, 105.0]))) / M2
    assert ((k > 2.68e-11) & (k < 6.2e-8)).all()


def test_cortex_is_nearly_tight_and_a_hole_in_it_is_not() -> None:
    sacrum, grid = toy_sacrum(), toy_grid()
    ct = toy_ct(sacrum)
    k, j, i = grid.kji_at(Points.at([30.0, -20.0, 5.0], FRAME))[0].astype(int)
    hole = np.zeros(grid.shape, dtype=bool)
    hole[k - 2 : k + 3, j : j + 3, i - 2 : i + 3] = True
    speck = np.zeros(grid.shape, dtype=bool)
    speck[k, j, i] = True
    closed, opened, dark = (
        build_medium(scan, sacrum, grid).permeability_mm2.values[k, j, i]
        for scan in (ct, with_hole(ct, hole), with_hole(ct, speck))
    )
    assert closed < 1e-6 * opened
    # One dark voxel is the scan's noise or blur, not a hole.
    assert dark == closed


def test_a_vessel_full_of_contrast_closes_no_hole_beside_it() -> None:
    sacrum, grid = toy_sacrum(), toy_grid()
    k, j, i = grid.kji_at(Points.at([30.0, -20.0, 5.0], FRAME))[0].astype(int)
    hole = np.zeros(grid.shape, dtype=bool)
    hole[k - 2 : k + 3, j : j + 3, i - 2 : i + 3] = True
    vessel = np.zeros(grid.shape, dtype=bool)
    vessel[k - 2 : k + 3, j - 3 : j, i - 2 : i + 3] = True
    scan = with_hole(toy_ct(sacrum), hole)
    opened, beside = (
        build_medium(ct, sacrum, grid).permeability_mm2.values[k, j, i]
        for ct in (scan, with_hole(scan, vessel, hu=350))
    )
    assert beside == opened > 1e-3


def test_an_outline_drawn_a_voxel_too_wide_opens_no_cortex() -> None:
    sacrum, grid = toy_sacrum(), toy_grid()
    ct = toy_ct(sacrum)
    bone = sacrum.mask(Structure.SACRUM)
    labels = sacrum.labels.values.copy()
    labels[ndimage.binary_dilation(bone) & (labels == Structure.SOFT_TISSUE)] = Structure.SACRUM
    wide = replace(sacrum, labels=replace(sacrum.labels, values=labels))
    surface = (labels == Structure.SACRUM) & ~ndimage.binary_erosion(labels == Structure.SACRUM)
    front = surface & (np.indices(grid.shape)[1] == np.argwhere(surface)[:, 1].min())
    assert front.sum() > 1000
    permeability = build_medium(ct, wide, grid).permeability_mm2.values
    assert (
        permeability[front].max()
        == build_medium(ct, sacrum, grid).permeability_mm2.values[bone].min()
    )


def test_air_takes_no_cement_and_soft_tissue_takes_some() -> None:
    sacrum = toy_sacrum()
    ct = toy_ct(sacrum)
    bowel = np.zeros(ct.hu.shape, dtype=bool)
    bowel[:, :5, :] = True
    medium = build_medium(with_hole(ct, bowel, hu=-900), sacrum, toy_grid())
    assert not medium.porosity.values[bowel].any()
    assert not medium.permeability_mm2.values[bowel].any()
    canal = sacrum.mask(Structure.CANAL)
    assert 1e-10 * M2 <= medium.permeability_mm2.values[canal].min() <= 1e-9 * M2
