"""What a label mapping may say, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from sacroplasty.adapters.label_import import labelled_segmenter, parse_label_mapping
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.anatomy import Structure
from sacroplasty.errors import AnatomyNotTrusted, BadUsage, FrameMismatch
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import Acquisition, CTVolume


def test_pairs_and_ranges_name_structures() -> None:
    mapping = parse_label_mapping("1=sacrum,2=sacrum,11-13=ilium_left,21=L5")
    assert mapping[2] is Structure.SACRUM
    assert [mapping[n] for n in (11, 12, 13)] == [Structure.ILIUM_LEFT] * 3
    assert mapping[21] is Structure.L5


def test_yaml_reads_the_same_as_pairs(tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text("sacrum: [1, 2]\nilium_left: 11-12\n")
    assert parse_label_mapping(path) == parse_label_mapping("1=sacrum,2=sacrum,11-12=ilium_left")


@pytest.mark.parametrize("text", ["1=pelvis", "", "1=sacrum,1=L5", "x=sacrum", "5-2=sacrum", "1"])
def test_a_mapping_that_says_nothing_clear_is_refused(text: str) -> None:
    with pytest.raises(BadUsage):
        parse_label_mapping(text)


def _scan(x0: float = 0.0) -> tuple[CTVolume, Volume[np.uint8]]:
    grid = Grid.axis_aligned((10, 10, 30), (x0, 0.0, 0.0), (1.0, 1.0, 1.0), Frame("1.2.3"))
    labels = np.zeros(grid.shape, dtype=np.uint8)
    labels[:, :, 10:20], labels[:, :, 20:], labels[:, :, :10] = 1, 2, 3
    return CTVolume(np.full(grid.shape, 400, dtype=np.int16), grid, Acquisition("0", "x")), Volume(
        labels, grid
    )


def test_swapped_ilia_and_a_foreign_scan_are_refused(tmp_path: Path) -> None:
    ct, labels = _scan()
    path = tmp_path / "labels.nii.gz"
    write_nifti(labels, path)
    good = labelled_segmenter(path, parse_label_mapping("1=sacrum,2=ilium_left,3=ilium_right"))
    assert (good.segment(ct).labels.values == labels.values).all()
    swapped = labelled_segmenter(path, parse_label_mapping("1=sacrum,2=ilium_right,3=ilium_left"))
    with pytest.raises(AnatomyNotTrusted, match="wrong side"):
        swapped.segment(ct)
    with pytest.raises(FrameMismatch):
        good.segment(_scan(500.0)[0])
