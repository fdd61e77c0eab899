"""A DICOM series gives the right voxels at the right places, whatever order and shape it comes in."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from dicom_factory import Series, big_endian, noise, save
from numpy.typing import NDArray
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from sacroplasty.adapters.ct_reading import ReadOptions, read_ct
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.geometry import Points
from sacroplasty.imaging import CTVolume

C, S = float(np.cos(np.radians(20))), float(np.sin(np.radians(20)))
POSES = {
    "head first supine": ((1, 0, 0), (0, 1, 0), "HFS"),
    "head first prone": ((-1, 0, 0), (0, -1, 0), "HFP"),
    "feet first supine": ((-1, 0, 0), (0, 1, 0), "FFS"),
    "feet first prone": ((1, 0, 0), (0, -1, 0), "FFP"),
    "on the right side": ((0, 1, 0), (-1, 0, 0), "HFDR"),
    "sagittal": ((0, 1, 0), (0, 0, -1), "HFS"),
    "oblique": ((C, S, 0), (-S, C, 0), "HFS"),
}


def hu_where(ct: CTVolume, series: Series, n: int, r: int, c: int) -> float:
    """HU of the CT at the place that DICOM's own formula gives for slice n, row r, column c."""
    between_rows, between_columns = series.pixel_mm
    place = (
        series.position(n)
        + np.asarray(series.row) * between_columns * c
        + np.asarray(series.column) * between_rows * r
    )
    return float(ct.volume.at(Points.at(place, ct.frame), order=0)[0])


@pytest.mark.parametrize("pose", POSES)
def test_every_voxel_lies_where_dicom_says(pose: str, tmp_path: Path) -> None:
    row, column, position = POSES[pose]
    series = Series(noise(), row=row, column=column, tags={"PatientPosition": position})
    ct = read_ct(series.write(tmp_path))
    assert ct.acquisition.patient_position == position
    assert np.linalg.det(ct.grid.direction) == pytest.approx(1.0)
    for n, r, c in np.random.default_rng(2).integers(0, (8, 12, 10), (40, 3)):
        assert hu_where(ct, series, n, r, c) == series.hu[n, r, c]


@pytest.mark.parametrize("pose", POSES)
def test_a_marker_on_the_patients_left_is_found_on_plus_x_by_two_routes(
    pose: str, tmp_path: Path
) -> None:
    row, column, _ = POSES[pose]
    hu = np.full((9, 12, 11), -1000, dtype=np.int16)
    series = Series(hu, row=row, column=column)
    corners = [(n, r, c) for n in (0, 8) for r in (0, 11) for c in (0, 10)]
    x = [
        (series.position(n) + np.asarray(row) * 1.5 * c + np.asarray(column) * 1.0 * r)[0]
        for n, r, c in corners
    ]
    left = corners[int(np.argmax(x))]
    hu[left] = 3000
    ct = read_ct(series.write(tmp_path / "in"))
    marker = np.argwhere(ct.hu == 3000)
    assert len(marker) == 1
    center = ct.grid.points_at((np.asarray(ct.grid.shape) - 1) / 2).single[0]
    assert ct.grid.points_at(marker).single[0] > center
    write_nifti(ct.volume, tmp_path / "out.nii.gz")
    image = SimpleITK.ReadImage(str(tmp_path / "out.nii.gz"))
    k, j, i = np.argwhere(SimpleITK.GetArrayFromImage(image) == 3000)[0].tolist()
    middle = [(n - 1) / 2 for n in image.GetSize()]
    there = image.TransformIndexToPhysicalPoint((i, j, k))
    assert there[0] > image.TransformContinuousIndexToPhysicalPoint(middle)[0]
    np.testing.assert_allclose(there, ct.grid.points_at(marker).single, atol=1e-3)


def test_slice_thickness_never_becomes_the_spacing(tmp_path: Path) -> None:
    ct = read_ct(Series(noise(), spacing_mm=0.8).write(tmp_path))
    assert ct.grid.spacing_mm[2] == pytest.approx(0.8)
    assert ct.acquisition.slice_thickness_mm == 5.0


def test_array_axes_run_left_posterior_superior(tmp_path: Path) -> None:
    row, column, _ = POSES["head first prone"]
    ct = read_ct(Series(noise(), row=row, column=column).write(tmp_path))
    np.testing.assert_allclose(ct.grid.direction, np.eye(3), atol=1e-12)


def test_names_order_and_instance_numbers_do_not_matter(tmp_path: Path) -> None:
    series = Series(noise())
    plain = read_ct(series.write(tmp_path / "plain"))
    shuffled = tmp_path / "sh uffled\nünïcode"
    for rank, n in enumerate(np.random.default_rng(3).permutation(8).tolist()):
        save(series.slice(n, InstanceNumber=rank + 1), shuffled / f"deep/{rank % 3}/x {rank}.jpg")
    (shuffled / "loop").symlink_to(shuffled, target_is_directory=True)
    (shuffled / "deep/self").symlink_to(shuffled / "deep/self")
    (shuffled / "notes.txt").write_text("not an image")
    again = read_ct(shuffled)
    assert np.array_equal(plain.hu, again.hu)
    assert plain.grid == again.grid
    assert plain.acquisition == again.acquisition


def test_a_changed_voxel_changes_the_digest(tmp_path: Path) -> None:
    hu = noise()
    before = read_ct(Series(hu).write(tmp_path / "a")).acquisition.source_digest
    hu = hu.copy()
    hu[3, 4, 5] += 1
    assert read_ct(Series(hu).write(tmp_path / "b")).acquisition.source_digest != before


def test_a_zip_reads_like_its_folder(tmp_path: Path) -> None:
    folder = Series(noise()).write(tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "scan.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"../../outside/{file.name}")  # a hostile name unpacks nowhere
    ct, zipped = read_ct(folder), read_ct(tmp_path / "scan.zip")
    assert np.array_equal(ct.hu, zipped.hu)
    assert ct.acquisition == zipped.acquisition
    assert not (tmp_path.parent / "outside").exists()


def test_enhanced_multi_frame_reads_like_single_frames(tmp_path: Path) -> None:
    series = Series(noise())
    single = read_ct(series.write(tmp_path / "single"))
    multi = read_ct(save(series.enhanced(), tmp_path / "multi"))
    assert np.array_equal(single.hu, multi.hu)
    assert single.grid == multi.grid


def test_big_endian_reads_like_little_endian(tmp_path: Path) -> None:
    series = Series(noise())
    for n in range(8):
        save(big_endian(series.slice(n)), tmp_path / "big" / str(n))
    assert np.array_equal(
        read_ct(tmp_path / "big").hu, read_ct(series.write(tmp_path / "little")).hu
    )


def test_rescale_is_applied_slice_by_slice(tmp_path: Path) -> None:
    series = Series(noise())
    for n in range(8):
        save(series.slice(n, RescaleIntercept=str(-1024 + 100 * n)), tmp_path / str(n))
    assert np.array_equal(read_ct(tmp_path).hu, series.hu)


@pytest.mark.parametrize("filling", [-2048, -3024])
def test_what_the_scanner_never_measured_reads_air(filling: int, tmp_path: Path) -> None:
    hu = noise()
    hu[:, :2] = filling
    ct = read_ct(Series(hu).write(tmp_path))
    assert (ct.hu[:, :2] == -1024).all()
    assert np.array_equal(ct.hu[:, 2:], hu[:, 2:])


def test_padding_that_would_read_as_water_becomes_air_only_outside(tmp_path: Path) -> None:
    hu: NDArray[np.int16] = np.full((4, 12, 10), 40, dtype=np.int16)
    hu[:, :, :2] = 0
    hu[:, 5, 5] = 0  # true water inside the patient
    hu[:, 8, 8] = -900
    series = Series(hu, tags={"PixelPaddingValue": 1024})
    ct = read_ct(series.write(tmp_path))
    assert (ct.hu[:, :, :2] == -1024).all()
    assert (ct.hu[:, 5, 5] == 0).all()


def test_a_localiser_beside_or_inside_the_series_is_skipped_with_a_note(tmp_path: Path) -> None:
    series = Series(noise())
    series.write(tmp_path)
    scout = series.slice(
        0,
        SOPInstanceUID="1.2.3.4",
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        ImageOrientationPatient=[0, 1, 0, 0, 0, -1],
    )
    save(scout, tmp_path / "scout")
    unmarked = series.slice(
        1, SOPInstanceUID="1.2.3.5", ImageOrientationPatient=[1, 0, 0, 0, 0, -1]
    )
    save(unmarked, tmp_path / "unmarked scout")
    ct = read_ct(tmp_path)
    assert ct.grid.shape == (8, 12, 10)
    assert "skipped 1 localiser image" in ct.acquisition.notes
    assert any("other orientation" in note for note in ct.acquisition.notes)


def test_exact_copies_of_slices_are_dropped_with_a_note(tmp_path: Path) -> None:
    series = Series(noise())
    series.write(tmp_path)
    save(series.slice(3), tmp_path / "copy")
    ct = read_ct(tmp_path)
    assert np.array_equal(ct.hu, series.hu)
    assert "dropped 1 exact copies of slices" in ct.acquisition.notes


def test_positions_rounded_to_a_tenth_of_a_millimetre_are_even(tmp_path: Path) -> None:
    series = Series(noise((30, 6, 5)), spacing_mm=0.625)
    for n in range(30):
        place = [round(float(x), 1) for x in series.position(n)]
        save(series.slice(n, ImagePositionPatient=place), tmp_path / str(n))
    ct = read_ct(tmp_path)
    assert ct.acquisition.repairs == ()
    assert ct.grid.spacing_mm[2] == pytest.approx(0.625, abs=0.003)


def test_the_case_file_gives_the_same_ct_back(tmp_path: Path) -> None:
    ct = read_ct(Series(noise()).write(tmp_path / "in"))
    write_nifti(ct.volume, tmp_path / "ct.nii.gz")
    back = read_volume(tmp_path / "ct.nii.gz", ct.frame)
    assert np.array_equal(back.values, ct.hu)
    assert back.grid == ct.grid


def test_choosing_a_series_by_number_or_uid(tmp_path: Path) -> None:
    one = Series(noise(seed=1))
    two = Series(noise(seed=2), uid="1.2.3.222", tags={"SeriesNumber": 2})
    one.write(tmp_path)
    two.write(tmp_path)
    assert np.array_equal(read_ct(tmp_path, ReadOptions(series="2")).hu, two.hu)
    assert np.array_equal(read_ct(tmp_path, ReadOptions(series=one.uid)).hu, one.hu)


def test_an_original_is_preferred_over_its_reformat_and_says_so(tmp_path: Path) -> None:
    one = Series(noise(seed=1))
    two = Series(
        noise(seed=2), uid="1.2.3.222", tags={"ImageType": ["DERIVED", "SECONDARY", "REFORMATTED"]}
    )
    one.write(tmp_path)
    two.write(tmp_path)
    ct = read_ct(tmp_path)
    assert np.array_equal(ct.hu, one.hu)
    assert any("skipped 1 derived series" in note for note in ct.acquisition.notes)


def test_acquisitions_can_be_chosen_or_joined(tmp_path: Path) -> None:
    series = Series(noise())
    for n in range(8):
        save(series.slice(n, AcquisitionNumber=1 if n < 4 else 2), tmp_path / str(n))
    assert np.array_equal(read_ct(tmp_path, ReadOptions(acquisition=2)).hu, series.hu[4:])
    assert np.array_equal(read_ct(tmp_path, ReadOptions(acquisition=0)).hu, series.hu)


def test_step_and_shoot_is_one_scan(tmp_path: Path) -> None:
    series = Series(noise())
    for n in range(8):
        save(series.slice(n, AcquisitionNumber=n // 2 + 1), tmp_path / str(n))
    assert np.array_equal(read_ct(tmp_path).hu, series.hu)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_old_files_without_a_preamble_are_read(syntax: str, tmp_path: Path) -> None:
    series = Series(noise())
    for n in range(8):
        dataset = series.slice(n)
        dataset.file_meta.TransferSyntaxUID = UID(syntax)
        file = save(dataset, tmp_path / str(n))
        content = file.read_bytes()
        bare = content[content.index(b"\x08\x00\x08\x00", 132) :]
        file.write_bytes(bare)
    (tmp_path / "no image").write_bytes(b"\x08\x00\x00\x00 a list of eight numbers")
    ct = read_ct(tmp_path)
    assert np.array_equal(ct.hu, series.hu)
    assert any("unknown kind" in note for note in ct.acquisition.notes)
