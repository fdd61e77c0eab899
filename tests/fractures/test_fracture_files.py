"""A fracture comes back from the case folder as it was, and its document keeps its schema."""

from pathlib import Path

import jsonschema
import numpy as np
from block_sacrum import FRAME, block_sacrum

from sacroplasty.adapters.case_folder.fracture_files import (
    fracture_document,
    read_fracture,
    write_fracture,
)
from sacroplasty.adapters.schemas.fracture import FRACTURE
from sacroplasty.anatomy.fractures import fracture_from_plane
from sacroplasty.geometry import Points


def test_a_fracture_comes_back_as_it_was(tmp_path: Path) -> None:
    plane = Points.at([-31.0, 10.0, -40.0], FRAME)
    fracture = fracture_from_plane(plane, np.array([1.0, 0.2, 0.0]), block_sacrum())
    write_fracture(fracture, tmp_path)
    back = read_fracture(tmp_path)
    assert back is not None
    assert fracture_document(back) == fracture_document(fracture)
    assert np.array_equal(back.cleft.values, fracture.cleft.values)
    assert back.limbs[0].cleft == fracture.limbs[0].cleft
    jsonschema.validate(fracture_document(fracture), FRACTURE)


def test_no_fracture_is_written_as_none(tmp_path: Path) -> None:
    write_fracture(None, tmp_path)
    assert read_fracture(tmp_path) is None
