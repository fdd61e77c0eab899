"""The model on a real scan with imported masks."""

from pathlib import Path

import pytest

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.label_files import labelled_segmenter
from sacroplasty.anatomy import Level, Side, build_sacrum
from sacroplasty.findings import Verdict


@pytest.mark.real_data
def test_a_clinical_ct_with_imported_masks_gives_eight_foramina(real_data: Path) -> None:
    folder = real_data / "ct" / "totalseg_example"
    model = build_sacrum(read_ct(folder / "ct.nii.gz"), labelled_segmenter(folder / "masks"))
    assert len(model.foramina) == 8
    for level in Level:
        left, right = model.foramen(level, Side.LEFT), model.foramen(level, Side.RIGHT)
        assert left is not None
        assert right is not None
        assert 25 < left.centre.distance_mm(right.centre)[0] < 60
        assert left.centre.single[0] > right.centre.single[0]
    assert [f for f in model.findings if f.verdict is Verdict.FAIL] == []
