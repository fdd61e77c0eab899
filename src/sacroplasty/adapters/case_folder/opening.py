"""May a folder be opened as a case? Only an empty one, or one whose case.json this version wrote."""

from pathlib import Path, PurePosixPath
from typing import Any

from sacroplasty.adapters.case_folder.files import read_json
from sacroplasty.errors import CaseConflict

SCHEMA_VERSION = 1
SCRATCH = ".writing"
PARTIAL = ".case.json.partial"


def require_case_or_empty(root: Path) -> None:
    """Raises `CaseConflict`: a folder full of something else is never written into."""
    try:
        _require(root)
    except OSError as problem:
        raise CaseConflict(
            f"The case folder {root} cannot be read: {problem.strerror}. Choose another folder."
        ) from None


def _require(root: Path) -> None:
    if not root.exists():
        return
    if not root.is_dir():
        raise CaseConflict(f"{root} is a file, not a folder. Choose another folder.")
    path = root / "case.json"
    if not path.is_file():
        if any(p.name not in (SCRATCH, PARTIAL) for p in root.iterdir()):
            raise CaseConflict(
                f"{root} is not empty and holds no case.json. Choose another folder."
            )
        return
    try:
        case = read_json(path)
    except ValueError:
        raise CaseConflict(f"{path} is not readable as JSON. Choose another folder.") from None
    version = case.get("schema_version") if isinstance(case, dict) else None
    if version != SCHEMA_VERSION:
        raise CaseConflict(
            f"{path} has schema version {version}; this software writes {SCHEMA_VERSION}. "
            "Choose another folder."
        )
    if not _has_the_shape(case):
        raise CaseConflict(
            f"{path} lacks what this software writes there: it was changed. Choose another folder, "
            "or put the original back."
        )


def _has_the_shape(case: dict[str, Any]) -> bool:
    """What resuming relies on is there, of the right kind."""
    acquisition, stages = case.get("acquisition"), case.get("stages")
    names = [case.get(key) for key in ("pseudonym", "frame_of_reference_uid", "ct_sha256")]
    return (
        all(isinstance(name, str) and name.isprintable() for name in names)
        and isinstance(acquisition, dict)
        and {"source_digest", "repairs"} <= acquisition.keys()
        and isinstance(stages, dict)
        and all(_is_record(entry) for entry in stages.values())
    )


def _stays_inside(name: str) -> bool:
    """Files of an outdated stage are deleted: a record may name none outside its folder."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _is_record(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    files, numbers = entry.get("files"), entry.get("numbers_used")
    return (
        isinstance(entry.get("key"), str)
        and isinstance(files, dict)
        and all(_stays_inside(name) and isinstance(sha, str) for name, sha in files.items())
        and isinstance(numbers, list)
    )
