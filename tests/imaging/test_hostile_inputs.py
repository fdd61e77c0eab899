"""The matrix of hostile input: what each one is, and the one right answer to it."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from dicom_factory import PATIENT_NAME, Series, noise, save

from sacroplasty.adapters.ct_reading import ReadOptions, read_ct
from sacroplasty.errors import (
    AmbiguousSeries,
    BadInput,
    BadUsage,
    BrokenGeometry,
    MixedPatients,
    UnreadableInput,
)

AS_IT_IS = ReadOptions()


@dataclass(frozen=True)
class Real:
    """A real input, and the answer: an error with a word in it, or the shape and step read."""

    path: str
    error: type[BadInput] | None = None
    word: str = ""
    shape: tuple[int, int, int] = (0, 0, 0)
    spacing_mm: tuple[float, float, float] = (0, 0, 0)
    options: ReadOptions = AS_IT_IS


FAILING = "hostile/dicom2nifti_failing"
BOTH = ReadOptions(repair_tilt=True, repair_gaps=True)
REAL = [
    Real("ct/tcga_ov_09_2043", shape=(160, 512, 512), spacing_mm=(1.03, 1.03, 3)),
    Real("ct/totalseg_example/ct.nii.gz", shape=(112, 101, 122), spacing_mm=(3, 3, 3)),
    Real("ct/fracsegnet/001_ct.nii.gz", shape=(248, 199, 367), spacing_mm=(0.86328, 0.86328, 1)),
    Real("ct/fracsegnet/003_ct.nii.gz", shape=(278, 187, 330), spacing_mm=(0.9707, 0.9707, 1)),
    Real("ct/fracsegnet/003_label.nii.gz", UnreadableInput, "label map"),
    Real("labels/pelvic_reference/001/label.mhd", UnreadableInput, "label map"),
    Real("labels/pelvic_reference", UnreadableInput, "no DICOM image"),
    Real("hostile", MixedPatients, "more than one patient"),
    Real("hostile/gantry_tilt_philips_phantom", BrokenGeometry, r"18.5°.*--repair-tilt"),
    Real(
        "hostile/gantry_tilt_philips_phantom",
        shape=(54, 600, 512),
        spacing_mm=(0.48242, 0.48242, 2.5 * np.cos(np.radians(18.5))),
        options=ReadOptions(repair_tilt=True),
    ),
    Real("hostile/duplicate_positions", BrokenGeometry, "duplicate"),
    Real("hostile/duplicate_positions", BrokenGeometry, "missing", options=BOTH),
    Real("hostile/ct_one_slice_all_transfer_syntaxes", UnreadableInput, "1 position"),
    Real("hostile/sheared_affine.nii.gz", BrokenGeometry, "sheared.*18.5°"),
    Real("hostile/gantry_tilt_philips_phantom/S2010/DIRFILE", UnreadableInput, "DICOMDIR"),
    Real("hostile/gantry_tilt_philips_phantom/S2010/I10", UnreadableInput, "not a volume"),
    Real("hostile/dicom2nifti_failing/LICENSE", UnreadableInput, "no DICOM image"),
    Real(f"{FAILING}/gantrytilting", BrokenGeometry, r"14.0°.*--repair-tilt"),
    Real(f"{FAILING}/gantrytilting", UnreadableInput, "not Hounsfield", options=BOTH),
    Real(f"{FAILING}/notavolume", UnreadableInput, "4 CT.*1 position"),
    Real(f"{FAILING}/notavolume", UnreadableInput, "not a volume", options=BOTH),
    Real(f"{FAILING}/slicecount/001", UnreadableInput, "no CT.*MR"),
    Real(f"{FAILING}/sliceincrement/001", BrokenGeometry, r"10.0 mm after 28.1.*--repair-gaps"),
    Real(f"{FAILING}/sliceincrement/002", BrokenGeometry, "15.5°"),
    Real(
        f"{FAILING}/sliceincrement/002",
        BrokenGeometry,
        "--repair-gaps",
        options=ReadOptions(repair_tilt=True),
    ),
    Real(f"{FAILING}/sliceorientation", UnreadableInput, "no CT.*MR"),
    Real(f"{FAILING}/slicecount/001_ground_truth.nii.gz", UnreadableInput, "not Hounsfield"),
    Real(
        f"{FAILING}/sliceincrement/002_ground_truth.nii.gz",
        shape=(5, 514, 512),
        spacing_mm=(0.51172, 0.51172, 0.778),
    ),
]


@pytest.mark.real_data
@pytest.mark.parametrize("case", REAL, ids=lambda c: f"{Path(c.path).name}-{c.word or 'loads'}")
def test_real_input_gets_the_right_answer(case: Real, real_data: Path) -> None:
    if case.error is None:
        ct = read_ct(real_data / case.path, case.options)
        assert ct.grid.shape == case.shape
        np.testing.assert_allclose(ct.grid.spacing_mm, case.spacing_mm, rtol=1e-4)
        assert ct.hu.min() >= -1024
        return
    with pytest.raises(case.error, match=case.word) as told:
        read_ct(real_data / case.path, case.options)
    assert type(told.value) is case.error
    assert "\n" not in str(told.value)


SYNTAXES = {
    "LittleEndianImplicit": 0,
    "LittleEndianExplicit": 0,
    "BigEndianExplicit": 0,
    "DeflatedExplicit": 0,
    "RLELossless": 0,
    "JPEGProcess14Transfer": 0,
    "JPEGProcess14SV1": 0,
    "JPEGLSLossless": 0,
    "JPEG2000LosslessOnly": 0,
    "JPEGLSLossy": 2,
    "JPEG2000Transfer": 8,
    "JPEGProcess2_4": 40,
    "JPEGProcess6_8": 40,
    "JPEGProcess10_12": 40,
    "JPEGProcess1Transfer": 70,  # 8 bits
}


@pytest.mark.real_data
@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_transfer_syntax_gives_the_same_hounsfield_units(
    syntax: str, real_data: Path, tmp_path: Path
) -> None:
    folder = real_data / "hostile/ct_one_slice_all_transfer_syntaxes"
    (compressed,) = folder.glob(f"CTImage.dcm_{syntax}*")
    for source, name in ((folder / "CTImage.dcm", "plain"), (compressed, "compressed")):
        for n in range(3):
            dataset = pydicom.dcmread(source)
            dataset.ImagePositionPatient[2] = 5.0 * n
            dataset.SOPInstanceUID = f"1.2.{n + 1}"
            (tmp_path / name).mkdir(exist_ok=True)
            dataset.save_as(tmp_path / name / str(n))
    plain, ct = read_ct(tmp_path / "plain"), read_ct(tmp_path / "compressed")
    assert np.abs(ct.hu.astype(int) - plain.hu).max() <= SYNTAXES[syntax]
    lossy = any("with loss" in note for note in ct.acquisition.notes)
    assert lossy == (SYNTAXES[syntax] > 0)
    assert plain.acquisition.patient_position == "FFS"


@pytest.mark.real_data
def test_a_masked_background_is_noted(real_data: Path) -> None:
    notes = read_ct(real_data / "ct/fracsegnet/003_ct.nii.gz").acquisition.notes
    assert any("background was masked" in note for note in notes)


def test_two_patients_are_refused_and_not_named(tmp_path: Path) -> None:
    series = Series(noise())
    series.write(tmp_path)
    other = series.slice(3, SOPInstanceUID="1.2.3", PatientID="Q-1", PatientName="Other^Name")
    save(other, tmp_path / "other")
    with pytest.raises(MixedPatients, match="PatientID and PatientName") as told:
        read_ct(tmp_path, ReadOptions(series="1"))
    for name in (PATIENT_NAME, "Musterfrau", "Other", "P-4711", "Q-1", "1948"):
        assert name not in str(told.value)


def test_nothing_that_names_the_patient_is_kept(tmp_path: Path) -> None:
    ct = read_ct(Series(noise()).write(tmp_path))
    kept = repr(ct.acquisition) + repr(ct.frame)
    for name in ("Musterfrau", "Erika", "P-4711", "19480229"):
        assert name not in kept


def test_two_usable_series_are_listed(tmp_path: Path) -> None:
    Series(noise()).write(tmp_path)
    Series(noise(), uid="1.2.3.222", tags={"SeriesDescription": "Soft\ntissue"}).write(tmp_path)
    with pytest.raises(AmbiguousSeries, match="--series") as told:
        read_ct(tmp_path)
    listed = str(told.value).splitlines()[1:]
    assert len(listed) == 2
    assert all("8 slices, 2.00 mm apart" in line and "kernel B60" in line for line in listed)
    assert PATIENT_NAME not in str(told.value)
    for wrong in ("3", "0", "1.2.3.4"):
        with pytest.raises(BadUsage, match="no series"):
            read_ct(tmp_path, ReadOptions(series=wrong))


def test_mixed_acquisitions_are_listed(tmp_path: Path) -> None:
    Series(noise(seed=1)).write(tmp_path)
    again = Series(noise(seed=2), tags={"AcquisitionNumber": 4})
    for n in range(8):
        save(again.slice(n, SOPInstanceUID=f"1.2.{n}"), tmp_path / f"second {n}")
    with pytest.raises(AmbiguousSeries, match=r"number 1 has 8.*number 4 has 8.*--acquisition"):
        read_ct(tmp_path)
    assert np.array_equal(read_ct(tmp_path, ReadOptions(acquisition=4)).hu, again.hu)
    with pytest.raises(BadUsage, match="acquisition 9"):
        read_ct(tmp_path, ReadOptions(acquisition=9))


def test_different_slices_at_one_place_are_refused(tmp_path: Path) -> None:
    Series(noise(seed=1)).write(tmp_path)
    other = Series(noise(seed=2)).slice(3, SOPInstanceUID="1.2.3")
    save(other, tmp_path / "other")
    with pytest.raises(BrokenGeometry, match="2 different slices lie at the same place"):
        read_ct(tmp_path)


def test_a_series_mixing_frames_of_reference_is_two_series(tmp_path: Path) -> None:
    series = Series(noise())
    for n in range(8):
        save(series.slice(n, FrameOfReferenceUID=f"1.2.{n // 4}"), tmp_path / str(n))
    with pytest.raises(AmbiguousSeries, match="2 usable"):
        read_ct(tmp_path)
    with pytest.raises(AmbiguousSeries, match="by its number"):
        read_ct(tmp_path, ReadOptions(series=series.uid))


def test_missing_slices_are_counted_and_placed(tmp_path: Path) -> None:
    Series(noise()).write(tmp_path, skip=(3, 4))
    with pytest.raises(BrokenGeometry, match=r"2 slice.*6.0 mm after 104.0 mm.*--repair-gaps"):
        read_ct(tmp_path)


def test_a_stack_shifted_sideways_is_refused(tmp_path: Path) -> None:
    series = Series(noise())
    series.write(tmp_path, skip=(4,))
    save(series.slice(4, ImagePositionPatient=[-15, -30, 108]), tmp_path / "shifted")
    with pytest.raises(BrokenGeometry, match=r"shifted sideways by 5.0 mm"):
        read_ct(tmp_path)


@pytest.mark.parametrize(
    ("tags", "error", "word"),
    [
        ({"ImagePositionPatient": None}, BrokenGeometry, "do not say where"),
        ({"PixelSpacing": None}, BrokenGeometry, "do not say where"),
        ({"ImageOrientationPatient": [1, 0, 0, 0.3, 1, 0]}, BrokenGeometry, "right angles"),
        ({"PixelSpacing": [0, 0]}, BrokenGeometry, "do not say where"),
        ({"Modality": "MR"}, UnreadableInput, "no CT here, only 8 MR images"),
        ({"RescaleSlope": "0"}, UnreadableInput, "slope"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, UnreadableInput, "only localisers"),
        ({"SamplesPerPixel": 3}, UnreadableInput, "slices themselves"),
    ],
)
def test_an_attribute_that_is_wrong_everywhere(
    tags: dict[str, object], error: type[BadInput], word: str, tmp_path: Path
) -> None:
    series = Series(noise())
    for n in range(8):
        dataset = series.slice(n)
        for keyword, value in tags.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
        save(dataset, tmp_path / str(n))
    with pytest.raises(error, match=word):
        read_ct(tmp_path)


def test_a_rescale_that_is_missing_is_refused(tmp_path: Path) -> None:
    series = Series(noise())
    for n in range(8):
        dataset = series.slice(n)
        del dataset.RescaleIntercept
        save(dataset, tmp_path / str(n))
    with pytest.raises(UnreadableInput, match="no rescale slope or intercept"):
        read_ct(tmp_path)


def test_a_rescale_that_is_no_number_is_refused(tmp_path: Path) -> None:
    Series(noise()).write(tmp_path)
    file = sorted(tmp_path.iterdir())[2]
    file.write_bytes(file.read_bytes().replace(b"-1024", b"-1x24"))
    with pytest.raises(UnreadableInput, match="is damaged DICOM"):
        read_ct(tmp_path)


def test_a_single_slice_is_no_volume(tmp_path: Path) -> None:
    file = save(Series(noise()).slice(0), tmp_path / "one")
    with pytest.raises(UnreadableInput, match="not a volume"):
        read_ct(file)


def test_screenshots_are_no_ct(tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (8, 12, 10)).astype(np.int16)
    with pytest.raises(UnreadableInput, match="not Hounsfield units but an 8-bit picture"):
        read_ct(Series(grey).write(tmp_path))


def test_lost_rescale_and_blank_scans_are_no_ct(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="rescale intercept was lost"):
        read_ct(Series((noise() + 1024).astype(np.int16)).write(tmp_path / "offset"))
    with pytest.raises(UnreadableInput, match="no image in this scan"):
        read_ct(Series(np.zeros((8, 12, 10), np.int16)).write(tmp_path / "blank"))


@pytest.mark.parametrize("keep", [140, 400, 700, -1, -100])
def test_a_truncated_slice_is_refused_by_name(keep: int, tmp_path: Path) -> None:
    Series(noise()).write(tmp_path)
    file = sorted(tmp_path.iterdir())[4]
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(BadInput) as told:
        read_ct(tmp_path)
    assert type(told.value) in (UnreadableInput, BrokenGeometry)
    assert "\n" not in str(told.value)


def test_folders_and_files_without_a_ct(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "zeros").write_bytes(bytes(100_000))
    (tmp_path / "nothing").write_bytes(b"")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 and then nothing")
    (tmp_path / "words.pdf").write_text("%PDF-1.4")
    for name in ("empty", "zeros", "nothing", "bad.zip", "words.pdf", "absent"):
        with pytest.raises(UnreadableInput, match=name):
            read_ct(tmp_path / name)


def test_an_encapsulated_pdf_is_named_as_such(tmp_path: Path) -> None:
    pdf = Series(noise()).slice(0)
    pdf.SOPClassUID = pdf.file_meta.MediaStorageSOPClassUID = pydicom.uid.EncapsulatedPDFStorage
    for keyword in ("Rows", "Columns", "PixelData"):
        delattr(pdf, keyword)
    save(pdf, tmp_path / "report")
    with pytest.raises(UnreadableInput, match="only 1 Encapsulated PDF"):
        read_ct(tmp_path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50_000_000))
    with pytest.raises(UnreadableInput, match="far more than a CT"):
        read_ct(bomb)


def test_a_damaged_zip_member_is_refused(tmp_path: Path) -> None:
    folder = Series(noise()).write(tmp_path / "in")
    file = tmp_path / "scan.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for member in sorted(folder.iterdir()):
            archive.write(member, member.name)
    content = bytearray(file.read_bytes())
    content[1500:1600] = bytes(100)
    file.write_bytes(content)
    with pytest.raises(UnreadableInput, match="cannot be unpacked"):
        read_ct(file)


def nifti(path: Path, values: np.ndarray, affine: np.ndarray, *, code: int = 1) -> Path:
    image = nib.Nifti1Image(values, affine)
    image.set_sform(affine, code=code)
    image.set_qform(affine if code else None, code=code)
    nib.save(image, path)
    return path


STRAIGHT = np.diag([2.0, 2.0, 3.0, 1.0])


def test_nan_voxels_are_refused_with_their_number(tmp_path: Path) -> None:
    values = noise().astype(np.float32)
    values[2, 3, 4] = np.nan
    with pytest.raises(UnreadableInput, match=r"1 of 960 voxels.*NaN.*-1024"):
        read_ct(nifti(tmp_path / "nan.nii.gz", values, STRAIGHT))


def test_options_for_dicom_are_not_silently_ignored(tmp_path: Path) -> None:
    file = nifti(tmp_path / "ct.nii.gz", noise(), STRAIGHT)
    with pytest.raises(BadUsage, match="--series"):
        read_ct(file, ReadOptions(series="1"))
