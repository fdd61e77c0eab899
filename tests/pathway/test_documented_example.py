"""What the documentation shows does run."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("start.md", ("left", "foramina")),
        ("injecting-a-patient.md", ("mL after 30 s", "injection.html")),
    ],
)
def test_the_python_example_runs(
    page: str,
    words: tuple[str, ...],
    virtual_patient: Path,
    rehearsed: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The case is there already, so that the example resumes it instead of working for a minute."""
    (tmp_path / "scan").symlink_to(virtual_patient / "dicom")
    shutil.copytree(rehearsed[0], tmp_path / "case")
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)
    assert len(examples) == 1
    exec(examples[0], {})
    said = capsys.readouterr().out
    assert all(word in said for word in words)
