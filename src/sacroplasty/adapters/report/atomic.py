"""Files appear whole or not at all."""

import os
import tempfile
from pathlib import Path

from sacroplasty.errors import CaseConflict


def require_folder(path: Path) -> None:
    """Raises `CaseConflict` unless the folder of `path` exists, before any work is done for it."""
    if not path.parent.is_dir():
        raise CaseConflict(f"Cannot write {path.name}: its folder does not exist; make it first.")


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside `path` and rename; raises `CaseConflict` where that is not possible."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            beside.chmod(0o644)
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise CaseConflict(
            f"Cannot write {path.name}: {problem.strerror}. Choose a folder that can be written."
        ) from problem
