"""A file appears whole or not at all."""

from pathlib import Path

from sacroplasty.errors import CaseConflict


def write_whole(path: Path, content: bytes) -> None:
    """Write under a hidden name beside `path` and rename; where that fails nothing is left behind.

    The hidden name is always the same, so that what a killed process left is overwritten.
    Raises `OSError`.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def write_for_a_person(path: Path, content: bytes) -> None:
    """The same; raises `CaseConflict` with a sentence instead."""
    try:
        write_whole(path, content)
    except OSError as problem:
        raise CaseConflict(
            f"{path.name!r} cannot be written ({problem.strerror}); choose another folder."
        ) from None
