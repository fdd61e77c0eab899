"""Pictures show what is there: PNG files, outlines, cuts along a needle, rays, radiographs."""

import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from toy_rehearsal import SCANNER, toy_rehearsal

from sacroplasty.adapters.report import write_radiograph_png
from sacroplasty.adapters.report.bone_view import signed_distance_mm
from sacroplasty.adapters.report.outlines import contour_path, depth_in_shaft_mm
from sacroplasty.adapters.report.png import encode_png
from sacroplasty.adapters.report.raycast import cast_rays
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.slices import planes_along, window_hu
from sacroplasty.geometry import Points
from sacroplasty.imaging import edge_letters
from sacroplasty.planning import Needle, NeedleGauge


@pytest.mark.parametrize("shape", [(7, 5), (7, 5, 3)])
def test_a_png_reads_back_as_written_by_another_program(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    read = imread(io.BytesIO(encode_png(pixels)), format="png")
    np.testing.assert_array_equal(np.round(read * 255).astype(np.uint8), pixels)


def test_the_bone_window_is_the_stated_one() -> None:
    grey = window_hu(np.array([-600.0, -500.0, 400.0, 1300.0, 3000.0]))
    assert grey.tolist() == [0, 0, 128, 255, 255]


def test_an_outline_of_a_disc_has_the_discs_length() -> None:
    row, column = np.mgrid[0:200, 0:200]
    disc = 40.0 - np.hypot(row - 99.5, column - 99.5)
    path = contour_path(disc, 0.0, 0.25)
    xy = np.array([[float(v) for v in p.split(",")] for p in path[1:-1].split(" ")])
    length = np.linalg.norm(np.diff(xy, axis=0), axis=1).sum()
    assert length == pytest.approx(2 * np.pi * 10.0, rel=0.02)
    np.testing.assert_allclose(xy.mean(axis=0), [25.0, 25.0], atol=0.1)


def test_an_empty_cut_has_no_outline() -> None:
    assert contour_path(np.zeros((9, 9)), 0.5, 1.0) == ""


def test_a_needle_ends_at_its_tip_and_is_as_thick_as_its_gauge() -> None:
    needle = _needle((0, 50, 0), (0, 0, 0))
    radius = needle.gauge.outer_diameter_mm / 2
    points = Points.at([(radius - 0.1, 25, 0), (radius + 0.1, 25, 0), (0, -0.1, 0)], SCANNER)
    assert (depth_in_shaft_mm(needle, points) > 0).tolist() == [True, False, False]


@pytest.mark.parametrize("entry", [(12, 60, 20), (-12, 60, -20), (5, 20, -90), (70, 5, 3)])
def test_both_cuts_along_a_needle_hold_its_whole_axis(entry: tuple[float, float, float]) -> None:
    needle = _needle(entry, (0, 0, 0))
    first, second = planes_along(needle)
    ends = Points(np.stack([needle.entry.single, needle.tip.single]), SCANNER)
    for plane in (first, second):
        np.testing.assert_allclose(plane.behind_mm(ends), 0, atol=1e-9)
        places = plane.row_column(ends)
        assert (places > 0).all()
        assert (places < plane.shape).all()
    assert abs(float(first.away @ second.away)) < 1e-9


def test_a_short_axis_needle_comes_from_below_and_its_side_view_from_the_right() -> None:
    first, second = planes_along(_needle((10, 60, 10), (0, 0, 0)))
    letters = edge_letters(first)
    assert (letters.right, letters.bottom[0]) == ("L", "P")
    letters = edge_letters(second)
    assert (letters.right[0], letters.top[0]) == ("P", "H")


def test_a_long_axis_needle_stands_upright_in_both_cuts() -> None:
    for plane in planes_along(_needle((10, 25, -90), (0, 0, 0))):
        assert edge_letters(plane).top[0] == "H"


def test_the_scene_keeps_cement_where_it_is() -> None:
    scene = Scene.of(toy_rehearsal())
    assert scene.cement is not None
    tip = scene.needles[0].needle.tip
    away = Points(tip.single + np.array([0.0, 0.0, 20.0]), tip.frame)
    assert scene.cement.at(tip)[0] == pytest.approx(1.0)
    assert scene.cement.at(away)[0] == 0.0


def test_rays_draw_a_ball_as_a_disc_of_its_radius() -> None:
    spacing, radius = 1.0, 15.0
    z, y, x = np.mgrid[0:50, 0:50, 0:50] - 24.5
    ball = signed_distance_mm(np.sqrt(x**2 + y**2 + z**2) < radius, spacing)
    nowhere = np.full_like(ball, 1e3)
    picture = np.zeros((100, 100, 3))
    cast_rays(
        np.stack([ball, nowhere, nowhere, nowhere]),
        spacing,
        np.zeros((0, 7)),
        np.ones((5, 3)),
        np.array([0.0, -100.0, 49.5]),
        np.array([0.5, 0.0, 0.0]),
        np.array([0.0, 0.0, -0.5]),
        np.array([0.0, -1.0, 0.0]),
        picture,
    )
    seen_mm2 = np.count_nonzero(picture.sum(axis=-1) > 0) * 0.25
    assert seen_mm2 == pytest.approx(np.pi * radius**2, rel=0.04)


def test_cement_brightens_only_where_it_is_under_one_window(tmp_path: Path) -> None:
    view = toy_rehearsal().views[0]
    before, after = tmp_path / "before.png", tmp_path / "after.png"
    write_radiograph_png(before, view.before, windowed_like=view.before)
    write_radiograph_png(after, view.after, windowed_like=view.before)
    change = imread(after) - imread(before)
    assert change[36, 70] > 0.1
    assert abs(change[70, 10]) < 1 / 255


def _needle(entry: tuple[float, float, float], tip: tuple[float, float, float]) -> Needle:
    return Needle(Points.at(entry, SCANNER), Points.at(tip, SCANNER), NeedleGauge.of(11))
