"""PNG, GIF and DICOM: the side letters by two routes, the values unchanged, the standard kept."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from carm_bench import SMALL, lopsided_scan, mirrored, sacrum_at, tilted_sacrum
from PIL import Image
from pydicom.pixels.processing import apply_windowing

from sacroplasty.adapters.radiograph_export import (
    ImageWords,
    injection_gif,
    marked_picture,
    pseudonymous_header,
    side_marker,
    xa_image,
)
from sacroplasty.adapters.radiograph_export.lettering import letters_mask
from sacroplasty.adapters.radiograph_export.xa_image import overlay_plane
from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import (
    NAMED_VIEWS,
    CArm,
    Lying,
    PositionerAngles,
    Radiograph,
    Window,
    angles_of,
    expose,
    isocentre,
    named_view,
    pose_at,
    project_points,
    scanner_from_levelled,
    scanner_from_table,
    to_display,
    window_of,
)
from sacroplasty.geometry import Points
from xray_room import FRAME

FRONTAL = ("ap", "pa", "outlet", "inlet", "oblique-for-left", "oblique-for-right")
WORDS = ImageWords("AP, CRA 0°", PositionerAngles(172.0, 5.0), 1020.0, 700.0, Lying.PRONE, 1)


@pytest.mark.parametrize("sacrum", [tilted_sacrum(), mirrored(tilted_sacrum())])
@pytest.mark.parametrize("name", FRONTAL)
def test_the_letter_stands_where_a_point_on_that_side_appears(sacrum, name: str) -> None:  # type: ignore[no-untyped-def]
    """One route is the picture's axes, the other the projection of a point beside the sacrum."""
    pose = named_view(name, sacrum)
    to_scanner = sacrum.scanner_from_sacrum
    left = to_scanner(Points.at([45.0, 0.0, -30.0], to_scanner.source))
    on_the_right = project_points(pose, left)[0, 1] > 255.5
    marker = side_marker(pose, sacrum)
    assert (marker.right_edge == "L") == on_the_right
    assert {marker.left_edge, marker.right_edge} == {"L", "R"}


@pytest.mark.parametrize("name", ["ap", "pa"])
def test_the_letter_stands_where_metal_on_that_side_is_seen(name: str) -> None:
    """A third route: a dense bar on the patient's left, in the picture that was drawn."""
    sacrum = sacrum_at(np.eye(3), np.array([0.0, 0.0, 30.0]))
    seen = expose(lopsided_scan(body_hu=-1000.0), None, named_view(name, sacrum, SMALL))
    columns = seen.line_integrals.sum(axis=0)
    at = float(columns @ np.arange(len(columns)) / columns.sum())
    assert (at > 39.5) == (side_marker(seen.pose, sacrum).right_edge == "L")


def test_a_lateral_names_the_side_at_the_detector() -> None:
    sacrum = tilted_sacrum()
    for name, side in (("lateral", "L"), ("lateral-left", "L"), ("lateral-right", "R")):
        pose = named_view(name, sacrum)
        marker = side_marker(pose, sacrum)
        assert (marker.left_edge, marker.right_edge, marker.detector_side) == ("", "", side)
        nearer = sacrum.scanner_from_sacrum.inverse(pose.detector_centre).single[0]
        assert (nearer > 0) == (side == "L")


def test_letters_are_burnt_in_at_both_edges_and_nothing_else_is_touched() -> None:
    sacrum = tilted_sacrum()
    pose = named_view("ap", sacrum, CArm())
    grey_half = Radiograph(np.full(pose.shape, 0.5, np.float32), pose)
    picture = marked_picture(grey_half, Window(0.0, 1.0), side_marker(pose, sacrum), "ap")
    rows = slice(40, 120)
    assert (picture[rows, :40] == 255).sum() == 16 * letters_mask("R", 1).sum()
    assert (picture[rows, -40:] == 255).sum() == 16 * letters_mask("L", 1).sum()
    assert (picture[120:480, 60:450] == 128).all()


def test_a_caption_wider_than_the_picture_goes_on_below() -> None:
    pose = named_view("ap", tilted_sacrum(), CArm())
    black = Radiograph(np.zeros(pose.shape, np.float32), pose)

    def ink(caption: str) -> np.ndarray:
        marker = side_marker(pose, tilted_sacrum())
        return np.asarray(marked_picture(black, Window(0.0, 1.0), marker, caption) == 255)

    name, says = "lao20-cra10-supine-subtracted-at-60s", "LAO 20°, CRA 10°  60 s"
    assert not ink("")[-50:].any()
    written = ink(f"{name}  {says}")[-60:]
    both = [letters_mask(text, 2) for text in (name, says)]
    assert written.sum() == sum(mask.sum() for mask in both)
    last = both[1][-8:]  # of the letters' lower halves
    assert (written[-10:-2, 2 : 2 + last.shape[1]] == last).all(), "the last line is whole"


def test_r_and_l_are_letters_of_their_own() -> None:
    left, right = letters_mask("L", 1), letters_mask("R", 1)
    assert not np.array_equal(left, right)
    assert not np.array_equal(left, left[:, ::-1]), "an L tells when a picture was mirrored"


def test_a_gif_keeps_its_frames_and_its_bytes() -> None:
    frames = [np.full((20, 30), level, np.uint8) for level in (10, 100, 200)]
    content = injection_gif(frames)
    assert content == injection_gif(frames)
    with Image.open(io.BytesIO(content)) as shown:
        assert getattr(shown, "n_frames") == 3  # noqa: B009
        for number, frame in enumerate(frames):
            shown.seek(number)
            np.testing.assert_array_equal(np.asarray(shown.convert("L")), frame)
    with pytest.raises(BadInput, match="without a frame"):
        injection_gif([])


def written(tmp_path: Path, name: str = "oblique-for-left") -> tuple[Radiograph, Path]:
    sacrum = sacrum_at(np.eye(3), np.array([0.0, 0.0, 30.0]))
    seen = expose(lopsided_scan(), None, named_view(name, sacrum, SMALL))
    table = scanner_from_table(sacrum)
    words = ImageWords("said", angles_of(seen.pose, table), 1020.0, 700.0, Lying.PRONE, 2)
    header = pseudonymous_header("patient-7", "digest")
    content = xa_image(seen, window_of(seen), side_marker(seen.pose, sacrum), words, header)
    path = tmp_path / "view.dcm"
    path.write_bytes(content)
    return seen, path


def test_a_viewer_opens_it_in_our_window(tmp_path: Path) -> None:
    """By pydicom's own windowing: grey as `to_display` has it, however narrow the window."""
    seen, path = written(tmp_path)
    read = pydicom.dcmread(path)
    values = read.pixel_array * float(read.RescaleSlope) + float(read.RescaleIntercept)
    for window in (window_of(seen), Window(-0.15, 0.45)):
        read.WindowCenter = (window.low + window.high) / 2.0
        read.WindowWidth = window.high - window.low
        shown = apply_windowing(values, read)
        ends = float(read.RescaleIntercept), 65535 * float(read.RescaleSlope)
        grey = (shown - ends[0]) / (ends[1] - ends[0])
        np.testing.assert_allclose(grey, to_display(seen, window) / 255.0, atol=0.004)


def test_dicom_holds_the_line_integrals_and_names_nobody(tmp_path: Path) -> None:
    seen, path = written(tmp_path)
    read = pydicom.dcmread(path)
    values = read.pixel_array * float(read.RescaleSlope) + float(read.RescaleIntercept)
    np.testing.assert_allclose(values, seen.line_integrals, atol=2.6e-4)
    assert (read.PatientName, read.PatientID) == ("patient-7", "patient-7")
    assert read.PatientIdentityRemoved == "YES"
    assert read.BurnedInAnnotation == "NO"
    assert "DERIVED" in read.ImageType


def test_the_pose_can_be_stood_up_again_from_the_dicom_attributes(tmp_path: Path) -> None:
    seen, path = written(tmp_path)
    read = pydicom.dcmread(path)
    angles = PositionerAngles(read.PositionerPrimaryAngle, read.PositionerSecondaryAngle)
    arm = CArm(
        float(read.DistanceSourceToDetector),
        float(read.DistanceSourceToPatient),
        (int(read.Rows), int(read.Columns)),
        float(read.ImagerPixelSpacing[0]),
    )
    assert float(read.EstimatedRadiographicMagnificationFactor) == pytest.approx(arm.magnification)
    assert read.PatientPosition == "HFP"
    sacrum = sacrum_at(np.eye(3), np.array([0.0, 0.0, 30.0]))
    again = pose_at(angles, scanner_from_table(sacrum), "again", carm=arm)
    points = Points(isocentre(sacrum).single + np.eye(3) * 40.0, FRAME)
    np.testing.assert_allclose(
        project_points(again, points), project_points(seen.pose, points), atol=1e-6
    )


@pytest.mark.parametrize(
    ("name", "orientation"),
    [("ap", ["L", "F"]), ("pa", ["L", "F"]), ("lateral-left", ["A", "F"]), ("lateral-right", ["P", "F"])],
)  # fmt: skip
def test_rows_and_columns_run_where_dicom_is_told(
    tmp_path: Path, name: str, orientation: list[str]
) -> None:
    _, path = written(tmp_path, name)
    assert list(pydicom.dcmread(path).PatientOrientation) == orientation


@pytest.mark.parametrize("name", ["ap", "lateral", "oblique-for-right"])
def test_the_validator_finds_no_error(tmp_path: Path, name: str) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is absent: apt-get install dicom3tools")
    _, path = written(tmp_path, name)
    told = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False)
    lines = (told.stdout + told.stderr).splitlines()
    assert "XAImage" in lines
    assert [line for line in lines if line.startswith("Error")] == []


def test_the_overlay_reads_back_as_drawn(tmp_path: Path) -> None:
    seen, path = written(tmp_path)
    sacrum = sacrum_at(np.eye(3), np.array([0.0, 0.0, 30.0]))
    plane = overlay_plane(seen.pose.shape, side_marker(seen.pose, sacrum))
    np.testing.assert_array_equal(pydicom.dcmread(path).overlay_array(0x6000), plane)
    assert plane.any()


def test_a_ray_down_a_steel_wall_is_stored_as_black_as_sixteen_bits_can_say(tmp_path: Path) -> None:
    pose = named_view("ap", tilted_sacrum(), SMALL)
    seen = np.full(pose.shape, 3.0, np.float32)
    seen[5, 7] = 60.0
    marker, header = side_marker(pose, tilted_sacrum()), pseudonymous_header("p", "d")
    (tmp_path / "a.dcm").write_bytes(
        xa_image(Radiograph(seen, pose), Window(0, 40), marker, WORDS, header)
    )
    read = pydicom.dcmread(tmp_path / "a.dcm")
    values = read.pixel_array * float(read.RescaleSlope) + float(read.RescaleIntercept)
    assert values[5, 7] == pytest.approx(32.7675)
    assert "above 32.8" in read.ImageComments
    np.testing.assert_allclose(np.delete(values.ravel(), 5 * pose.shape[1] + 7), 3.0, atol=1e-6)


def test_less_than_a_file_can_say_is_refused() -> None:
    pose = named_view("ap", tilted_sacrum(), SMALL)
    lighter = Radiograph(np.full(pose.shape, -1.0, np.float32), pose)
    marker = side_marker(pose, tilted_sacrum())
    with pytest.raises(BadInput, match="do not fit"):
        xa_image(lighter, Window(0, 40), marker, WORDS, pseudonymous_header("p", "d"))


def test_every_named_view_has_a_marker() -> None:
    sacrum = tilted_sacrum()
    table = scanner_from_levelled(sacrum)
    for name in NAMED_VIEWS:
        pose = named_view(name, sacrum)
        marker = side_marker(pose, sacrum)
        assert marker.left_edge or marker.detector_side
        assert angles_of(pose, table).words.split(",")[0]
