"""What the user gives is clipped to the sacrum, and side, zones, level and pattern are read off."""

import numpy as np
import pytest
from block_sacrum import FRAME, block_sacrum

from sacroplasty.anatomy import Level, Side, Structure
from sacroplasty.anatomy.fractures import (
    FractureSource,
    SacralFracturePattern,
    fracture_from_mask,
    fracture_from_plane,
    fracture_from_points,
)
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.geometry import Frame, Grid, Points, Volume

SACRUM = block_sacrum()
LEFT, RIGHT = np.array([1.0, 0.0, 0.0]), np.array([-1.0, 0.0, 0.0])


@pytest.mark.parametrize("side", list(Side))
def test_a_plane_through_one_ala_is_a_zone_one_fracture_of_that_side(side: Side) -> None:
    point = Points.at([32.0 * side.sign, 10.0, -40.0], FRAME)
    fracture = fracture_from_plane(point, 7.0 * LEFT, SACRUM)
    assert (fracture.sides, fracture.zones) == ((side,), (1,))
    assert fracture.pattern is SacralFracturePattern.UNILATERAL_ALA
    assert fracture.source is FractureSource.USER
    assert fracture.confirmed
    assert fracture.score is None


def test_the_cleft_of_a_plane_is_the_cross_section_of_the_bone() -> None:
    fracture = fracture_from_plane(Points.at([32.0, 0.0, 0.0], FRAME), LEFT, SACRUM)
    cleft = fracture.cleft.values > 0
    assert not (cleft & ~SACRUM.mask(Structure.SACRUM)).any()
    assert np.count_nonzero(cleft) == 29 * 99


def test_a_level_plane_through_s2_is_horizontal_and_crosses_the_midline() -> None:
    fracture = fracture_from_plane(
        Points.at([0.0, 0.0, -45.0], FRAME), np.array([0.0, 0.1, 1.0]), SACRUM
    )
    (limb,) = fracture.limbs
    assert limb.horizontal
    assert limb.side is None
    assert limb.level is Level.S2
    assert fracture.zones == (1, 2, 3)
    assert fracture.pattern is SacralFracturePattern.HORIZONTAL


def drawn(*boxes: tuple[slice, slice, slice]) -> Volume[np.uint8]:
    """A label volume on a grid of its own: 0.5 × 0.5 × 2 mm."""
    grid = Grid.axis_aligned((56, 101, 241), (-60.0, -10.0, -110.0), (0.5, 0.5, 2.0), FRAME)
    values = np.zeros(grid.shape, np.uint8)
    for number, box in enumerate(boxes, start=1):
        values[box] = number
    return Volume(values, grid)


EVERYWHERE = slice(None)
LEFT_ALA = (EVERYWHERE, EVERYWHERE, slice(180, 182))  # x = 30 mm
RIGHT_ALA = (EVERYWHERE, EVERYWHERE, slice(58, 60))
ACROSS = (slice(32, 33), EVERYWHERE, slice(60, 181))  # z = −46 mm
LEFT_DOWN_TO_IT = (slice(32, 56), EVERYWHERE, slice(180, 182))
RIGHT_DOWN_TO_IT = (slice(32, 56), EVERYWHERE, slice(58, 60))


@pytest.mark.parametrize(
    ("boxes", "pattern"),
    [
        ([LEFT_ALA], SacralFracturePattern.UNILATERAL_ALA),
        ([LEFT_ALA, RIGHT_ALA], SacralFracturePattern.BILATERAL_ALA),
        ([LEFT_ALA, RIGHT_ALA, ACROSS], SacralFracturePattern.H),
        ([LEFT_DOWN_TO_IT, RIGHT_DOWN_TO_IT, ACROSS], SacralFracturePattern.U),
        ([RIGHT_ALA, ACROSS], SacralFracturePattern.T),
        ([ACROSS], SacralFracturePattern.HORIZONTAL),
    ],
)
def test_the_limbs_of_a_mask_name_the_pattern(
    boxes: list[tuple[slice, slice, slice]], pattern: SacralFracturePattern
) -> None:
    fracture = fracture_from_mask(drawn(*boxes), SACRUM)
    assert fracture.pattern is pattern
    assert len(fracture.limbs) == len(boxes)


def test_a_mask_on_a_finer_grid_keeps_its_place() -> None:
    fracture = fracture_from_mask(drawn(LEFT_ALA), SACRUM)
    assert fracture.sides == (Side.LEFT,)
    assert abs(float(np.median(fracture.limbs[0].cleft.xyz[:, 0])) - 30.25) < 0.6


def test_points_on_two_slices_give_the_sheet_between_them() -> None:
    points = [[25.0, 2.0, -20.0], [33.0, 28.0, -20.0], [25.0, 2.0, -50.0], [33.0, 28.0, -50.0]]
    fracture = fracture_from_points(Points.at(points, FRAME), SACRUM)
    xyz = fracture.limbs[0].cleft.xyz
    assert fracture.sides == (Side.LEFT,)
    assert not fracture.limbs[0].horizontal
    assert xyz[:, 2].min() >= -50.0
    assert xyz[:, 2].max() <= -20.0
    away = xyz[:, 0] - (25.0 + 8.0 / 26.0 * (xyz[:, 1] - 2.0))
    assert np.abs(away).max() < 0.6


def test_many_points_may_lie_on_a_bent_surface() -> None:
    y, z = np.meshgrid(np.linspace(2, 28, 5), np.linspace(-60, -10, 5))
    bent = np.stack([30.0 + 0.03 * (y - 15) ** 2, y, z], axis=-1).reshape(-1, 3)
    fracture = fracture_from_points(Points.at(bent, FRAME), SACRUM)
    xyz = fracture.limbs[0].cleft.xyz
    assert np.abs(xyz[:, 0] - (30.0 + 0.03 * (xyz[:, 1] - 15) ** 2)).max() < 1.2


def test_points_on_one_line_are_refused_by_name() -> None:
    with pytest.raises(BadInput, match="one line"):
        fracture_from_points(Points.at([[30, 1, -20], [30, 9, -20], [30, 20, -20]], FRAME), SACRUM)


def test_what_does_not_touch_the_sacrum_is_refused() -> None:
    with pytest.raises(BadInput, match="empty"):
        fracture_from_mask(drawn(), SACRUM)
    with pytest.raises(BadInput, match="does not touch the sacrum"):
        fracture_from_plane(Points.at([59.0, 0.0, 0.0], FRAME), LEFT, SACRUM)
    with pytest.raises(BadInput, match="zero"):
        fracture_from_plane(Points.at([30.0, 0.0, 0.0], FRAME), 0.0 * LEFT, SACRUM)


def test_another_scans_plane_is_refused() -> None:
    with pytest.raises(FrameMismatch):
        fracture_from_plane(Points.at([30.0, 0.0, 0.0], Frame("9.9")), LEFT, SACRUM)
