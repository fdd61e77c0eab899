"""Cement painted into every compartment is found there, on its side, and nowhere else."""

import numpy as np
import pytest

from box_patient import FORAMEN_X, FORAMEN_Z, FRAME, toy_grid, toy_sacrum
from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.cement import CementField
from sacroplasty.errors import FrameMismatch
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.leaks import LeakReport, LeakSite, NeuralContact, classify_leaks

Box = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


def painted(*boxes: Box, spacing_mm: float = 1.0, fraction: float = 0.8) -> CementField:
    """Cement in boxes (x, y, z ranges in mm, both ends included)."""
    grid = toy_grid(spacing_mm)
    k, j, i = np.indices(grid.shape)
    xyz = [a * spacing_mm + o for a, o in zip((i, j, k), grid.origin_mm, strict=True)]
    values = np.zeros(grid.shape, dtype=np.float32)
    for box in boxes:
        inside = np.ones(grid.shape, dtype=bool)
        for axis, (low, high) in zip(xyz, box, strict=True):
            inside &= (axis >= low) & (axis <= high)
        values[inside] = fraction
    return CementField(Volume(values, grid))


def conserved(report: LeakReport, cement: CementField) -> None:
    """Inside plus leaks is the cement; so are left and right; zones make the inside."""
    leaked = sum(leak.volume_mm3 for leak in report.leaks)
    assert report.total_mm3 == pytest.approx(cement.volume_mm3, rel=1e-6)
    assert report.inside_bone_mm3 + leaked == pytest.approx(cement.volume_mm3, rel=1e-6)
    assert report.left_mm3 + report.right_mm3 == pytest.approx(cement.volume_mm3, rel=1e-6)
    assert sum(report.by_zone_mm3.values()) == pytest.approx(report.inside_bone_mm3, abs=1e-3)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("level", list(Level))
def test_cement_in_a_foramen_is_found_at_its_level_and_side(
    sacrum: SacrumModel, level: Level, side: Side
) -> None:
    x, z = side.sign * FORAMEN_X, FORAMEN_Z[level]
    cement = painted(((x - 1, x + 1), (-8, 2), (z - 1, z + 1)))
    report = classify_leaks(cement, sacrum)
    conserved(report, cement)
    (leak,) = report.leaks
    assert (leak.site, leak.level, leak.side) == (LeakSite.FORAMEN, level, side)
    assert leak.neural_contact is NeuralContact.ENCROACHES
    assert leak.volume_mm3 == pytest.approx(9 * 11 * 0.8, rel=1e-5)
    assert leak.extent_mm == pytest.approx(np.sqrt(4 + 4 + 100) + 1, rel=0.02)
    # The second route to the side: the sign of x of the cement itself.
    where = cement.fraction.grid.points_at(np.argwhere(cement.fraction.values > 0)).xyz[:, 0]
    assert np.sign(where.mean()) == side.sign
    assert (report.left_mm3 > 0) == (side is Side.LEFT)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("box", "site"),
    [
        (((45.6, 48), (-3, 3), (0, 6)), LeakSite.SI_JOINT),
        (((50, 55), (-3, 3), (0, 6)), LeakSite.ILIUM),
        (((28, 33), (-30, -21), (0, 6)), LeakSite.PRESACRAL),
        (((28, 33), (21, 30), (0, 6)), LeakSite.POSTERIOR),
    ],
)
def test_sided_compartments(sacrum: SacrumModel, box: Box, site: LeakSite, side: Side) -> None:
    low, high = sorted(side.sign * x for x in box[0])
    cement = painted(((low, high), box[1], box[2]))
    report = classify_leaks(cement, sacrum)
    conserved(report, cement)
    (leak,) = report.leaks
    assert (leak.site, leak.side, leak.level) == (site, side, None)
    assert leak.neural_contact is NeuralContact.NONE
    assert leak.confidence == 1.0


@pytest.mark.parametrize(
    ("box", "site", "contact"),
    [
        (((-3, 3), (8, 12), (-20, -10)), LeakSite.CANAL, NeuralContact.ENCROACHES),
        (((-15, -8), (-10, -2), (27, 30)), LeakSite.DISC_L5S1, NeuralContact.NONE),
        (((-10, 10), (-10, -2), (34, 38)), LeakSite.L5, NeuralContact.NONE),
        (((-9, 9), (-30, -21), (-20, -15)), LeakSite.PRESACRAL, NeuralContact.NONE),
    ],
)
def test_midline_compartments_have_no_side(
    sacrum: SacrumModel, box: Box, site: LeakSite, contact: NeuralContact
) -> None:
    cement = painted(box)
    report = classify_leaks(cement, sacrum)
    conserved(report, cement)
    (leak,) = report.leaks
    assert (leak.site, leak.side, leak.neural_contact) == (site, None, contact)


def test_presacral_cement_at_the_mouth_of_a_foramen_abuts_it(sacrum: SacrumModel) -> None:
    x, z = FORAMEN_X, FORAMEN_Z[Level.S1]
    (leak,) = classify_leaks(painted(((x - 2, x + 2), (-28, -21), (z - 2, z + 2))), sacrum).leaks
    assert leak.site is LeakSite.PRESACRAL
    assert leak.neural_contact is NeuralContact.ABUTS


def test_bone_filled_to_its_last_voxel_is_no_leak(sacrum: SacrumModel) -> None:
    # On its own grid, on a finer and on a coarser one, whose voxels stick out of the labels.
    for spacing in (1.0, 0.7, 2.0):
        cement = painted(((25, 45), (-20, 20), (-15, 25)), spacing_mm=spacing)
        report = classify_leaks(cement, sacrum)
        conserved(report, cement)
        assert report.leaks == ()
        assert report.inside_bone_mm3 == pytest.approx(cement.volume_mm3)


def test_a_spill_through_one_spot_does_not_turn_the_whole_rim_into_a_leak(
    sacrum: SacrumModel,
) -> None:
    plug: Box = ((25, 40), (-21, 0), (-5, 15))  # one voxel proud of the anterior surface
    spill: Box = ((30, 34), (-28, -21), (3, 7))
    report = classify_leaks(painted(plug, spill), sacrum)
    (leak,) = report.leaks
    assert leak.site is LeakSite.PRESACRAL
    least = 5 * 8 * 5 * 0.8
    assert least <= leak.volume_mm3 < least + 0.3 * 16 * 21 * 0.8


def test_a_small_leak_is_told_with_less_confidence_and_a_speck_is_not_told(
    sacrum: SacrumModel,
) -> None:
    small = classify_leaks(painted(((30, 31), (-25, -25), (5, 5))), sacrum)
    (leak,) = small.leaks
    assert leak.confidence == pytest.approx(0.4)
    speck = painted(((30, 30), (-25, -25), (5, 5)), fraction=0.3)
    report = classify_leaks(speck, sacrum)
    assert report.leaks == ()
    conserved(report, speck)


def test_one_field_with_leaks_on_both_sides_tells_them_apart(sacrum: SacrumModel) -> None:
    z = FORAMEN_Z[Level.S2]
    boxes: list[Box] = [
        ((14, 16), (-8, 2), (z - 1, z + 1)),
        ((-16, -14), (-8, -4), (z - 1, z + 1)),
        ((28, 38), (-8, 8), (0, 10)),
    ]
    cement = painted(*boxes)
    report = classify_leaks(cement, sacrum)
    conserved(report, cement)
    assert [(x.side, x.level) for x in report.leaks] == [
        (Side.LEFT, Level.S2),
        (Side.RIGHT, Level.S2),
    ]
    assert report.by_zone_mm3[1] == pytest.approx(11 * 17 * 11 * 0.8, rel=1e-5)


def test_an_oblique_coarse_grid_keeps_every_cubic_millimetre(sacrum: SacrumModel) -> None:
    turn = np.deg2rad(25.0)
    direction = np.array(
        [[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    )
    grid = Grid((8, 30, 30), (10.0, -30.0, -10.0), (0.8, 0.8, 3.0), direction, FRAME)
    chance = np.random.default_rng(3)
    cement = CementField(Volume(chance.random(grid.shape).astype(np.float32), grid))
    conserved(classify_leaks(cement, sacrum), cement)


def test_cement_beyond_the_labels_is_still_counted(sacrum: SacrumModel) -> None:
    grid = Grid.axis_aligned((6, 6, 6), (30.0, -48.0, 0.0), (2.0, 2.0, 2.0), FRAME)
    cement = CementField(Volume(np.full(grid.shape, 0.5, dtype=np.float32), grid))
    report = classify_leaks(cement, sacrum)
    conserved(report, cement)
    assert report.leaks[0].site is LeakSite.PRESACRAL
    assert report.leaks[0].volume_mm3 == pytest.approx(cement.volume_mm3)


def test_no_cement_is_no_leak(sacrum: SacrumModel) -> None:
    report = classify_leaks(painted(), sacrum)
    assert report.leaks == ()
    assert report.total_mm3 == 0.0


def test_cement_of_another_patient_is_refused(sacrum: SacrumModel) -> None:
    grid = Grid.axis_aligned((2, 2, 2), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), Frame("9.9"))
    stranger = CementField(Volume(np.ones(grid.shape, dtype=np.float32), grid))
    with pytest.raises(FrameMismatch):
        classify_leaks(stranger, sacrum)


def test_presacral_is_told_in_the_sacral_frame_and_not_in_the_scanner_s() -> None:
    # A patient who lies prone on the scanner: dorsal is towards −y of the scanner.
    from dataclasses import replace

    from sacroplasty.geometry import Rigid

    half_turn = np.diag([-1.0, -1.0, 1.0])
    sacrum = toy_sacrum()
    turned = replace(
        sacrum,
        scanner_from_sacrum=Rigid(
            half_turn, np.array([0.0, 0.0, 25.0]), to=FRAME, source=FRAME.attached("sacrum")
        ),
    )
    cement = painted(((28, 33), (-30, -21), (0, 6)))
    assert classify_leaks(cement, turned).leaks[0].site is LeakSite.POSTERIOR
    assert classify_leaks(cement, turned).right_mm3 == pytest.approx(cement.volume_mm3)
    assert turned.scanner_from_sacrum.inverse(Points.at([30, -25, 3], FRAME)).xyz[0, 0] == -30
