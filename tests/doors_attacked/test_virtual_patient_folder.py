"""A virtual patient is written whole or not at all."""

from pathlib import Path
from typing import Any, cast

import pytest

from sacroplasty import compose
from sacroplasty.errors import CaseConflict
from sacroplasty.phantom import VirtualPatient

NOBODY = cast(VirtualPatient, None)


def _writer(monkeypatch: pytest.MonkeyPatch, *, fails: bool) -> None:
    def write(_patient: Any, folder: Path) -> None:
        (folder / "dicom").mkdir(parents=True)
        (folder / "dicom" / "ct_0001.dcm").write_text("slice")
        if fails:
            raise OSError(28, "No space left on device")
        (folder / "truth.json").write_text("{}")

    monkeypatch.setattr(compose.virtual_patients, "write_virtual_patient", write)


@pytest.mark.parametrize("exists", [True, False])
def test_a_full_disk_leaves_no_half_of_a_patient(
    exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "patient"
    if exists:
        target.mkdir()
    _writer(monkeypatch, fails=True)
    with pytest.raises(CaseConflict, match="No space left"):
        compose.write_patient(NOBODY, target)
    assert target.exists() == exists
    assert not list(tmp_path.rglob("*.dcm"))


def test_a_killed_writer_s_leftover_does_not_block_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".writing").mkdir()
    (tmp_path / ".writing" / "half").write_text("ha")
    _writer(monkeypatch, fails=False)
    compose.write_patient(NOBODY, tmp_path)
    assert {p.name for p in tmp_path.rglob("*")} == {"dicom", "ct_0001.dcm", "truth.json"}


def test_a_folder_that_is_taken_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague")
    with pytest.raises(CaseConflict, match="not an empty folder"):
        compose.require_new_folder(tmp_path)
    with pytest.raises(CaseConflict, match="not an empty folder"):
        compose.require_new_folder(tmp_path / "letter.txt")
