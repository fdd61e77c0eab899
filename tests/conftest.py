"""Shared set-up: where the real scans are, and one virtual patient rehearsed once for all tests."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from terminal import sacroplasty

# The same examples on every machine: a red build must be red again when it is looked at.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


# Fixtures of the whole session that take a minute: all tests that ask for one share a worker.
_MADE_ONCE = {"virtual_patient", "rehearsed"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests stay together when several workers share them: a file, or one rehearsed patient."""
    for item in items:
        asks = set(getattr(item, "fixturenames", ()))
        group = "rehearsed patient" if asks & _MADE_ONCE else item.nodeid.split("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


def real_data_folder() -> Path | None:
    """The folder of real scans, or None."""
    folder = Path(os.environ.get("SACROPLASTY_TEST_DATA", _BESIDE_CHECKOUT))
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real scans; the test is skipped, saying so, where it is absent."""
    folder = real_data_folder()
    if folder is None:
        pytest.skip("real scans are absent: set SACROPLASTY_TEST_DATA to their folder")
    return folder


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


@pytest.fixture(autouse=True)
def _rehearsed_stays_as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """All tests share one rehearsed case: who wants to add to it works on a copy."""
    if "rehearsed" not in request.fixturenames:
        yield
        return
    case = request.getfixturevalue("rehearsed")[0]
    before = _files_of(case)
    yield
    assert _files_of(case) == before, "a test changed the case that all tests share"


def _files_of(case: Path) -> tuple[list[Path], str]:
    return sorted(case.rglob("*")), (case / "case.json").read_text(encoding="utf-8")
