"""The sources behind the numbers: `citations.csv` (key, text, identifier)."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from sacroplasty.errors import BadInput


@dataclass(frozen=True, slots=True)
class Citation:
    """One source. `identifier` is a DOI, PMID or other public handle, or empty."""

    key: str
    text: str
    identifier: str


@lru_cache(maxsize=1)
def _citations() -> dict[str, Citation]:
    found: dict[str, Citation] = {}
    with files("sacroplasty.reference").joinpath("citations.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            entry = Citation(*((row[c] or "").strip() for c in ("key", "text", "identifier")))
            if not entry.key or not entry.text or entry.key in found:
                raise BadInput(f"citations.csv: {entry.key!r} is empty or stands twice.")
            found[entry.key] = entry
    return found


def citation(key: str) -> Citation:
    """The source called `key`; raises `BadInput` if it is not in the table."""
    if key not in _citations():
        raise BadInput(f"The reference tables cite {key!r}, which citations.csv does not hold.")
    return _citations()[key]
