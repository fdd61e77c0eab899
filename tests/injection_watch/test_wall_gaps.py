"""The distance of the front to what cement must not enter, on a patient of boxes."""

import numpy as np
import pytest

from box_patient import FORAMEN_X, FORAMEN_Z, FRAME, toy_grid, toy_labels, toy_sacrum
from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.errors import BadUsage, FrameMismatch
from sacroplasty.geometry import Frame, Grid, Points
from sacroplasty.injection import Wall, WallGaps
from sacroplasty.leaks import LeakSite

# A box of flow around the left ala; the joint at x 45–48 lies just beyond its edge.
BOX = Grid.axis_aligned((41, 41, 31), (14.0, -20.0, -15.0), (1.0, 1.0, 1.0), FRAME)


@pytest.fixture(scope="module")
def gaps() -> WallGaps:
    return WallGaps(toy_sacrum(), BOX)


def voxel(x: float, y: float, z: float, grid: Grid = BOX) -> int:
    """Flat index of the voxel at a point."""
    kji = np.rint(grid.kji_at(Points.at((x, y, z), FRAME))[0]).astype(int)
    return int(np.ravel_multi_index(tuple(kji), grid.shape))


def test_the_gap_to_a_flat_wall_is_counted_in_voxels_between(gaps: WallGaps) -> None:
    # The anterior wall: bone to y = −20, soft tissue from y = −21 on.
    for y in (-20, -18, -10):
        found = gaps.gap_mm(LeakSite.PRESACRAL)[voxel(32, y, 5)]
        assert found == pytest.approx(20 + y)
    # The SI joint begins at x = 46 beyond the box: its wall is seen from inside it.
    for x in (44, 40):
        assert gaps.gap_mm(LeakSite.SI_JOINT)[voxel(x, 0, 5)] == pytest.approx(45 - x)


def test_the_gap_to_a_round_foramen_is_the_distance_to_its_radius(gaps: WallGaps) -> None:
    for x in (22.0, 26.0, 30.0):
        found = gaps.gap_mm(LeakSite.FORAMEN)[voxel(x, 0, FORAMEN_Z[Level.S1])]
        assert found == pytest.approx(x - FORAMEN_X - 4.0 - 1.0, abs=0.5)


def test_inside_a_foramen_the_gap_is_the_depth(gaps: WallGaps) -> None:
    # A tube of radius 4: bone is five voxels from its axis, and its outermost voxel one deep.
    found = gaps.gap_mm(LeakSite.FORAMEN)
    assert found[voxel(FORAMEN_X, 0, 5)] == pytest.approx(-np.hypot(4, 1), abs=0.9)
    assert found[voxel(FORAMEN_X + 4, 0, 5)] == -1.0
    assert found[voxel(FORAMEN_X + 5, 0, 5)] == 0.0


def test_the_nearest_wall_is_named_with_its_level_and_side(gaps: WallGaps) -> None:
    near_s1, near_s2 = voxel(21, 0, 5), voxel(21, 0, -10)
    assert gaps.wall_at(LeakSite.FORAMEN, near_s1) == Wall(LeakSite.FORAMEN, Side.LEFT, Level.S1)
    assert gaps.wall_at(LeakSite.FORAMEN, near_s2).level is Level.S2
    assert str(gaps.wall_at(LeakSite.FORAMEN, near_s2)) == "left foramen S2"
    assert str(gaps.wall_at(LeakSite.PRESACRAL, near_s1)) == "left anterior cortex"
    assert gaps.wall_at(LeakSite.CANAL, near_s1) == Wall(LeakSite.CANAL, None, None)


def test_front_and_back_of_the_sacrum_are_told_apart(gaps: WallGaps) -> None:
    behind, before = voxel(32, 18, 5), voxel(32, -18, 5)
    posterior, anterior = gaps.gap_mm(LeakSite.POSTERIOR), gaps.gap_mm(LeakSite.PRESACRAL)
    assert posterior[behind] == 2.0
    assert anterior[before] == 2.0
    # The nearest soft tissue on the other side of the level is that above the ala.
    assert posterior[before] >= 20.0
    assert anterior[behind] >= 20.0


def test_a_mirrored_patient_has_the_mirrored_gaps() -> None:
    # Made lopsided first: the left foramina only.
    grid = toy_grid()
    labels = toy_labels(grid)
    labels[np.isin(labels, [s for s in Structure if s.name.startswith("FORAMEN_S1_RIGHT")])] = 1
    swapped = labels[:, :, ::-1].copy()
    left = swapped == Structure.FORAMEN_S1_LEFT
    assert left.any()
    swapped[left] = Structure.FORAMEN_S1_RIGHT
    swapped[swapped == Structure.FORAMEN_S2_LEFT] = 99
    swapped[swapped == Structure.FORAMEN_S2_RIGHT] = Structure.FORAMEN_S2_LEFT
    swapped[swapped == 99] = Structure.FORAMEN_S2_RIGHT
    one, other = (
        WallGaps(toy_sacrum(grid, given), Grid.axis_aligned(
            (41, 41, 61), (-30.0, -20.0, -15.0), (1.0, 1.0, 1.0), FRAME))
        for given in (labels, swapped)
    )  # fmt: skip
    shape = one.grid.shape
    here = one.gap_mm(LeakSite.FORAMEN).reshape(shape)
    there = other.gap_mm(LeakSite.FORAMEN).reshape(shape)
    np.testing.assert_array_equal(there[:, :, ::-1], here)
    assert np.abs(there - here).max() > 5.0
    at = voxel(22, 0, 5, one.grid), voxel(-22, 0, 5, one.grid)
    assert one.wall_at(LeakSite.FORAMEN, at[0]).side is Side.LEFT
    assert other.wall_at(LeakSite.FORAMEN, at[1]).side is Side.RIGHT


def test_what_the_model_lacks_is_infinitely_far(gaps: WallGaps) -> None:
    labels = toy_labels(toy_grid())
    labels[labels == Structure.DISC_L5S1] = Structure.SOFT_TISSUE
    lacking = WallGaps(toy_sacrum(labels=labels), BOX)
    assert np.isinf(lacking.gap_mm(LeakSite.DISC_L5S1)).all()
    assert np.isfinite(gaps.gap_mm(LeakSite.DISC_L5S1)).all()


def test_a_site_without_a_wall_and_a_stranger_are_refused(gaps: WallGaps) -> None:
    with pytest.raises(BadUsage, match="vein"):
        gaps.gap_mm(LeakSite.VEIN)
    stranger = Grid.axis_aligned((5, 5, 5), (0.0, 0.0, 0.0), (1.0,) * 3, Frame("9.9"))
    with pytest.raises(FrameMismatch):
        WallGaps(toy_sacrum(), stranger)


def test_labels_of_the_flow_grid_are_those_of_the_model(gaps: WallGaps) -> None:
    sacrum: SacrumModel = toy_sacrum()
    expected = sacrum.labels.on(BOX, order=0, outside=0.0).values
    np.testing.assert_array_equal(gaps.labels.values, expected)
    assert (gaps.outside_bone == (expected.ravel() != Structure.SACRUM)).all()
