"""The plan as DICOM: judged by a foreign validator, and by geometry worked out again by hand."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from planned_series import errors_told_of, plan_in, write_series
from toy_plan import toy_plan

from sacroplasty.adapters.plan_export import write_needle_segmentation, write_structured_report
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import TrajectoryPlan

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CTVolume]:
    folder = tmp_path_factory.mktemp("planned") / "dicom"
    return folder, write_series(folder)


@pytest.fixture(scope="module")
def report(series: tuple[Path, CTVolume]) -> Path:
    path = series[0].parent / "report.dcm"
    write_structured_report(plan_in(series[1]), series[1], series[0], path)
    return path


@pytest.fixture(scope="module")
def segments(series: tuple[Path, CTVolume]) -> Path:
    path = series[0].parent / "needles.dcm"
    write_needle_segmentation(plan_in(series[1]), series[1], series[0], path)
    return path


def items(dataset: Any, value: str) -> list[Any]:
    """All content items whose concept has this code, at any depth."""
    found = []
    for item in dataset.get("ContentSequence", []):
        names = item.get("ConceptNameCodeSequence")
        if names and names[0].CodeValue == value:
            found.append(item)
        found += items(item, value)
    return found


def test_the_report_and_the_segments_keep_to_the_standard(report: Path, segments: Path) -> None:
    assert errors_told_of(report) == []
    assert errors_told_of(segments) == []


def test_every_needle_is_a_line_from_entry_to_target(
    report: Path, series: tuple[Path, CTVolume]
) -> None:
    plan, read = plan_in(series[1]), pydicom.dcmread(report)
    groups = items(read, "125007")
    assert len(groups) == len(plan.needles)
    ct = pydicom.dcmread(sorted(series[0].iterdir())[0])
    for group, planned in zip(groups, plan.needles, strict=True):
        (line,) = items(group, "121055")
        assert (line.ValueType, line.GraphicType) == ("SCOORD3D", "POLYLINE")
        assert line.ReferencedFrameOfReferenceUID == ct.FrameOfReferenceUID
        ends = np.array(line.GraphicData).reshape(2, 3)
        assert np.allclose(ends[0], planned.needle.entry.single, atol=1e-3)
        assert np.allclose(ends[1], planned.needle.tip.single, atol=1e-3)
        (site,) = items(group, "363698007")
        assert site.ConceptCodeSequence[0].CodeValue == "54735007"
        assert site.ContentSequence[0].ConceptCodeSequence[0].CodeMeaning.lower() == planned.side
        assert items(group, "112039")[0].TextValue == planned.name
    uids = {items(group, "112040")[0].UID for group in groups}
    assert len(uids) == len(groups)


def test_left_in_words_is_left_in_coordinates(report: Path, series: tuple[Path, CTVolume]) -> None:
    """The patient's left lies at greater x (LPS); the scan's midline is the middle of its columns."""
    ct = pydicom.dcmread(sorted(series[0].iterdir())[0])
    column_mm = float(ct.PixelSpacing[1])
    midline = float(ct.ImagePositionPatient[0]) + (int(ct.Columns) - 1) / 2 * column_mm
    for group in items(pydicom.dcmread(report), "125007"):
        says = items(group, "272741003")[0].ConceptCodeSequence[0].CodeValue
        x = items(group, "121055")[0].GraphicData[3]
        assert (x > midline) == (says == "7771000")


def test_numbers_carry_their_units(report: Path, series: tuple[Path, CTVolume]) -> None:
    planned = plan_in(series[1]).needles[1]
    group = items(pydicom.dcmread(report), "125007")[1]

    def number(value: str) -> tuple[float, str]:
        (item,) = items(group, value)
        measured = item.MeasuredValueSequence[0]
        unit = measured.MeasurementUnitsCodeSequence[0]
        assert unit.CodingSchemeDesignator == "UCUM"
        return float(measured.NumericValue), unit.CodeValue

    assert number("111465") == (13.0, "{gauge}")
    assert number("111467") == (100.0, "mm")
    length, unit = number("121211")
    assert length == pytest.approx(planned.needle.length_mm, abs=1e-6)
    assert unit == "mm"
    assert number("clr_foramina") == (4.2, "mm")
    assert number("brc_foramina") == (0.03, "1")
    assert number("cement_volume") == (3.0, "mL")
    (breach,) = items(group, "brc_foramina")
    low, high = (float(i.MeasuredValueSequence[0].NumericValue) for i in breach.ContentSequence)
    assert low < 0.03 < high


def test_the_report_belongs_to_the_study_and_names_its_evidence(
    report: Path, series: tuple[Path, CTVolume]
) -> None:
    read = pydicom.dcmread(report)
    slices = [pydicom.dcmread(p, stop_before_pixels=True) for p in sorted(series[0].iterdir())]
    assert read.PatientID == slices[0].PatientID
    assert read.StudyInstanceUID == slices[0].StudyInstanceUID
    (study,) = read.CurrentRequestedProcedureEvidenceSequence
    (evidence,) = study.ReferencedSeriesSequence
    assert evidence.SeriesInstanceUID == slices[0].SeriesInstanceUID
    named = {item.ReferencedSOPInstanceUID for item in evidence.ReferencedSOPSequence}
    assert named == {header.SOPInstanceUID for header in slices}


def segment_points(path: Path) -> dict[str, Array]:
    """Patient coordinates of all set pixels by segment, from the file's own attributes (C.7.6.2)."""
    seg = pydicom.dcmread(path)
    shared = seg.SharedFunctionalGroupsSequence[0]
    row_axis, column_axis = np.array(
        shared.PlaneOrientationSequence[0].ImageOrientationPatient, float
    ).reshape(2, 3)
    between_rows, between_columns = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    names = {int(s.SegmentNumber): str(s.SegmentLabel) for s in seg.SegmentSequence}
    points: dict[str, list[Array]] = {name: [] for name in names.values()}
    for frame, pixels in zip(seg.PerFrameFunctionalGroupsSequence, seg.pixel_array, strict=True):
        first = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float)
        rows, columns = np.nonzero(pixels)
        xyz = (
            first
            + columns[:, None] * between_columns * row_axis
            + rows[:, None] * between_rows * column_axis
        )
        number = int(frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        points[names[number]].append(xyz)
    return {name: np.concatenate(parts) for name, parts in points.items()}


def check_tubes(plan: TrajectoryPlan, path: Path, voxel_mm: float) -> None:
    found = segment_points(path)
    assert len(found) == 2 * len(plan.needles)
    for planned in plan.needles:
        needle = planned.needle
        shaft = found[f"{planned.name} planned path"]
        along = (shaft - needle.entry.single) @ needle.direction
        offset = shaft - needle.entry.single - along[:, None] * needle.direction
        radius = max(needle.gauge.outer_diameter_mm / 2, voxel_mm)
        assert np.linalg.norm(offset, axis=1).max() <= radius + 1e-3
        assert -1e-3 <= along.min() < 2 * voxel_mm
        assert needle.length_mm - 2 * voxel_mm < along.max() <= needle.length_mm + 1e-3
        assert np.diff(np.sort(along)).max() < 2 * voxel_mm, "the shaft does not break"
        ball = found[f"{planned.name} planned cement zone"]
        radius_mm = (3 * 3000.0 / (4 * np.pi)) ** (1 / 3)  # 3 mL
        assert np.linalg.norm(ball - needle.tip.single, axis=1).max() <= radius_mm + 1e-3
        assert np.linalg.norm(ball.mean(axis=0) - needle.tip.single) < voxel_mm


def test_the_tubes_lie_where_the_needles_are(segments: Path, series: tuple[Path, CTVolume]) -> None:
    half_voxel = 0.5 * float(np.linalg.norm(series[1].grid.spacing_mm))
    check_tubes(plan_in(series[1]), segments, half_voxel)
    seg = pydicom.dcmread(segments)
    for item in seg.SegmentSequence:
        modifier = item.SegmentedPropertyTypeCodeSequence[0]
        side = modifier.SegmentedPropertyTypeModifierCodeSequence[0].CodeMeaning.lower()
        assert item.SegmentLabel.startswith(side)


def test_the_same_plan_gives_the_same_bytes_and_another_plan_other_uids(
    series: tuple[Path, CTVolume], report: Path, segments: Path, tmp_path: Path
) -> None:
    folder, ct = series
    plan = plan_in(ct)
    for write, first in (
        (write_structured_report, report),
        (write_needle_segmentation, segments),
    ):
        again, other = tmp_path / "again.dcm", tmp_path / "other.dcm"
        write(plan, ct, folder, again)
        assert (
            hashlib.sha256(again.read_bytes()).digest()
            == hashlib.sha256(first.read_bytes()).digest()
        )
        write(toy_plan(*plan.needles[:1]), ct, folder, other)
        a, b = pydicom.dcmread(again), pydicom.dcmread(other)
        assert a.SOPInstanceUID != b.SOPInstanceUID
        assert a.SeriesInstanceUID != b.SeriesInstanceUID


def test_a_plan_in_another_frame_or_outside_the_scan_is_refused(
    series: tuple[Path, CTVolume], tmp_path: Path
) -> None:
    folder, ct = series
    path = tmp_path / "x.dcm"
    for write in (write_structured_report, write_needle_segmentation):
        with pytest.raises(FrameMismatch):
            write(toy_plan(), ct, folder, path)
        nothing = TrajectoryPlan((), plan_in(ct).margins, (), (), 1)
        with pytest.raises(BadInput, match="no needle"):
            write(nothing, ct, folder, path)
    with pytest.raises(BadInput, match="on no slice"):
        write_needle_segmentation(far_away(ct), ct, folder, path)
    assert not path.exists()


def far_away(ct: CTVolume) -> TrajectoryPlan:
    from toy_plan import toy_needle

    from sacroplasty.anatomy import Side

    needle = toy_needle(
        Side.LEFT, entry=(5000.0, 0.0, 0.0), target=(5000.0, -60.0, 0.0), frame=ct.frame
    )
    return toy_plan(needle)


@pytest.mark.real_data
def test_a_real_study_passes_too(real_data: Path, tmp_path: Path) -> None:
    """The TCGA-OV series: 512 × 512, a real scanner's headers."""
    from sacroplasty.adapters.ct_reading import read_ct

    source = real_data / "ct" / "tcga_ov_09_2043"
    if not source.is_dir():
        pytest.skip("the TCGA-OV series is not in the folder of real scans")
    ct = read_ct(source)
    plan = plan_in(ct)
    for write in (write_structured_report, write_needle_segmentation):
        path = tmp_path / "made.dcm"
        write(plan, ct, source, path)
        assert errors_told_of(path) == []
    check_tubes(plan, path, 0.5 * float(np.linalg.norm(ct.grid.spacing_mm)))
