"""A voxel keeps its place in the patient through every file format, or the file is refused."""

import gzip
import itertools
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.errors import BadInput, BrokenGeometry, CaseConflict, UnreadableInput
from sacroplasty.geometry import Frame, Grid, Points, Volume

FRAME = Frame("1.2.3")
SHAPE_KJI = (5, 7, 6)
HU: NDArray[np.int16] = (np.arange(5 * 7 * 6, dtype=np.int16) * 7 - 500).reshape(SHAPE_KJI)


def ras_affines() -> list[NDArray[np.float64]]:
    """All 48 ways to lay voxel axes along the patient's, half of them left-handed."""
    spacing = np.array([0.8, 1.1, 2.5])
    return [
        np.vstack(
            [
                np.column_stack([np.eye(3)[:, order] * signs * spacing, [10.0, -20.0, 300.0]]),
                [0, 0, 0, 1],
            ]
        )
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1, -1), repeat=3)
    ]


def write(path: Path, affine: NDArray[np.float64], values: NDArray[np.generic] = HU) -> Path:
    image = nib.Nifti1Image(values.T, affine)
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    nib.save(image, path)
    return path


@pytest.mark.parametrize("affine", ras_affines())
def test_every_voxel_of_any_axis_order_keeps_its_place(
    affine: NDArray[np.float64], tmp_path: Path
) -> None:
    file = write(tmp_path / "v.nii.gz", affine)
    for volume in (read_volume(file, FRAME), read_ct(file).volume):
        assert np.linalg.det(volume.grid.direction) == pytest.approx(1.0)
        for k, j, i in np.random.default_rng(0).integers(0, SHAPE_KJI, (20, 3)):
            lps = (affine @ (i, j, k, 1))[:3] * (-1, -1, 1)
            assert volume.at(Points.at(lps, volume.frame), order=0)[0] == HU[k, j, i]


@pytest.mark.parametrize("affine", ras_affines()[::5])
def test_a_ct_comes_in_patient_order(affine: NDArray[np.float64], tmp_path: Path) -> None:
    ct = read_ct(write(tmp_path / "v.nii", affine))
    np.testing.assert_allclose(ct.grid.direction, np.eye(3), atol=1e-6)


def test_a_mirrored_array_is_flipped_once_and_says_so(tmp_path: Path) -> None:
    file = write(tmp_path / "v.nii.gz", np.diag([1.0, -1.0, 1.0, 1.0]))
    assert "flipped" in read_ct(file).acquisition.notes[0]


@pytest.mark.parametrize("suffix", [".nrrd", ".seg.nrrd", ".nhdr", ".mha", ".mhd"])
def test_what_simpleitk_wrote_is_read_at_the_same_place(suffix: str, tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(HU)
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    image.SetDirection(turn.ravel().tolist())
    image.SetSpacing((0.5, 0.7, 2.0))
    image.SetOrigin((10.0, 20.0, -30.0))
    SimpleITK.WriteImage(image, str(tmp_path / f"v{suffix}"))
    volume = read_volume(tmp_path / f"v{suffix}", FRAME)
    assert np.array_equal(volume.values, HU)
    there = volume.grid.points_at(np.array([4, 6, 5])).single
    np.testing.assert_allclose(there, image.TransformIndexToPhysicalPoint((5, 6, 4)), atol=1e-6)


def test_a_nrrd_in_ras_space_is_turned_to_lps(tmp_path: Path) -> None:
    header = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: right-anterior-superior\nsizes: 6 7 5\n"
        "space directions: (1,0,0) (0,1,0) (0,0,2)\nendian: little\nencoding: raw\n"
        "space origin: (5,6,7)\n\n"
    )
    (tmp_path / "v.nrrd").write_bytes(header.encode() + HU.tobytes())
    volume = read_volume(tmp_path / "v.nrrd", FRAME)
    assert volume.at(Points.at((-8, -10, 9), FRAME), order=0)[0] == HU[1, 4, 3]


def test_a_nrrd_without_patient_space_is_refused(tmp_path: Path) -> None:
    header = "NRRD0004\ntype: short\ndimension: 3\nsizes: 6 7 5\nendian: little\nencoding: raw\n\n"
    (tmp_path / "v.nrrd").write_bytes(header.encode() + HU.tobytes())
    with pytest.raises(BrokenGeometry, match="names no patient space"):
        read_volume(tmp_path / "v.nrrd", FRAME)


def test_a_metaimage_without_axes_is_refused(tmp_path: Path) -> None:
    header = (
        "ObjectType = Image\nNDims = 3\nDimSize = 6 7 5\nElementSpacing = 1 1 1\n"
        "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    )
    (tmp_path / "v.mha").write_bytes(header.encode() + HU.tobytes())
    with pytest.raises(BrokenGeometry, match="no TransformMatrix"):
        read_volume(tmp_path / "v.mha", FRAME)


def test_simpleitk_reads_back_what_was_written(tmp_path: Path) -> None:
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    grid = Grid(SHAPE_KJI, (10.0, 20.0, -30.0), (0.5, 0.7, 2.0), turn, FRAME)
    write_nifti(Volume(HU, grid), tmp_path / "v.nii.gz")
    image = SimpleITK.ReadImage(str(tmp_path / "v.nii.gz"))
    assert np.array_equal(SimpleITK.GetArrayFromImage(image), HU)
    np.testing.assert_allclose(
        image.TransformIndexToPhysicalPoint((5, 6, 4)),
        grid.points_at(np.array([4, 6, 5])).single,
        atol=1e-4,
    )
    header = nib.load(tmp_path / "v.nii.gz").header
    assert header["sform_code"] == header["qform_code"] == 1


@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "f4", "f8", "?"])
def test_number_types_survive_and_bytes_repeat(kind: str, tmp_path: Path) -> None:
    values = (HU % 2).astype(kind)
    grid = Grid.axis_aligned(SHAPE_KJI, (0, 0, 0), (1, 1, 1), FRAME)
    write_nifti(Volume(values, grid), tmp_path / "a.nii.gz")
    write_nifti(Volume(values, grid), tmp_path / "b.nii.gz")
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
    assert (tmp_path / "a.nii.gz").read_bytes()[3:8] == bytes(5)  # no name, no time
    back = read_volume(tmp_path / "a.nii.gz", FRAME)
    assert np.array_equal(back.values, values)
    assert back.values.dtype == ("u1" if kind == "?" else kind)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.nii.gz", "b.nii.gz"]


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    grid = Grid.axis_aligned(SHAPE_KJI, (0, 0, 0), (1, 1, 1), FRAME)
    with pytest.raises(CaseConflict, match="cannot be written"):
        write_nifti(Volume(HU, grid), tmp_path / "absent" / "v.nii.gz")


SHEAR = np.array([[1.0, 0, 0, 0], [0, 1, 0.2, 0], [0, 0, 2, 0], [0, 0, 0, 1]])


def refused(path: Path) -> pytest.ExceptionInfo[BadInput]:
    with pytest.raises(BadInput) as told:
        read_volume(path, FRAME)
    assert path.name in str(told.value)
    assert "\n" not in str(told.value)
    return told


def test_shear_is_refused_with_its_angle(tmp_path: Path) -> None:
    image = nib.Nifti1Image(HU.T, None)
    image.set_sform(SHEAR, code=1)
    nib.save(image, tmp_path / "shear.nii.gz")
    told = refused(tmp_path / "shear.nii.gz")
    assert told.type is BrokenGeometry
    assert "5.7°" in str(told.value)


def test_a_nifti_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    image = nib.Nifti1Image(HU.T, np.eye(4))
    image.set_sform(np.eye(4), code=0)
    image.set_qform(np.eye(4), code=0)
    nib.save(image, tmp_path / "v.nii.gz")
    assert "neither an sform nor a qform" in str(refused(tmp_path / "v.nii.gz").value)


def test_forms_that_disagree_are_refused(tmp_path: Path) -> None:
    image = nib.Nifti1Image(HU.T, np.eye(4))
    image.set_sform(np.diag([-1.0, 1, 1, 1]), code=1)
    image.set_qform(np.eye(4), code=1)
    nib.save(image, tmp_path / "v.nii.gz")
    assert "disagree by 10.0 mm" in str(refused(tmp_path / "v.nii.gz").value)


def test_an_affine_that_is_flat_or_no_number_is_refused(tmp_path: Path) -> None:
    image = nib.Nifti1Image(HU.T, None)
    image.set_sform(np.eye(4), code=1)
    content = bytearray(image.to_bytes())
    for name, number in (("nan", np.nan), ("flat", 0.0)):
        content[300:304] = np.float32(number).tobytes()  # the affine's second diagonal entry
        (tmp_path / f"{name}.nii").write_bytes(content)
        assert refused(tmp_path / f"{name}.nii").type is BrokenGeometry


def test_metres_are_not_millimetres(tmp_path: Path) -> None:
    image = nib.Nifti1Image(HU.T, np.eye(4))
    image.header.set_xyzt_units("meter")
    nib.save(image, tmp_path / "v.nii")
    assert "meter, not mm" in str(refused(tmp_path / "v.nii").value)


def test_time_series_and_pictures_are_no_volume(tmp_path: Path) -> None:
    write(tmp_path / "4d.nii.gz", np.eye(4), np.stack([HU, HU]))
    assert "4 axes" in str(refused(tmp_path / "4d.nii.gz").value)
    write(tmp_path / "2d.nii.gz", np.eye(4), HU[0])
    refused(tmp_path / "2d.nii.gz")
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(HU[0]), str(tmp_path / "2d.mha"))
    refused(tmp_path / "2d.mha")


def test_a_fourth_axis_of_length_one_is_dropped(tmp_path: Path) -> None:
    file = write(tmp_path / "v.nii.gz", np.eye(4), HU[None])
    assert np.array_equal(read_volume(file, FRAME).values.shape, SHAPE_KJI)


@pytest.mark.parametrize("keep", [0, 5, 60, 300])
def test_damaged_files_are_refused_by_name(keep: int, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.nii.gz", np.eye(4)).read_bytes()
    for name, content in (
        ("cut.nii.gz", whole[:keep]),
        ("cut.nii", gzip.decompress(whole)[:keep]),
        ("zeros.nii", bytes(keep)),
        ("zeros.nrrd", bytes(keep)),
        ("zeros.mha", bytes(keep)),
        ("plain.nii.gz", b"not gzip at all"[:keep]),
    ):
        (tmp_path / name).write_bytes(content)
        assert refused(tmp_path / name).type is UnreadableInput


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "scan.tiff").write_bytes(b"II*\0")
    assert ".nii.gz, .nii, .nrrd" in str(refused(tmp_path / "scan.tiff").value)
    refused(tmp_path / "absent.nii.gz")


def test_whole_and_decimal_numbers_become_the_same_hounsfield_units(tmp_path: Path) -> None:
    wide = np.where(HU > 900, np.int32(2_000_000_000), HU)
    ct = read_ct(write(tmp_path / "i.nii.gz", np.eye(4), wide))
    assert ct.hu.max() == 32767
    low = HU.astype(np.float32) + 0.4
    low[0] = -3024.0
    ct = read_ct(write(tmp_path / "f.nii.gz", np.diag([-1.0, -1, 1, 1]), low))
    assert (ct.hu[0] == -1024).all()
    assert np.array_equal(ct.hu[1:], HU[1:])
