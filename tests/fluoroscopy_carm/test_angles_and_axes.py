"""Where the detector stands about the patient: DICOM's signs, prone and supine, and back again."""

import itertools

import numpy as np
import pytest
from carm_bench import SMALL, beam_of, mirrored, oblique_poses, sacrum_at, tilted_sacrum
from hypothesis import given
from hypothesis import strategies as st

from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.fluoroscopy import (
    CArm,
    Lying,
    PositionerAngles,
    angles_of,
    carm_from_scanner,
    carm_view,
    isocentre,
    named_view,
    pose_at,
    project_points,
    projection_matrix,
    scanner_from_levelled,
    scanner_from_sacral_axes,
    scanner_from_table,
    view_from_scanner,
)
from sacroplasty.geometry import Frame, Points, Rigid
from xray_room import FRAME

LEFT, RIGHT, CHEST, BACK, HEAD = (
    np.array(v, dtype=float) for v in ([1, 0, 0], [-1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, 1])
)


@pytest.mark.parametrize(
    ("primary", "secondary", "detector"),
    [
        (0.0, 0.0, CHEST),
        (90.0, 0.0, LEFT),
        (-90.0, 0.0, RIGHT),
        (180.0, 0.0, BACK),
        (-180.0, 0.0, BACK),
        (0.0, 45.0, (CHEST + HEAD) / np.sqrt(2)),
        (180.0, -45.0, (BACK - HEAD) / np.sqrt(2)),
        (135.0, 0.0, (BACK + LEFT) / np.sqrt(2)),
    ],
)
def test_the_detector_stands_where_dicom_says(
    primary: float, secondary: float, detector: np.ndarray
) -> None:
    table = scanner_from_table(sacrum_at(np.eye(3), np.zeros(3)))
    pose = pose_at(PositionerAngles(primary, secondary), table, "x")
    np.testing.assert_allclose(beam_of(pose), detector, atol=1e-12)
    from_isocentre = pose.detector_centre.single - table.translation
    np.testing.assert_allclose(from_isocentre, 320.0 * detector, atol=1e-9)


def test_a_prone_patient_is_seen_ap_and_a_supine_one_pa_from_below_the_table() -> None:
    sacrum = sacrum_at(np.eye(3), np.zeros(3))
    for lying, way, word in ((Lying.PRONE, BACK, "AP"), (Lying.SUPINE, CHEST, "PA")):
        angles = PositionerAngles.dialled(lying)
        pose = pose_at(angles, scanner_from_table(sacrum), "x", lying=lying)
        np.testing.assert_allclose(beam_of(pose), way, atol=1e-12)
        assert lying.projection == word
        assert angles.words.startswith(word)


@pytest.mark.parametrize("lying", Lying)
def test_dialling_lao_moves_the_detector_to_the_patients_left(lying: Lying) -> None:
    table = scanner_from_table(sacrum_at(np.eye(3), np.zeros(3)))
    pose = pose_at(PositionerAngles.dialled(lying, lao_deg=20, cranial_deg=10), table, "x")
    assert beam_of(pose) @ LEFT == pytest.approx(np.cos(np.deg2rad(10)) * np.sin(np.deg2rad(20)))
    assert beam_of(pose) @ HEAD == pytest.approx(np.sin(np.deg2rad(10)))
    assert angles_of(pose, table).lao_deg(lying) == pytest.approx(20)


def test_the_words_name_the_quadrant_and_the_tilt() -> None:
    assert PositionerAngles(20, 10).words == "LAO 20°, CRA 10°"
    assert PositionerAngles(-30, -5).words == "RAO 30°, CAU 5°"
    assert PositionerAngles(160, 0).words == "LPO 20°, CRA 0°"
    assert PositionerAngles(-150, 41.6).words == "RPO 30°, CRA 42°"


@pytest.mark.parametrize("lying", Lying)
def test_the_patients_left_is_right_in_every_frontal_picture_and_the_head_is_up(
    lying: Lying,
) -> None:
    sacrum = sacrum_at(np.eye(3), np.zeros(3))
    for lao in (-40.0, 0.0, 40.0):
        angles = PositionerAngles.dialled(lying, lao_deg=lao, cranial_deg=15)
        pose = pose_at(angles, scanner_from_table(sacrum), "x", lying=lying)
        centre = isocentre(sacrum).single
        seen = project_points(pose, Points(centre + 20 * np.stack([LEFT, RIGHT, HEAD]), FRAME))
        assert seen[0, 1] > 255.5 > seen[1, 1]
        assert seen[2, 0] < 255.5


def test_a_turning_carm_never_flips_its_picture() -> None:
    """Neighbouring angles give neighbouring pictures, all the way round."""
    sacrum = tilted_sacrum()
    for lying in Lying:
        poses = [
            pose_at(
                PositionerAngles.dialled(lying, lao_deg=lao, cranial_deg=20),
                scanner_from_levelled(sacrum),
                "x",
                lying=lying,
            )
            for lao in np.arange(-180.0, 181.0, 5.0)
        ]
        for one, other in itertools.pairwise(poses):
            assert one.right @ other.right > 0.99
            assert one.down @ other.down > 0.98


@given(
    primary=st.floats(-180, 180),
    secondary=st.floats(-79, 79),
    lying=st.sampled_from(Lying),
    axes=st.sampled_from([scanner_from_table, scanner_from_levelled, scanner_from_sacral_axes]),
)
def test_angles_and_pose_are_inverse(primary, secondary, lying, axes) -> None:  # type: ignore[no-untyped-def]
    to_scanner = axes(tilted_sacrum())
    pose = pose_at(PositionerAngles(primary, secondary), to_scanner, "x", lying=lying)
    back = angles_of(pose, to_scanner)
    assert back.secondary_deg == pytest.approx(secondary, abs=1e-6)
    assert np.cos(np.deg2rad(back.primary_deg - primary)) == pytest.approx(1.0, abs=1e-12)


def test_table_and_sacral_angles_differ_by_how_the_patient_lies() -> None:
    sacrum = tilted_sacrum()
    ap = carm_view(sacrum, "ap")
    assert angles_of(ap, scanner_from_levelled(sacrum)).words.startswith("AP, ")
    assert abs(angles_of(ap, scanner_from_table(sacrum)).lao_deg(Lying.PRONE)) == pytest.approx(
        8.0, abs=0.5
    )
    outlet = angles_of(named_view("outlet", sacrum), scanner_from_sacral_axes(sacrum))
    inlet = angles_of(named_view("inlet", sacrum), scanner_from_sacral_axes(sacrum))
    # Levelled, a sacrum that lies skewed by 3° cannot be met exactly; to its cosine it can.
    assert outlet.secondary_deg == pytest.approx(0.0, abs=3.5)
    assert inlet.secondary_deg == pytest.approx(-90.0, abs=3.5)


def test_a_mirrored_patient_turns_the_primary_angle_round() -> None:
    sacrum = tilted_sacrum()
    for name, other in (
        ("oblique-for-left", "oblique-for-right"),
        ("lateral-left", "lateral-right"),
    ):
        here = angles_of(named_view(name, sacrum), scanner_from_table(sacrum))
        there = angles_of(named_view(other, mirrored(sacrum)), scanner_from_table(mirrored(sacrum)))
        assert there.primary_deg == pytest.approx(-here.primary_deg, abs=1e-6)
        assert there.secondary_deg == pytest.approx(here.secondary_deg, abs=0.2)


@pytest.mark.parametrize("pose", oblique_poses(), ids=lambda pose: pose.name)
def test_transforms_and_matrix_see_what_the_rays_see(pose) -> None:  # type: ignore[no-untyped-def]
    points = Points(np.random.default_rng(2).uniform(-80, 80, (12, 3)), FRAME)
    seen = project_points(pose, points)
    homogeneous = np.column_stack([points.xyz, np.ones(12)]) @ projection_matrix(pose).T
    np.testing.assert_allclose(homogeneous[:, :2] / homogeneous[:, 2:], seen[:, ::-1], atol=1e-8)
    in_carm = carm_from_scanner(pose)(points).xyz
    np.testing.assert_allclose(in_carm[:, 2], homogeneous[:, 2], atol=1e-9)
    assert carm_from_scanner(pose)(pose.source).single == pytest.approx(np.zeros(3), abs=1e-9)
    rays = carm_from_scanner(pose)
    detector = rays(pose.detector_centre).single
    assert detector[2] == pytest.approx(1020.0)
    view = view_from_scanner(pose)
    shadow = pose.source.xyz + (points.xyz - pose.source.xyz) * (1020.0 / in_carm[:, 2:])
    on_film = view(Points(shadow, FRAME)).xyz
    np.testing.assert_allclose(on_film[:, 2], 0.0, atol=1e-9)
    np.testing.assert_allclose(on_film[:, 1::-1] / pose.pixel_mm, seen, atol=1e-8)


@pytest.mark.parametrize("angle", [np.nan, np.inf, 181.0, -200.0])
def test_absurd_angles_are_refused(angle: float) -> None:
    with pytest.raises(BadInput, match=r"primary angle|rotation"):
        PositionerAngles(angle, 0.0)
    with pytest.raises(BadInput, match="rotation"):
        PositionerAngles.dialled(Lying.PRONE, lao_deg=angle)
    with pytest.raises(BadInput, match="secondary"):
        PositionerAngles(0.0, angle)


@pytest.mark.parametrize("rotation", [np.nan, np.inf, -np.inf])
def test_a_rotation_that_is_no_angle_is_refused(rotation: float) -> None:
    with pytest.raises(BadInput, match="no angle"):
        carm_view(tilted_sacrum(), "turned", rotation_deg=rotation)


def test_a_tilt_into_the_tables_end_is_refused() -> None:
    with pytest.raises(BadInput, match="beyond ±80"):
        pose_at(PositionerAngles(0.0, 85.0), scanner_from_table(tilted_sacrum()), "steep")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"source_detector_mm": 500.0}, "must stand behind"),
        ({"source_isocentre_mm": -10.0}, "must stand behind"),
        ({"source_isocentre_mm": np.nan}, "must stand behind"),
        ({"source_detector_mm": 1e6}, "millimetres"),
        ({"shape": (0, 10)}, "pixels"),
        ({"shape": (10**6, 10)}, "pixels"),
        ({"pixel_mm": -1.0}, "pixel"),
        ({"pixel_mm": np.nan}, "pixel"),
    ],
)
def test_a_machine_that_cannot_be_is_refused(wrong: dict[str, float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        CArm(**wrong)  # type: ignore[arg-type]


def test_axes_of_another_patient_are_refused() -> None:
    pose = carm_view(tilted_sacrum(), "ap", carm=SMALL)
    other = Frame("9.9")
    with pytest.raises(FrameMismatch):
        angles_of(pose, Rigid(np.eye(3), np.zeros(3), to=other, source=other.attached("table")))
