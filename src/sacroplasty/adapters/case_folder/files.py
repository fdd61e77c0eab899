"""Files that appear whole or not at all, with the same bytes for the same content."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NoReturn

from sacroplasty.adapters.whole_file import write_whole


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write `document` (finite numbers only) under a temporary name and rename it."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, text.encode())


def read_json(path: Path) -> dict[str, Any]:
    """The document in `path`; raises `ValueError` for what `write_json` never wrote."""
    try:
        document: dict[str, Any] = json.loads(
            path.read_text(encoding="utf-8"), parse_constant=_refuse_constant
        )
    except RecursionError:
        raise ValueError(f"{path.name} is nested too deep") from None
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a finite number")


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def move_tree(source: Path, target: Path) -> list[str]:
    """Move every file below `source` to the same place below `target`; the relative names, sorted."""
    names = sorted(p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file())
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(source / name, target / name)  # noqa: PTH105 - one atomic rename each
    return names
