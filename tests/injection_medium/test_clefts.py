"""A fracture cleft conducts as parallel plates do, whatever its direction to the voxels."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from darcy_network import MU, flow_between
from numpy.typing import NDArray
from plate_cases import block, plane, with_plate
from scipy import ndimage

from box_patient import FRAME, toy_ct, toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import (
    Fracture,
    FractureSource,
    SacrumModel,
    Side,
    fracture_from_plane,
    fracture_from_points,
)
from sacroplasty.cement import recipe
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.geometry import Frame, Grid, Points
from sacroplasty.injection import BoneDraw, InjectionSettings, inject, prepare_bone
from sacroplasty.injection.cleft_sheet import CleftSheet
from sacroplasty.injection.clefts import plate_cells
from sacroplasty.leaks import LeakSite

DROP, APERTURE, HALF_MM = 0.01, 0.4, 10.0
TURNS = (0.0, 10.0, 20.0, 30.0, 45.0)


def plate_ratio(
    normal: NDArray[np.float64], along: NDArray[np.float64], h: float = 1.0, b: float = APERTURE
) -> float:
    """Flow along a square window of a plate over b³ w Δp / (12 μ l)."""
    grid = block(round(28 / h), h)
    normal = normal / np.linalg.norm(normal)
    medium = with_plate(grid, plane(grid, normal), b)
    along = along - (along @ normal) * normal
    along = along / np.linalg.norm(along)
    xyz = grid.points_at(np.argwhere(np.ones(grid.shape, bool))).xyz
    a = (xyz @ along).reshape(grid.shape)
    across = (xyz @ np.cross(normal, along)).reshape(grid.shape)
    conducts = (medium.porosity.values > 0.1) & (np.abs(across) <= HALF_MM)
    walled = replace(medium, along_kji_mm2=medium.along_kji_mm2 * conducts)
    flow = flow_between(walled, conducts & (a >= HALF_MM), conducts & (a <= -HALF_MM), DROP)
    return flow / (b**3 * DROP / (12 * MU))  # the window is as long as it is wide


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("uphill", [True, False])
def test_a_turned_plate_conducts_as_the_closed_form_says(turn: float, uphill: bool) -> None:
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    along = np.array([c, s, 0.0]) if uphill else np.array([0.0, 0.0, 1.0])
    assert plate_ratio(np.array([-s, c, 0.0]), along) == pytest.approx(1.0, abs=0.10)


@pytest.mark.parametrize("normal", [(1.0, 1.0, 1.0), (1.0, 0.5, 0.3), (1.0, 0.7, 0.2)])
def test_a_plate_askew_to_all_three_axes_conducts_a_tenth_too_little_at_most(
    normal: tuple[float, float, float],
) -> None:
    for along in np.eye(3)[1:]:
        assert 0.88 < plate_ratio(np.array(normal), along) < 1.05


def test_neither_voxel_size_nor_aperture_changes_the_law() -> None:
    normal, along = np.array([-0.5, math.sqrt(0.75), 0.0]), np.array([math.sqrt(0.75), 0.5, 0.0])
    assert plate_ratio(normal, along, h=0.7) == pytest.approx(1.0, abs=0.10)
    assert plate_ratio(normal, along, b=0.1) == pytest.approx(
        plate_ratio(normal, along, b=0.8), rel=1e-6
    )


@pytest.mark.parametrize("normal", [(0.0, 1.0, 0.0), (-0.5, 0.87, 0.0), (1.0, 1.0, 1.0)])
def test_a_cleft_holds_its_aperture_times_its_area(normal: tuple[float, float, float]) -> None:
    grid = block(41)
    n = np.array(normal) / np.linalg.norm(normal)
    cells = plane(grid, n)
    xyz = grid.points_at(np.stack(np.unravel_index(cells.cells, grid.shape), axis=1)).xyz
    flat = xyz - np.outer(xyz @ n, n)
    disc = np.linalg.norm(flat, axis=1) <= 15.0
    assert APERTURE * cells.share[disc].sum() == pytest.approx(
        APERTURE * math.pi * 15.0**2, rel=0.04
    )


def test_a_bent_cleft_hangs_together_by_faces() -> None:
    grid = block(41)
    xyz = grid.points_at(np.argwhere(np.ones(grid.shape, bool))).xyz
    x, y, z = xyz.T
    limb = xyz[np.abs(x - (0.02 * y**2 + 3.0 * np.sin(z / 8.0))) <= 0.7]
    sheet = CleftSheet.through(limb, np.array([1.0, 0.0, 0.0]))
    mask = np.zeros(grid.shape, bool).ravel()
    mask[plate_cells(sheet, grid, np.ones(grid.shape, bool)).cells] = True
    medium = mask.reshape(grid.shape)
    for axis in (0, 1):  # z and y run along the sheet
        labels, _ = ndimage.label(medium)
        ends = [set(np.unique(np.take(labels, end, axis))) - {0} for end in (4, -5)]
        assert ends[0] & ends[1]


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


@cache
def cleft(sacrum: SacrumModel, side: Side = Side.LEFT) -> Fracture:
    """A plane through the ala, a little askew."""
    point = Points.at([side.sign * 33.0, 0.0, 5.0], FRAME)
    return fracture_from_plane(point, np.array([side.sign * 1.0, 0.25, 0.1]), sacrum)


def ala_grid() -> Grid:
    return Grid.axis_aligned((45, 50, 38), (15.0, -26.0, -15.0), (1.0,) * 3, FRAME)


def test_a_cleft_opens_the_cortex_where_it_reaches_it(sacrum: SacrumModel) -> None:
    ct, grid, median = toy_ct(sacrum), ala_grid(), BoneDraw.median()
    sound = prepare_bone(ct, sacrum, grid).medium(median)
    broken = prepare_bone(ct, sacrum, grid, fracture=cleft(sacrum)).medium(median)
    front = round(grid.kji_at(Points.at([33.0, -20.0, 5.0], FRAME))[0][1])
    before, after = (m.along_kji_mm2[:, :, front, :] for m in (sound, broken))
    opened = after[1] > 1e3 * before[1]
    assert opened.any(axis=1).sum() >= 38  # from the lower end of the box to the upper endplate
    assert opened.mean() < 0.1
    assert after[0][opened] == pytest.approx(median.cleft_aperture_mm**3 / 12.0, rel=0.35)


def test_cement_leaves_through_a_cleft_and_not_through_sound_bone(sacrum: SacrumModel) -> None:
    ct, plan = toy_ct(sacrum), toy_plan(toy_needle(Side.LEFT, 4.0, (32.0, -14.0, 5.0)))
    wide = replace(BoneDraw.median(), cleft_aperture_mm=1.0)
    settings = InjectionSettings(bone=wide)
    cement = recipe("low viscosity")
    sound = inject(ct, sacrum, plan, cement, settings)
    broken = inject(ct, sacrum, plan, cement, settings, fracture=cleft(sacrum))
    assert not sound.leaks.leaks
    assert [leak.site for leak in broken.leaks.leaks] == [LeakSite.PRESACRAL]
    assert broken.leaks.leaks[0].side is Side.LEFT
    closed = InjectionSettings(bone=replace(wide, cleft_aperture_mm=0.0))
    again = inject(ct, sacrum, plan, cement, closed, fracture=cleft(sacrum))
    np.testing.assert_array_equal(again.cement.fraction.values, sound.cement.fraction.values)


def test_the_cleft_of_a_mirrored_patient_is_the_mirrored_cleft(sacrum: SacrumModel) -> None:
    ct = toy_ct(sacrum)
    grid = Grid.axis_aligned((20, 48, 95), (-47.0, -24.0, -4.0), (1.0,) * 3, FRAME)
    left, right = (
        prepare_bone(ct, sacrum, grid, fracture=cleft(sacrum, side)).medium(BoneDraw.median())
        for side in Side
    )
    np.testing.assert_allclose(left.along_kji_mm2, right.along_kji_mm2[:, :, :, ::-1], rtol=1e-6)
    assert (left.along_kji_mm2 != right.along_kji_mm2).any()


def test_a_suggestion_that_nobody_confirmed_opens_nothing(sacrum: SacrumModel) -> None:
    ct, grid = toy_ct(sacrum), ala_grid()
    guess = replace(cleft(sacrum), source=FractureSource.SUGGESTED, confirmed=False, score=0.9)
    plain = prepare_bone(ct, sacrum, grid).medium(BoneDraw.median())
    guessed = prepare_bone(ct, sacrum, grid, fracture=guess).medium(BoneDraw.median())
    np.testing.assert_array_equal(plain.along_kji_mm2, guessed.along_kji_mm2)
    confirmed = prepare_bone(ct, sacrum, grid, fracture=replace(guess, confirmed=True))
    assert confirmed.clefts.cells.size > 500


def test_a_fracture_of_another_frame_and_one_without_a_surface_are_refused(
    sacrum: SacrumModel,
) -> None:
    ct, grid = toy_ct(sacrum), ala_grid()
    found = cleft(sacrum)
    away = Frame("9.9.9")
    moved = tuple(replace(limb, cleft=Points(limb.cleft.xyz, away)) for limb in found.limbs)
    other_grid = replace(found.cleft.grid, frame=away)
    other = replace(found, limbs=moved, cleft=replace(found.cleft, grid=other_grid))
    with pytest.raises(FrameMismatch):
        prepare_bone(ct, sacrum, grid, fracture=other)
    line = replace(found.limbs[0], cleft=Points.at([[30, 0, z] for z in range(10)], FRAME))
    with pytest.raises(BadInput, match="holds no surface"):
        prepare_bone(ct, sacrum, grid, fracture=replace(found, limbs=(line,)))


def test_points_of_a_polyline_and_the_plane_through_them_give_one_cleft(
    sacrum: SacrumModel,
) -> None:
    ct, grid = toy_ct(sacrum), ala_grid()
    flat = cleft(sacrum)
    drawn = fracture_from_points(Points(flat.limbs[0].cleft.xyz[::7], FRAME), sacrum)
    one, two = (
        set(prepare_bone(ct, sacrum, grid, fracture=f).clefts.cells.tolist()) for f in (flat, drawn)
    )
    assert len(one & two) > 0.9 * len(one)
