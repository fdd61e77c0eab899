"""Labels that changed are another anatomy; labels that say nothing clear are refused."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from sacroplasty.adapters.label_import import labelled_segmenter, parse_label_mapping
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.anatomy import Segmenter
from sacroplasty.errors import AnatomyNotTrusted, BadUsage, UnreadableInput
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import Acquisition, CTVolume

GRID = Grid.axis_aligned((10, 10, 30), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), Frame("1.2.3"))
CT = CTVolume(np.full(GRID.shape, 400, dtype=np.int16), GRID, Acquisition("0", "x"))
MAPPING = "1=sacrum,2=ilium_left,3=ilium_right"


def _labels() -> NDArray[np.uint8]:
    """Patient's left (+x) ilium 2, right ilium 3, sacrum 1 between them."""
    labels = np.zeros(GRID.shape, dtype=np.uint8)
    labels[:, :, 10:20], labels[:, :, 20:], labels[:, :, :10] = 1, 2, 3
    return labels


def _segmenter(path: Path, values: NDArray[np.generic], mapping: str = MAPPING) -> Segmenter:
    write_nifti(Volume(values, GRID), path)
    return labelled_segmenter(path, parse_label_mapping(mapping))


def test_other_labels_or_another_mapping_are_another_anatomy(tmp_path: Path) -> None:
    path = tmp_path / "labels.nii.gz"
    first = _segmenter(path, _labels()).name
    assert _segmenter(path, _labels()).name == first
    assert labelled_segmenter(path, parse_label_mapping("1=sacrum")).name != first
    edited = _labels()
    edited[0, 0, 15] = 0
    assert _segmenter(path, edited).name != first


def test_an_edited_mask_in_a_folder_is_another_anatomy(tmp_path: Path) -> None:
    names = []
    for threshold in (0, 1):
        for stem in ("sacrum", "hip_left", "hip_right"):
            mask = np.zeros(GRID.shape, dtype=np.uint8)
            mask[threshold:, :, :] = 1
            write_nifti(Volume(mask, GRID), tmp_path / f"{stem}.nii.gz")
        names.append(labelled_segmenter(tmp_path).name)
    assert names[0] != names[1]


def test_the_name_of_the_file_is_not_kept(tmp_path: Path) -> None:
    name = _segmenter(tmp_path / "Musterfrau_Erika.nii.gz", _labels()).name
    assert "Musterfrau" not in name


@pytest.mark.parametrize("absent", ["4=ilium_left", "40-49=L5"])
def test_a_structure_without_a_voxel_is_a_slip_and_not_passed_over(
    absent: str, tmp_path: Path
) -> None:
    with pytest.raises(BadUsage, match=r"has no voxel of (ilium_left|L5).*mapping"):
        _segmenter(tmp_path / "l.nii.gz", _labels(), f"1=sacrum,3=ilium_right,{absent}").segment(CT)


def test_a_range_needs_only_one_of_its_values(tmp_path: Path) -> None:
    mapping = "1=sacrum,2-9=ilium_left"
    edited = _labels()
    edited[edited == 3] = 0
    masks = _segmenter(tmp_path / "l.nii.gz", edited, mapping).segment(CT)
    assert (masks.labels.values == edited).all()


def test_whole_floats_are_labels_and_fractions_are_not(tmp_path: Path) -> None:
    whole = _labels().astype(np.float32)
    masks = _segmenter(tmp_path / "l.nii.gz", whole).segment(CT)
    assert (masks.labels.values == _labels()).all()
    for spoiled in (0.5, np.nan):
        whole[0, 0, 0] = spoiled
        with pytest.raises(UnreadableInput, match="not a label map"):
            _segmenter(tmp_path / "l.nii.gz", whole).segment(CT)


def test_labels_of_a_mirrored_image_are_refused(tmp_path: Path) -> None:
    """The array as it was, but an affine that swaps left and right."""
    path = tmp_path / "l.nii"
    good = nib.Nifti1Image(_labels().T, np.diag([-1.0, -1.0, 1.0, 1.0]))
    mirrored = nib.Nifti1Image(
        _labels().T, np.array([[1.0, 0, 0, -29], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    )
    for image in (good, mirrored):
        image.set_sform(image.affine, code=1)
        nib.save(image, path)
        segmenter = labelled_segmenter(path, parse_label_mapping(MAPPING))
        if image is good:
            assert (segmenter.segment(CT).labels.values == _labels()).all()
        else:
            with pytest.raises(AnatomyNotTrusted, match="wrong side"):
                segmenter.segment(CT)


def test_a_missing_label_file_is_met_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"absent\.nii.*--labels"):
        labelled_segmenter(tmp_path / "absent.nii", parse_label_mapping(MAPPING))
    with pytest.raises(UnreadableInput, match="no mask file called sacrum"):
        labelled_segmenter(tmp_path)
