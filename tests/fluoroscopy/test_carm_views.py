"""Views as a radiographer names them, and what is refused."""

import numpy as np
import pytest

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadInput, BadUsage, FrameMismatch
from sacroplasty.fluoroscopy import (
    NAMED_VIEWS,
    CArm,
    ap_view,
    cement_contrast_per_mm,
    expose,
    inlet_view,
    lateral_view,
    named_view,
    outlet_view,
    project_points,
)
from sacroplasty.geometry import Frame, Points, Volume
from xray_room import (
    AIR,
    FRAME,
    centred_grid,
    pose_along,
    sacrum_at,
    scan_of,
    tilted_sacrum,
)


def beam_of(pose) -> np.ndarray:  # type: ignore[no-untyped-def]
    way = pose.detector_centre.single - pose.source.single
    return np.asarray(way / np.linalg.norm(way))


def test_left_of_the_patient_is_right_in_the_ap_picture_by_two_routes() -> None:
    sacrum = sacrum_at(np.eye(3), np.zeros(3))
    pose = ap_view(sacrum, CArm(shape=(128, 128), pixel_mm=2.0))
    marker = np.array([30.0, 5.0, -20.0])  # left, dorsal, a little above the isocentre
    row, column = project_points(pose, Points(marker, FRAME))[0]
    assert column > 63.5
    assert row < 63.5
    ct = scan_of(
        centred_grid((80, 40, 80), (2.0, 2.0, 2.0)),
        lambda xyz: np.where(np.abs(xyz - marker).max(axis=1) < 3, 1000.0, AIR),
    )
    seen = expose(ct, None, pose).line_integrals
    weight = seen / seen.sum()
    assert (weight.sum(axis=1) @ np.arange(128)) == pytest.approx(row, abs=0.7)
    assert (weight.sum(axis=0) @ np.arange(128)) == pytest.approx(column, abs=0.7)


def test_ventral_is_right_and_head_is_up_in_the_lateral_picture() -> None:
    pose = lateral_view(sacrum_at(np.eye(3), np.zeros(3)))
    ventral, cranial = project_points(
        pose, Points(np.array([[0.0, -20.0, -30.0], [0.0, 0.0, 0.0]]), FRAME)
    )
    assert ventral[1] > 255.5
    assert cranial[0] < 255.5


def test_ap_is_straight_on_a_patient_who_lies_rotated() -> None:
    sacrum = tilted_sacrum()
    left = sacrum.scanner_from_sacrum.turn(np.array([1.0, 0.0, 0.0]))
    dorsal = sacrum.scanner_from_sacrum.turn(np.array([0.0, 1.0, 0.0]))
    ap, lateral = beam_of(ap_view(sacrum)), beam_of(lateral_view(sacrum))
    assert ap @ left == pytest.approx(0, abs=1e-12)
    assert ap @ dorsal > 0.5
    assert ap[2] == pytest.approx(0, abs=1e-12)
    assert lateral @ left == pytest.approx(1)
    assert ap @ lateral == pytest.approx(0, abs=1e-12)


def test_outlet_is_en_face_and_inlet_runs_down_the_sacral_axis() -> None:
    sacrum = tilted_sacrum()
    dorsal, cranial = sacrum.scanner_from_sacrum.turn(np.array([[0.0, 1, 0], [0.0, 0, 1]]))
    assert beam_of(outlet_view(sacrum)) @ dorsal == pytest.approx(1)
    assert beam_of(inlet_view(sacrum)) @ cranial == pytest.approx(-1)


@pytest.mark.parametrize("name", list(NAMED_VIEWS))
def test_every_view_is_centred_on_s1_s2_in_the_midline(name: str) -> None:
    sacrum = tilted_sacrum()
    pose = named_view(name, sacrum)
    centre = sacrum.scanner_from_sacrum(
        Points(np.array([[0.0, 0.0, -30.0]]), sacrum.scanner_from_sacrum.source)
    )
    np.testing.assert_allclose(project_points(pose, centre), [[255.5, 255.5]], atol=1e-6)
    # A supine patient is looked at from the detector, the others from the source.
    facing = -1.0 if name == "pa" else 1.0
    into = np.cross(pose.right, pose.down)
    np.testing.assert_allclose(into, facing * beam_of(pose), atol=1e-12)


def test_an_unknown_view_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadUsage, match="ap, lateral, inlet, outlet"):
        named_view("townes", tilted_sacrum())


def test_a_detector_before_the_isocentre_is_refused() -> None:
    with pytest.raises(BadInput, match="must stand behind"):
        CArm(source_detector_mm=500.0, source_isocentre_mm=700.0)


def test_a_pose_beside_the_patient_is_refused() -> None:
    ct = scan_of(centred_grid((9, 9, 9), (1, 1, 1)), lambda xyz: 0 * xyz[:, 0])
    pose = pose_along(np.array([0.0, 1.0, 0.0]))
    aside = type(pose)(
        "aside",
        Points(pose.source.single + np.array([500.0, 0.0, 0.0]), FRAME),
        Points(pose.detector_centre.single + np.array([500.0, 0.0, 0.0]), FRAME),
        pose.right,
        pose.down,
        pose.shape,
        pose.pixel_mm,
    )
    with pytest.raises(BadInput, match="misses the CT"):
        expose(ct, None, aside)


def test_another_patients_pose_or_cement_without_recipe_is_refused() -> None:
    grid = centred_grid((9, 9, 9), (1, 1, 1))
    ct = scan_of(grid, lambda xyz: 0 * xyz[:, 0])
    pose = pose_along(np.array([0.0, 1.0, 0.0]))
    cement = CementField(Volume(np.ones(grid.shape, np.float32), grid))
    with pytest.raises(BadUsage, match="recipe"):
        expose(ct, cement, pose)
    other = Points(pose.source.xyz, Frame("9.9"))
    with pytest.raises(FrameMismatch):
        project_points(pose, other)


def test_more_barium_is_more_contrast_and_none_is_little() -> None:
    contrast = [
        cement_contrast_per_mm(CementRecipe.of_constant_viscosity("c", 1.0, w, 1.2 + w))
        for w in (0.0, 0.1, 0.3, 0.4)
    ]
    assert contrast == sorted(contrast)
    assert abs(contrast[0]) < 0.2 * contrast[1]


def test_a_point_behind_the_source_casts_no_shadow() -> None:
    pose = pose_along(np.array([0.0, 1.0, 0.0]))
    with pytest.raises(BadInput, match="behind the X-ray source"):
        project_points(pose, Points(np.array([0.0, -700.0, 0.0]), FRAME))
