"""An MRI is read with its voxels where its headers say, or refused in one sentence."""

from pathlib import Path

import numpy as np
import pytest
from dicom_factory import Series, noise, save
from numpy.typing import NDArray
from pydicom.uid import MRImageStorage

from sacroplasty.adapters.ct_reading import ReadOptions, read_ct
from sacroplasty.adapters.mri_reading import read_mri
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.errors import (
    AmbiguousSeries,
    BadUsage,
    BrokenGeometry,
    MixedPatients,
    UnreadableInput,
)
from sacroplasty.geometry import Frame, Grid, Points, Volume

C, S = float(np.cos(np.radians(35))), float(np.sin(np.radians(35)))
# Rows to the left, columns down along an inclined sacrum: the usual oblique-coronal MRI.
OBLIQUE_CORONAL = {"row": (1.0, 0.0, 0.0), "column": (0.0, -S, -C)}
MR = {"Modality": "MR", "SOPClassUID": MRImageStorage, "RescaleIntercept": "0"}


def signal(shape: tuple[int, int, int] = (8, 12, 10)) -> NDArray[np.int16]:
    return np.abs(noise(shape)).astype(np.int16)


def stir(**options: object) -> Series:
    return Series(
        signal(),
        row=OBLIQUE_CORONAL["row"],
        column=OBLIQUE_CORONAL["column"],
        tags=MR,
        spacing_mm=4.0,
        uid="1.2.840.7.1",
        **options,  # type: ignore[arg-type]
    )


def write(series: Series, folder: Path, *, without_rescale: bool = False) -> Path:
    for n in range(len(series.hu)):
        dataset = series.slice(n)
        dataset.file_meta.MediaStorageSOPClassUID = MRImageStorage
        if without_rescale:
            del dataset.RescaleSlope, dataset.RescaleIntercept
        save(dataset, folder / f"{series.uid[-3:]}-{n:03d}")
    return folder


@pytest.mark.parametrize("without_rescale", [False, True])
def test_every_voxel_lies_where_dicom_says(without_rescale: bool, tmp_path: Path) -> None:
    series = stir()
    mri = read_mri(write(series, tmp_path, without_rescale=without_rescale))
    assert mri.frame.uid == series.frame_uid
    for n, r, c in np.random.default_rng(2).integers(0, (8, 12, 10), (40, 3)):
        between_rows, between_columns = series.pixel_mm
        place = (
            series.position(n)
            + np.asarray(series.row) * between_columns * c
            + np.asarray(series.column) * between_rows * r
        )
        found = mri.volume.at(Points.at(place, mri.frame), order=0)[0]
        assert found == series.hu[n, r, c]


def test_the_patients_left_is_plus_x_whatever_way_the_rows_run(tmp_path: Path) -> None:
    """A marker at the left edge, rows running left or right: the same place by two headers."""
    for number, way in enumerate((1.0, -1.0)):
        values = signal()
        values[:, :, 9 if way > 0 else 0] = 3000
        series = Series(
            values,
            row=(way, 0.0, 0.0),
            column=(0.0, 0.0, -1.0),
            tags=MR,
            spacing_mm=4.0,
        )
        mri = read_mri(write(series, tmp_path / str(number)))
        at = mri.grid.points_at(np.argwhere(mri.signal == 3000)).xyz
        assert at[:, 0].min() > mri.grid.corners.xyz[:, 0].mean()


def test_a_ct_is_no_mri_and_an_mri_is_no_ct(tmp_path: Path) -> None:
    write(stir(), tmp_path / "mri")
    Series(noise()).write(tmp_path / "ct")
    with pytest.raises(UnreadableInput, match="no MR here"):
        read_mri(tmp_path / "ct")
    with pytest.raises(UnreadableInput, match="no CT here"):
        read_ct(tmp_path / "mri")


def test_an_mri_is_found_beside_a_ct_and_the_other_way_round(tmp_path: Path) -> None:
    write(stir(), tmp_path)
    Series(noise()).write(tmp_path)
    assert read_mri(tmp_path).acquisition.series_uid == "1.2.840.7.1"
    assert read_ct(tmp_path).acquisition.series_uid != "1.2.840.7.1"


def test_gaps_mixtures_and_repairs_are_refused(tmp_path: Path) -> None:
    series = stir()
    for n in range(8):
        if n not in (3, 4):
            save(series.slice(n), tmp_path / "gap" / f"{n}")
    with pytest.raises(BrokenGeometry, match="missing"):
        read_mri(tmp_path / "gap")
    with pytest.raises(BadUsage, match="apply to a CT"):
        read_mri(tmp_path / "gap", ReadOptions(repair_gaps=True))
    for n in range(8):
        save(series.slice(n, PatientID="someone else" if n > 3 else "P"), tmp_path / "mix" / f"{n}")
    with pytest.raises(MixedPatients):
        read_mri(tmp_path / "mix")
    other = Series(signal(), **OBLIQUE_CORONAL, tags=MR, spacing_mm=4.0, uid="1.2.840.7.2")  # type: ignore[arg-type]
    write(series, tmp_path / "two")
    write(other, tmp_path / "two")
    with pytest.raises(AmbiguousSeries):
        read_mri(tmp_path / "two")


def test_a_volume_file_keeps_its_places_and_its_fractions_are_scaled(tmp_path: Path) -> None:
    grid = Grid((5, 6, 7), (1.0, 2.0, 3.0), (1.0, 1.0, 4.0), np.eye(3), Frame("x"))
    whole = np.arange(210, dtype=np.int16).reshape(5, 6, 7)
    write_nifti(Volume(whole, grid), tmp_path / "t2.nii.gz")
    mri = read_mri(tmp_path / "t2.nii.gz")
    assert np.array_equal(mri.signal, whole)
    assert np.allclose(mri.grid.origin_mm, grid.origin_mm)
    assert mri.frame.uid.startswith("file:")
    write_nifti(Volume((whole / 210).astype(np.float32), grid), tmp_path / "n.nii.gz")
    scaled = read_mri(tmp_path / "n.nii.gz")
    assert np.abs(scaled.signal / 32767 * 209 - whole).max() < 0.01
    assert "multiplied" in scaled.acquisition.notes[-1]
    assert read_mri(tmp_path / "n.nii.gz").frame == scaled.frame


@pytest.mark.parametrize("broken", ["nan", "flat", "thin", "Hounsfield"])
def test_what_is_no_image_is_named(broken: str, tmp_path: Path) -> None:
    shape = (2, 6, 7) if broken == "thin" else (5, 6, 7)
    grid = Grid.axis_aligned(shape, (0.0, 0.0, 0.0), (1.0, 1.0, 4.0), Frame("x"))
    values = np.random.default_rng(1).random(shape).astype(np.float32)
    if broken == "nan":
        values[0, 0, 0] = np.nan
    if broken == "flat":
        values[:] = 7
    if broken == "Hounsfield":
        values = values * 2000 - 1000
    write_nifti(Volume(values, grid), tmp_path / "odd.nii")
    with pytest.raises(UnreadableInput, match="odd"):
        read_mri(tmp_path / "odd.nii")
