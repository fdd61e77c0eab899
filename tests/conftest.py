"""Shared test set-up: where the real scans are, and how a test says that they are not there."""

import os
from pathlib import Path

import pytest

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


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
