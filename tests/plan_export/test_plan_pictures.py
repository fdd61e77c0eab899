"""Pictures and sheet: what lies left in the patient is drawn where the letter L stands."""

import re
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from planned_series import errors_told_of, patient, plan_in, write_series
from toy_plan import toy_back, toy_plan, toy_scan

from sacroplasty.adapters.plan_export import write_secondary_captures
from sacroplasty.adapters.plan_export.plan_pictures import (
    PlanPicture,
    along_picture,
    axial_picture,
    front_picture,
)
from sacroplasty.adapters.plan_export.plan_sheet import plan_sheet
from sacroplasty.adapters.plan_export.secondary_capture import BURNED_IN, burned_in
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.errors import BadInput
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import TrajectoryPlan


def scene() -> Scene:
    sacrum = toy_back()
    return Scene.of_needles(toy_scan(sacrum), sacrum, toy_plan().needles)


def brightest(picture: PlanPicture) -> tuple[float, float]:
    """Row and column of the bright marker, which lies at LPS (40, 0, −18): left, mid-depth."""
    rows, columns = np.nonzero(picture.grey == 255)
    return float(rows.mean()), float(columns.mean())


def test_the_marker_on_the_patients_left_is_drawn_on_the_viewers_right() -> None:
    """The axial picture is seen from the feet, the projection from the front."""
    made = scene()
    left = made.needles[0]
    for picture in (axial_picture(made, left), front_picture(made)):
        _, column = brightest(picture)
        middle = picture.plane.row_column(left.needle.tip)[0][1]
        # The marker lies 6 mm lateral of the left needle's target.
        assert (column - middle) * picture.plane.pixel_mm == pytest.approx(6.0, abs=1.0)
    row, _ = brightest(front_picture(made))
    target_row = front_picture(made).plane.row_column(left.needle.tip)[0][0]
    assert row == pytest.approx(target_row, abs=1.5), "marker and target are at one height"


def test_the_cut_along_the_needle_holds_the_whole_axis() -> None:
    made = scene()
    for planned in made.needles:
        plane = along_picture(made, planned).plane
        assert np.abs(plane.behind_mm(planned.needle.along(2.0))).max() < 1e-6
        ends = plane.row_column(planned.needle.along(1e9))
        assert (ends > 0).all()
        assert (ends < np.array(plane.shape)).all()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CTVolume]:
    folder = tmp_path_factory.mktemp("study") / "dicom"
    return folder, write_series(folder)


def captured(study: tuple[Path, CTVolume], folder: Path) -> list[Path]:
    from dataclasses import replace

    from sacroplasty.geometry import Rigid, Volume

    folder.mkdir(exist_ok=True)
    source, ct = study
    truth = patient().truth
    pose = truth.scanner_from_sacrum
    sacrum = toy_back(frame=ct.frame)
    labels = patient().labels_on_ct
    labels = Volume(labels.values, replace(labels.grid, frame=ct.frame))
    model = replace(
        sacrum,
        labels=labels,
        zones=Volume(np.zeros(labels.grid.shape, np.uint8), labels.grid),
        scanner_from_sacrum=Rigid(
            pose.rotation, pose.translation, to=ct.frame, source=ct.frame.attached("sacrum")
        ),
    )
    return list(write_secondary_captures(plan_in(ct), model, ct, source, folder))


def test_captures_keep_to_the_standard_and_to_the_study(
    study: tuple[Path, CTVolume], tmp_path: Path
) -> None:
    first, second = (captured(study, tmp_path / name) for name in ("a", "b"))
    assert len(first) == 4
    ct = pydicom.dcmread(sorted(study[0].iterdir())[0])
    for path, again in zip(first, second, strict=True):
        assert path.read_bytes() == again.read_bytes()
        assert errors_told_of(path) == []
        read = pydicom.dcmread(path)
        assert (read.StudyInstanceUID, read.PatientID) == (ct.StudyInstanceUID, ct.PatientID)
        assert read.BurnedInAnnotation == "YES"
        assert BURNED_IN in read.DerivationDescription
        assert read.pixel_array.shape == (read.Rows, read.Columns, 3)
    assert list(pydicom.dcmread(first[0]).PatientOrientation) == ["L", "P"]
    headers = [pydicom.dcmread(path) for path in first]
    assert len({header.SOPInstanceUID for header in headers}) == 4
    assert len({header.SeriesInstanceUID for header in headers}) == 1


def test_the_warning_is_in_the_pixels() -> None:
    """In its own colour, near the lower edge, where no outline of the toy runs."""
    made = scene()
    pixels: NDArray[np.uint8] = burned_in(made, axial_picture(made, made.needles[0]))
    below = pixels[int(0.85 * len(pixels)) :].astype(int)
    letters = np.abs(below - [255, 215, 94]).sum(axis=2) < 30
    rows, columns = np.nonzero(letters)
    assert letters.sum() > 200
    assert np.ptp(columns) > 0.3 * pixels.shape[1]
    assert np.ptp(rows) < 0.05 * pixels.shape[0]


def test_the_sheet_is_one_page_without_a_date_and_the_same_every_time() -> None:
    sacrum = toy_back()
    pdf = plan_sheet(toy_plan(), sacrum, toy_scan(sacrum), "TOY-1")
    assert pdf == plan_sheet(toy_plan(), sacrum, toy_scan(sacrum), "TOY-1")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert b"CreationDate" not in pdf
    width, height = map(float, re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf).groups())  # type: ignore[union-attr]
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((210, 297), abs=0.5)
    drawn = b"".join(
        zlib.decompress(part)
        for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
        if part[:1] == b"\x78"
    )
    assert drawn.count(b"BT") > 60, "the table is text and not a picture"


def test_a_pseudonym_with_dollar_signs_is_a_name_and_not_a_formula() -> None:
    sacrum = toy_back()
    pdf = plan_sheet(toy_plan(), sacrum, toy_scan(sacrum), r"$\frac$")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1


def test_four_needles_make_two_pages_and_none_is_refused() -> None:
    sacrum, plan = toy_back(), toy_plan()
    pdf = plan_sheet(toy_plan(*plan.needles, plan.needles[0]), sacrum, toy_scan(sacrum), "TOY-1")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 2
    with pytest.raises(BadInput, match="no needle"):
        plan_sheet(TrajectoryPlan((), plan.margins, (), (), 1), sacrum, toy_scan(sacrum), "TOY-1")
