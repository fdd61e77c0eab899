"""Clearances of a needle have closed forms in a sacrum of planes and tubes."""

from dataclasses import replace

import numpy as np
import pytest
from toy_sacrum import (
    ALA_TOP_Z,
    CANAL_RADIUS,
    CANAL_Y,
    FRONT_Y,
    JOINT_X,
    SCANNER,
    Toy,
    build_toy,
    foramen_axis,
)

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.geometry import Frame, Points
from sacroplasty.planning import (
    ClearanceFields,
    Needle,
    NeedleGauge,
    build_clearance_fields,
    measure_needle,
)

# Half a voxel of the 1 mm toy: what a label map can tell about the place of a wall.
HALF_VOXEL = 0.5


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return build_toy(Toy(spacing_mm=1.0))


@pytest.fixture(scope="module")
def fields(sacrum: SacrumModel) -> ClearanceFields:
    return build_clearance_fields(sacrum)


def needle(entry: tuple[float, ...], tip: tuple[float, ...], gauge: int = 11) -> Needle:
    return Needle(Points.at(entry, SCANNER), Points.at(tip, SCANNER), NeedleGauge.of(gauge))


def straight(x: float, tip_y: float, z: float, gauge: int = 11) -> Needle:
    return needle((x, 55.0, z), (x, tip_y, z), gauge)


def test_distance_to_the_joint_is_that_of_two_planes(fields: ClearanceFields) -> None:
    measured = measure_needle(fields, straight(34.0, -10.0, -20.0)).clearance_mm
    radius = NeedleGauge.of(11).outer_diameter_mm / 2
    assert measured["si_joint"] == pytest.approx(JOINT_X - 34.0 - radius, abs=0.05)


def test_distance_to_the_canal_is_that_of_two_cylinders(fields: ClearanceFields) -> None:
    for x in (20.0, 26.5, 33.0):
        measured = measure_needle(fields, straight(x, -10.0, -38.0)).clearance_mm
        radius = NeedleGauge.of(11).outer_diameter_mm / 2
        assert measured["canal"] == pytest.approx(x - CANAL_RADIUS - radius, abs=HALF_VOXEL)
    assert CANAL_Y < 55.0


def test_distance_to_an_oblique_foramen_is_measured_in_3d(fields: ClearanceFields) -> None:
    """The ventral mouth lies more lateral: a vertical needle is nearest to it at its tip."""
    ventral, dorsal = foramen_axis(Toy(), Level.S1, Side.LEFT)
    along = (dorsal - ventral) / np.linalg.norm(dorsal - ventral)
    shot = straight(38.0, -20.0, -28.0)
    rest = shot.tip.single - ventral
    to_axis = np.linalg.norm(rest - (rest @ along) * along)
    lean = np.hypot(along[1], along[2])
    expected = to_axis - 5.0 - NeedleGauge.of(11).outer_diameter_mm / 2 * lean
    measured = measure_needle(fields, shot).clearance_mm["foramina"]
    assert measured == pytest.approx(expected, abs=HALF_VOXEL)
    from_the_back = 38.0 - dorsal[0] - 5.0
    assert measured < from_the_back - 5.0


def test_the_way_to_the_anterior_cortex_is_straight_ahead_for_a_vertical_needle(
    fields: ClearanceFields,
) -> None:
    measured = measure_needle(fields, straight(36.0, -13.0, -18.0)).clearance_mm
    assert measured["anterior_cortex"] == pytest.approx(-13.0 - FRONT_Y, abs=HALF_VOXEL)


def test_an_oblique_needle_reports_the_nearest_cortex_not_the_way_ahead(
    fields: ClearanceFields,
) -> None:
    shot = needle((36.0, 20.0, -50.0), (36.0, -13.0, -17.0))
    measured = measure_needle(fields, shot).clearance_mm["anterior_cortex"]
    rim = NeedleGauge.of(11).outer_diameter_mm / 2 * np.sqrt(0.5)
    assert measured == pytest.approx(12.0 - rim, abs=HALF_VOXEL)
    assert measured < 12.0 * np.sqrt(2)


def test_the_cranial_cortex_of_the_ala_is_a_plane_above_the_shaft(fields: ClearanceFields) -> None:
    measured = measure_needle(fields, straight(36.0, -10.0, -20.0)).clearance_mm
    radius = NeedleGauge.of(11).outer_diameter_mm / 2
    assert measured["cranial_ala_cortex"] == pytest.approx(ALA_TOP_Z + 20 - radius, abs=HALF_VOXEL)


def test_a_thicker_needle_is_nearer_by_the_difference_of_the_radii(fields: ClearanceFields) -> None:
    thin = measure_needle(fields, straight(34.0, -10.0, -20.0, 13)).clearance_mm
    thick = measure_needle(fields, straight(34.0, -10.0, -20.0, 10)).clearance_mm
    difference = (NeedleGauge.of(10).outer_diameter_mm - NeedleGauge.of(13).outer_diameter_mm) / 2
    for name in ("si_joint", "canal", "ilium", "cranial_ala_cortex"):
        assert thin[name] - thick[name] == pytest.approx(difference, abs=0.15), name


def test_a_needle_in_a_foramen_has_negative_clearance(fields: ClearanceFields) -> None:
    ventral, dorsal = foramen_axis(Toy(), Level.S1, Side.RIGHT)
    back = dorsal + 30.0 * (dorsal - ventral) / np.linalg.norm(dorsal - ventral)
    shot = needle(tuple(back), tuple(0.5 * (ventral + dorsal)))
    assert measure_needle(fields, shot).clearance_mm["foramina"] < -4.0


def test_the_shaft_behind_the_bone_counts_against_the_iliac_spine(fields: ClearanceFields) -> None:
    """The tip is far from the ilium, but the shaft crosses the spine that overhangs the joint."""
    shot = needle((56.0, 45.0, -20.0), (34.0, -10.0, -20.0))
    assert measure_needle(fields, shot).clearance_mm["ilium"] < 0.0


def test_depth_to_the_dorsal_cortex_is_that_of_the_back_of_the_block(
    fields: ClearanceFields,
) -> None:
    measured = measure_needle(fields, straight(30.0, -10.0, -20.0))
    assert measured.bone_entry_depth_mm == pytest.approx(55.0 - 16.0, abs=HALF_VOXEL)
    assert measured.in_bone_mm == pytest.approx(26.0, abs=HALF_VOXEL)


def test_a_tip_outside_bone_has_no_depth_in_bone(fields: ClearanceFields) -> None:
    measured = measure_needle(fields, straight(30.0, 30.0, -20.0))
    assert measured.bone_entry_depth_mm is None
    assert measured.in_bone_mm == 0.0


def test_an_absent_foramen_is_no_clearance_on_its_own_side_only() -> None:
    toy = Toy(without=(Structure.FORAMEN_S1_LEFT,))
    fields = build_clearance_fields(build_toy(toy))
    left = measure_needle(fields, straight(34.0, -10.0, -20.0))
    right = measure_needle(fields, straight(-34.0, -10.0, -20.0))
    assert "foramina" not in left.clearance_mm
    assert "foramen_S1_left" in left.absent["foramina"]
    assert "foramina" in right.clearance_mm


def test_a_needle_off_the_map_is_refused(fields: ClearanceFields) -> None:
    with pytest.raises(BadInput, match=r"entry .* outside the region"):
        measure_needle(fields, needle((34.0, 900.0, -20.0), (34.0, -10.0, -20.0)))


def test_a_needle_of_another_scan_is_refused(fields: ClearanceFields) -> None:
    other = Frame("9.9")
    shot = straight(34.0, -10.0, -20.0)
    moved = replace(shot, entry=Points(shot.entry.xyz, other), tip=Points(shot.tip.xyz, other))
    with pytest.raises(FrameMismatch):
        measure_needle(fields, moved)
