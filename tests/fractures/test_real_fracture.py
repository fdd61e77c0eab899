"""A real broken sacrum (expert labels): the fracture is on the patient's right."""

from pathlib import Path

import pytest

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.label_import import labelled_segmenter, parse_label_mapping
from sacroplasty.anatomy import Side, build_sacrum
from sacroplasty.anatomy.fractures import find_fractures


@pytest.mark.slow
@pytest.mark.real_data
def test_the_surest_mark_lies_on_the_broken_side(real_data: Path) -> None:
    folder = real_data / "ct" / "fracsegnet"
    if not folder.is_dir():
        pytest.skip("the FracSegNet scans are absent")
    ct = read_ct(folder / "003_ct.nii.gz")
    mapping = parse_label_mapping("1-2=sacrum,11-19=ilium_left,21-29=ilium_right")
    sacrum = build_sacrum(ct, labelled_segmenter(folder / "003_label.nii.gz", mapping))
    marks = find_fractures(ct, sacrum)
    assert marks[0].limb.side is Side.RIGHT
    assert 1 in marks[0].limb.zones
