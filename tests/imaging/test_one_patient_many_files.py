"""One patient stored in many ways is one CT, voxel by voxel and point by point: so is every needle."""

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from dicom_factory import Series, noise
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)
from numpy.typing import NDArray

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.errors import UnreadableInput
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import CTVolume

GRID = Grid.axis_aligned((7, 9, 11), (-4.5, 12.25, -30.0), (0.75, 1.25, 2.5), Frame("1.2.3"))
HU: NDArray[np.int16] = np.random.default_rng(5).integers(-1000, 1500, GRID.shape).astype(np.int16)


def _same(ct: CTVolume) -> None:
    np.testing.assert_array_equal(ct.hu, HU)
    np.testing.assert_allclose(ct.grid.origin_mm, GRID.origin_mm, atol=1e-5)
    np.testing.assert_allclose(ct.grid.spacing_mm, GRID.spacing_mm, atol=1e-6)
    np.testing.assert_allclose(ct.grid.direction, np.eye(3), atol=1e-6)


def _image(tmp_path: Path) -> nib.Nifti1Image:
    write_nifti(Volume(HU, GRID), tmp_path / "written.nii")
    return nib.load(tmp_path / "written.nii")


def _save(values: NDArray[np.generic], affine: NDArray[np.float64], path: Path) -> Path:
    image = nib.Nifti1Image(np.ascontiguousarray(values), affine)
    image.set_sform(affine, 1)
    image.set_qform(affine, 1)
    nib.save(image, path)
    return path


@pytest.mark.parametrize("axes", ["LPS", "RAS", "LAS", "RPI", "SRA", "PIL", "IRP", "ASL"])
def test_any_order_of_nifti_axes_gives_the_same_ct(axes: str, tmp_path: Path) -> None:
    image = _image(tmp_path)
    turn = ornt_transform(io_orientation(image.affine), axcodes2ornt(axes))
    values = apply_orientation(np.asarray(image.dataobj), turn)
    affine = image.affine @ inv_ornt_aff(turn, image.shape)
    _same(read_ct(_save(values, affine, tmp_path / f"{axes}.nii.gz")))


@pytest.mark.parametrize("kind", ["i2", "i4", "i8", "f4", "f8"])
def test_any_number_type_gives_the_same_ct(kind: str, tmp_path: Path) -> None:
    image = _image(tmp_path)
    values = np.asarray(image.dataobj).astype(kind)
    affine = image.affine
    path = tmp_path / "kind.nii"
    if kind == "i8":
        nib.save(nib.Nifti1Image(values, affine, dtype="i8"), path)
    else:
        _save(values, affine, path)
    _same(read_ct(path))


def test_the_scale_of_a_nifti_is_applied(tmp_path: Path) -> None:
    image = _image(tmp_path)
    stored = nib.Nifti1Image((np.asarray(image.dataobj) + 1024).astype("u2"), image.affine)
    stored.header.set_slope_inter(1, -1024)
    nib.save(stored, tmp_path / "scaled.nii")
    _same(read_ct(tmp_path / "scaled.nii"))


# How the scanner turned the patient: rows and columns of the picture in LPS, and slice order.
POSES = {
    "HFS": ((1, 0, 0), (0, 1, 0)),
    "HFP": ((-1, 0, 0), (0, -1, 0)),
    "FFS": ((-1, 0, 0), (0, 1, 0)),
    "FFP": ((1, 0, 0), (0, -1, 0)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
}


@pytest.mark.parametrize("pose", POSES)
def test_any_pose_in_the_scanner_gives_the_same_ct(pose: str, tmp_path: Path) -> None:
    row, column = (np.array(v, dtype=float) for v in POSES[pose])
    normal = np.cross(row, column)
    steps = np.abs([row, column, normal]) @ np.asarray(GRID.spacing_mm)
    counts = np.abs([row, column, normal]) @ np.array(GRID.shape[::-1])
    last = np.asarray(GRID.origin_mm) + np.asarray(GRID.spacing_mm) * (
        np.array(GRID.shape[::-1]) - 1
    )
    backwards = (row + column + normal) < 0
    first = np.where(backwards, last, GRID.origin_mm)
    n, j, i = np.indices(counts[::-1].astype(int))
    at = first + sum(
        index[..., None] * step * axis
        for index, step, axis in zip((i, j, n), steps, (row, column, normal), strict=True)
    )
    ijk = np.rint((at - GRID.origin_mm) / GRID.spacing_mm).astype(int)
    series = Series(
        HU[ijk[..., 2], ijk[..., 1], ijk[..., 0]],
        row=tuple(row),
        column=tuple(column),
        first_mm=tuple(first),
        spacing_mm=float(steps[2]),
        pixel_mm=(float(steps[1]), float(steps[0])),
    )
    posed = replace(series, tags={"PatientPosition": pose[:3] if pose.isupper() else "HFS"})
    _same(read_ct(posed.write(tmp_path)))


@pytest.mark.parametrize("left", [0, 50, 131])
def test_a_last_slice_that_was_cut_to_nothing_is_not_lost_silently(
    left: int, tmp_path: Path
) -> None:
    Series(noise()).write(tmp_path)
    last = sorted(tmp_path.iterdir())[-1]
    last.rename(tmp_path / "last.dcm").write_bytes(b"\0" * left)
    with pytest.raises(UnreadableInput, match=r"'last\.dcm' is damaged DICOM"):
        read_ct(tmp_path)
