"""A density goes to its document and comes back the same, and keeps to its schema."""

import json
from pathlib import Path

import jsonschema

from box_patient import toy_ct, toy_sacrum
from sacroplasty.adapters.case_folder.density_files import (
    density_document,
    read_density,
    write_density,
)
from sacroplasty.adapters.schemas.density import DENSITY
from sacroplasty.anatomy import measure_density


def test_a_density_comes_back_from_its_file_to_the_byte(tmp_path: Path) -> None:
    sacrum = toy_sacrum()
    density = measure_density(toy_ct(sacrum, trabecular_hu=37), sacrum)
    write_density(density, tmp_path)
    first = (tmp_path / "anatomy" / "density.json").read_bytes()
    write_density(read_density(tmp_path), tmp_path)
    assert (tmp_path / "anatomy" / "density.json").read_bytes() == first
    assert read_density(tmp_path).regions == density.regions
    jsonschema.validate(json.loads(first), DENSITY)
    assert density_document(density)["calibration"]["method"].startswith("literature")
