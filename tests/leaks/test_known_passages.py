"""Leaked cement in known veins and needle tracts is named after them; a real CT knows neither."""

import numpy as np
import pytest

from box_patient import FORAMEN_X, FORAMEN_Z, toy_grid, toy_sacrum
from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.cement import CementField
from sacroplasty.errors import FrameMismatch
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.leaks import (
    LeakReport,
    LeakSite,
    NeuralContact,
    classify_leaks,
    locate_leaks,
)

Box = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
FRONT: Box = ((30.0, 33.0), (-30.0, -21.0), (0.0, 6.0))


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


def boxes(*given: Box, spacing_mm: float = 1.0, side: Side = Side.LEFT) -> Volume[np.bool_]:
    """Voxels in boxes, given for the left, both ends included."""
    grid = toy_grid(spacing_mm)
    k, j, i = np.indices(grid.shape)
    x, y, z = (a * spacing_mm + o for a, o in zip((i, j, k), grid.origin_mm, strict=True))
    inside = np.zeros(grid.shape, dtype=np.bool_)
    for box in given:
        here = np.ones(grid.shape, dtype=np.bool_)
        for axis, (low, high) in zip((side.sign * x, y, z), box, strict=True):
            here &= (axis >= low) & (axis <= high)
        inside |= here
    return Volume(inside, grid)


def cement_in(where: Volume[np.bool_], fraction: float = 0.8) -> CementField:
    return CementField(Volume((where.values * fraction).astype(np.float32), where.grid))


def leaked(report: LeakReport) -> float:
    return sum(leak.volume_mm3 for leak in report.leaks)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("key", "site"), [("vein", LeakSite.VEIN), ("tract", LeakSite.NEEDLE_TRACT)]
)
def test_cement_in_a_known_passage_has_its_name_and_side(
    sacrum: SacrumModel, key: str, site: LeakSite, side: Side
) -> None:
    where = boxes(FRONT, side=side)
    (leak,) = classify_leaks(cement_in(where), sacrum, **{key: where}).leaks
    assert (leak.site, leak.side, leak.level) == (site, side, None)
    (unknown,) = classify_leaks(cement_in(where), sacrum).leaks
    assert (unknown.site, unknown.side) == (LeakSite.PRESACRAL, side)
    assert leak.volume_mm3 == unknown.volume_mm3 == pytest.approx(4 * 10 * 7 * 0.8)


def test_a_vein_takes_only_its_own_part_of_a_leak(sacrum: SacrumModel) -> None:
    where, vein = boxes(FRONT), boxes(((30.0, 31.0), (-40.0, -21.0), (-5.0, 10.0)))
    cement = cement_in(where)
    parts = {x.site: x.volume_mm3 for x in classify_leaks(cement, sacrum, vein=vein).leaks}
    assert parts[LeakSite.VEIN] == pytest.approx(parts[LeakSite.PRESACRAL])
    assert sum(parts.values()) == pytest.approx(leaked(classify_leaks(cement, sacrum)))


def test_a_vein_inside_bone_holds_no_leak(sacrum: SacrumModel) -> None:
    inside = boxes(((25.0, 35.0), (-10.0, 10.0), (0.0, 10.0)))
    report = classify_leaks(cement_in(inside), sacrum, vein=inside, tract=inside)
    assert report.leaks == ()
    assert report.inside_bone_mm3 == pytest.approx(report.total_mm3)


def test_the_needle_was_there_before_the_vein(sacrum: SacrumModel) -> None:
    where = boxes(FRONT)
    (leak,) = classify_leaks(cement_in(where), sacrum, vein=where, tract=where).leaks
    assert leak.site is LeakSite.NEEDLE_TRACT


def test_a_filled_vein_in_a_foramen_still_presses_on_the_nerve(sacrum: SacrumModel) -> None:
    x, z = FORAMEN_X, FORAMEN_Z[Level.S2]
    where = boxes(((x - 1, x + 1), (-8.0, 2.0), (z - 1, z + 1)))
    (leak,) = classify_leaks(cement_in(where), sacrum, vein=where).leaks
    assert leak.site is LeakSite.VEIN
    assert leak.neural_contact is NeuralContact.ENCROACHES


def test_a_passage_may_lie_on_a_finer_grid_and_must_be_of_this_patient(
    sacrum: SacrumModel,
) -> None:
    cement = cement_in(boxes(FRONT))
    fine = boxes(FRONT, spacing_mm=0.5)
    (leak,) = classify_leaks(cement, sacrum, vein=fine).leaks
    assert leak.site is LeakSite.VEIN
    other = Grid.axis_aligned((9, 9, 9), (0.0, 0.0, 0.0), (1.0,) * 3, Frame("9.9"))
    with pytest.raises(FrameMismatch):
        classify_leaks(cement, sacrum, vein=Volume(np.ones((9, 9, 9), dtype=np.bool_), other))


@pytest.mark.parametrize("spacing_mm", [0.5, 1.0, 2.0])
def test_the_voxels_of_each_leak_hold_its_volume(sacrum: SacrumModel, spacing_mm: float) -> None:
    behind: Box = ((-33.0, -28.0), (22.0, 30.0), (0.0, 6.0))
    cement = cement_in(
        boxes(FRONT, behind, ((20.0, 24.0), (-5.0, 5.0), (0.0, 6.0)), spacing_mm=spacing_mm)
    )
    located = locate_leaks(cement, sacrum)
    assert len(located.voxels) == len(located.report.leaks) == 2
    for leak, voxels in zip(located.report.leaks, located.voxels, strict=True):
        assert voxels.grid is cement.fraction.grid
        volume = cement.fraction.values[voxels.values].sum() * voxels.grid.voxel_mm3
        assert volume == pytest.approx(leak.volume_mm3, rel=0.1)
        x = voxels.grid.points_at(np.argwhere(voxels.values)).xyz[:, 0]
        assert leak.side is not None
        assert (np.sign(x) == leak.side.sign).all()
    both = located.voxels[0].values & located.voxels[1].values
    assert not both.any()
