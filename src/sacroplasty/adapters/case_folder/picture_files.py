"""`fluoroscopy/pictures/`: radiographs taken on request, beside those of the rehearsal."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacroplasty.errors import CaseConflict

PICTURES = "fluoroscopy/pictures"
MANIFEST = f"{PICTURES}/pictures.json"


@dataclass(frozen=True, slots=True)
class KeptPictures:
    """Contents by name relative to the case, and what is recorded of each picture."""

    files: dict[str, bytes]
    records: list[dict[str, Any]]


def write_pictures(files: dict[str, bytes], root: Path) -> None:
    """Write each content under its name relative to the case."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def pictures_in(root: Path) -> dict[str, bytes]:
    """All that lies there, by name relative to the case."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / PICTURES).glob("*"))
        if path.is_file()
    }


def manifest_document(rests_on: str, records: list[dict[str, Any]]) -> bytes:
    """`pictures.json`: what the pictures rest on, and a record of each."""
    ordered = sorted(records, key=lambda record: str(record["name"]))
    document = {"rests_on": rests_on, "pictures": ordered}
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def kept_pictures(files: dict[str, bytes], rests_on: str, retaken: list[str]) -> KeptPictures:
    """Earlier pictures that still hold: whole, of the same plan and injection, not to be retaken.

    Raises `CaseConflict` for a `pictures.json` that was changed by hand.
    """
    if MANIFEST not in files:
        return KeptPictures({}, [])
    try:
        manifest = json.loads(files[MANIFEST])
        records = [
            record
            for record in (manifest["pictures"] if manifest["rests_on"] == rests_on else [])
            if record["name"] not in retaken and files.keys() >= set(record["files"])
        ]
        return KeptPictures({name: files[name] for r in records for name in r["files"]}, records)
    except (ValueError, LookupError, TypeError):
        raise CaseConflict(
            f"{MANIFEST} was changed by hand; delete it, then run the same command again."
        ) from None
