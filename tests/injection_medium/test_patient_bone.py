"""The medium of a patient: tissues, voids, cavities, and draws of them."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from box_patient import FRAME, toy_ct, toy_needle, toy_plan, toy_sacrum, with_hole
from sacroplasty.anatomy import SacrumModel, Side, Structure
from sacroplasty.cement import recipe
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.geometry import Frame, Grid, Points
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import (
    BoneDraw,
    BoneLaws,
    Cavity,
    InjectionSettings,
    PowerLaw,
    build_medium,
    inject,
    prepare_bone,
)
from sacroplasty.injection.bone_laws import porosity_from_hu, trabecular_permeability
from sacroplasty.provenance import digest
from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

GRID = Grid.axis_aligned((40, 52, 60), (10.0, -26.0, -12.0), (1.0,) * 3, FRAME)
MEDIAN = BoneDraw.median()


@cache
def sacrum() -> SacrumModel:
    return toy_sacrum()


@cache
def ct() -> CTVolume:
    return toy_ct(sacrum())


def at(x: float, y: float, z: float) -> tuple[int, ...]:
    """Index of a point."""
    return tuple(np.rint(GRID.kji_at(Points.at([x, y, z], FRAME))[0]).astype(int))


def test_the_median_medium_is_the_law_at_its_median() -> None:
    medium = build_medium(ct(), sacrum(), GRID)
    inside = at(32, 0, 5)
    hu = np.array(60.0)
    assert medium.porosity.values[inside] == pytest.approx(porosity_from_hu(hu))
    mean = trabecular_permeability(porosity_from_hu(hu))
    assert medium.permeability_mm2.values[inside] == pytest.approx(float(mean))
    k, j, i = (medium.along_kji_mm2[axis][inside] for axis in range(3))
    assert k / j == pytest.approx(1.28)
    assert j == pytest.approx(i)
    assert np.cbrt(k * j * i) == pytest.approx(float(mean))


def test_without_anisotropy_all_axes_are_alike_to_the_bit() -> None:
    bone = prepare_bone(ct(), sacrum(), GRID, laws=BoneLaws(si_over_ap=1.0))
    medium = bone.medium(MEDIAN)
    assert medium.is_isotropic
    assert not build_medium(ct(), sacrum(), GRID).is_isotropic


def test_only_bone_follows_the_factor_of_bone() -> None:
    bone = prepare_bone(ct(), sacrum(), GRID)
    one, two = (
        bone.medium(replace(MEDIAN, permeability_factor=f)).permeability_mm2.values
        for f in (0.1, 0.2)
    )
    marrow, cortex, front = at(32, 0, 5), at(32, -20, 5), at(32, -24, 5)
    assert two[marrow] / one[marrow] == pytest.approx(2.0)
    assert two[cortex] == one[cortex] == pytest.approx(mm2_from_m2(1e-14))
    assert two[front] == one[front]
    loose = bone.medium(replace(MEDIAN, loose_tissue_factor=3.0)).permeability_mm2.values
    assert loose[front] == pytest.approx(3.0 * one[front])
    assert loose[cortex] == one[cortex]
    rough = bone.medium(replace(MEDIAN, cortex_factor=10.0)).permeability_mm2.values
    assert rough[cortex] == pytest.approx(10.0 * one[cortex])


def test_noise_varies_bone_and_nothing_else() -> None:
    bone = prepare_bone(ct(), sacrum(), GRID)
    draw = replace(MEDIAN, permeability_factor=0.05, noise_seed=3)
    still = bone.medium(replace(draw, noise_seed=None)).permeability_mm2.values
    rough = bone.medium(draw).permeability_mm2.values
    labels = bone.tissues.labels
    ratio = np.log(rough[still > 0] / still[still > 0])
    marrow = (bone.tissues.kind == 2)[still > 0]
    assert not ratio[~marrow].any()
    assert ratio[marrow].std() == pytest.approx(draw.noise_sigma, rel=0.1)
    assert (labels == Structure.SACRUM).any()


def test_a_draw_gives_the_same_bytes_every_time() -> None:
    bone = prepare_bone(ct(), sacrum(), GRID, needles=[toy_needle(Side.LEFT).needle])
    draw = BoneDraw.drawn(np.random.default_rng(11))
    assert digest(bone.medium(draw)) == digest(bone.medium(draw))
    other = BoneDraw.drawn(np.random.default_rng(12))
    assert digest(bone.medium(draw)) != digest(bone.medium(other))


def test_fat_in_the_ala_is_an_open_void() -> None:
    hole = np.zeros(ct().hu.shape, dtype=bool)
    grid = ct().grid
    k, j, i = np.rint(grid.kji_at(Points.at([30.0, 0.0, 5.0], FRAME))[0]).astype(int)
    hole[k - 2 : k + 3, j - 2 : j + 3, i - 2 : i + 3] = True
    bone = prepare_bone(with_hole(ct(), hole, hu=-60), sacrum(), GRID)
    medium = bone.medium(replace(MEDIAN, permeability_factor=0.02))
    void = at(30, 0, 5)
    assert medium.permeability_mm2.values[void] == pytest.approx(
        mm2_from_m2(constant("permeability_open_void").value)
    )
    assert medium.porosity.values[void] > 0.98


def test_a_swapped_law_is_used() -> None:
    law = PowerLaw.nauman1999()
    bone = prepare_bone(ct(), sacrum(), GRID, laws=BoneLaws(permeability=law))
    found = bone.medium(replace(MEDIAN, permeability_factor=1.0)).permeability_mm2.values
    assert found[at(32, 0, 5)] == pytest.approx(float(law(porosity_from_hu(np.array(60.0)))))


@pytest.mark.parametrize("ml", [0.5, 2.0])
def test_a_balloon_leaves_a_room_of_its_volume(ml: float) -> None:
    cavity = Cavity.balloon(Points.at([32.3, 0.2, 5.1], FRAME), ml)
    cells, share = cavity.coverage(GRID)
    assert share.sum() == pytest.approx(1000.0 * ml, rel=0.01)
    medium = prepare_bone(ct(), sacrum(), GRID, cavities=[cavity]).medium(MEDIAN)
    assert medium.porosity.values[at(32, 0, 5)] == 1.0
    assert medium.permeability_mm2.values[at(32, 0, 5)] == pytest.approx(
        mm2_from_m2(constant("permeability_open_void").value)
    )
    assert np.unique(cells).size == cells.size


def test_an_osteotome_leaves_a_capsule() -> None:
    start, end = Points.at([26.0, 0.0, 5.0], FRAME), Points.at([38.0, 6.0, 9.0], FRAME)
    cells, share = Cavity(start, end, 2.0).coverage(GRID)
    assert cells.size > 0
    exact = math.pi * 4.0 * 14.0 + 4.0 / 3.0 * math.pi * 8.0
    assert share.sum() == pytest.approx(exact, rel=0.01)


def test_cement_fills_a_cavity_before_the_bone_around_it() -> None:
    cavity = Cavity.balloon(Points.at([32.0, 0.0, 12.0], FRAME), 1.0)
    fresh = prepare_bone(ct(), sacrum(), GRID, cavities=[cavity])
    medium = fresh.medium(replace(MEDIAN, permeability_factor=0.02))
    assert (
        medium.permeability_mm2.values[at(32, 0, 12)]
        > 20 * medium.permeability_mm2.values[at(32, 0, -5)]
    )


def test_settings_carry_a_draw_and_laws_into_the_injection() -> None:
    plan, cement = toy_plan(toy_needle(Side.LEFT, 1.0)), recipe("medium viscosity")
    plain = inject(ct(), sacrum(), plan, cement, InjectionSettings())
    median = inject(ct(), sacrum(), plan, cement, InjectionSettings(bone=MEDIAN))
    assert digest(plain.timeline) == digest(median.timeline)
    tight = replace(MEDIAN, permeability_factor=0.05)
    hard = inject(ct(), sacrum(), plan, cement, InjectionSettings(bone=tight))
    assert hard.timeline.tip_pressure_mpa[-1] > 2.0 * plain.timeline.tip_pressure_mpa[-1]


def test_cavities_needles_and_cts_of_another_patient_are_refused() -> None:
    away = Frame("9.9")
    other = Cavity.balloon(Points.at([32.0, 0.0, 5.0], away), 1.0)
    with pytest.raises(FrameMismatch):
        prepare_bone(ct(), sacrum(), GRID, cavities=[other])
    with pytest.raises(FrameMismatch):
        prepare_bone(ct(), sacrum(), replace(GRID, frame=away))


def test_bad_numbers_are_refused_in_one_sentence() -> None:
    point = Points.at([32.0, 0.0, 5.0], FRAME)
    with pytest.raises(BadInput, match="radius"):
        Cavity(point, point, -1.0)
    with pytest.raises(BadInput, match="0 mL"):
        Cavity.balloon(point, math.nan)
    with pytest.raises(BadInput, match="outside the flow grid"):
        prepare_bone(
            ct(), sacrum(), GRID, cavities=[Cavity.balloon(Points.at([-40.0, 0, 5], FRAME), 1.0)]
        )
    with pytest.raises(BadInput, match="must stay finite"):
        prepare_bone(ct(), sacrum(), GRID, laws=BoneLaws(permeability=lambda phi: phi * math.inf))
    with pytest.raises(BadInput, match="within 0–1"):
        prepare_bone(ct(), sacrum(), GRID, laws=BoneLaws(porosity=lambda hu: 1.0 + 0.0 * hu**2 + 1))
    with pytest.raises(BadInput, match="isotropic"):
        prepare_bone(ct(), sacrum(), replace(GRID, spacing_mm=(1.0, 1.0, 2.0)))


def test_a_ct_with_a_hole_of_nan_is_refused() -> None:
    hu = ct().hu.astype(np.float64)
    hu[3, 4, 5] = math.nan
    with pytest.raises(BadInput, match="not a number"):
        CTVolume(hu, ct().grid, ct().acquisition)  # type: ignore[arg-type]
