"""One virtual patient on disk, and one rehearsal of it, shared by all tests of the corridor."""

import json
from pathlib import Path
from typing import Any

import pytest
from terminal import sacroplasty


@pytest.fixture(scope="session")
def virtual_patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a virtual patient with a bilateral zone-I fracture."""
    folder = tmp_path_factory.mktemp("phantom") / "patient"
    done = sacroplasty("phantom", folder, "--seed", "3", "--sex", "F", "--age", "81")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def rehearsed(
    virtual_patient: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """The case folder of its rehearsal, and what ``--json`` printed."""
    case = tmp_path_factory.mktemp("rehearsed") / "case"
    done = sacroplasty("rehearse", virtual_patient / "dicom", "--out", case, "--json")
    assert done.returncode == 0, done.stderr
    return case, json.loads(done.stdout)
