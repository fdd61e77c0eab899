"""The rows of a Monte Carlo as lines of text: kept one by one, so that a study can be stopped."""

import base64
import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.documents import level_from, place_document, side_from
from sacroplasty.injection import MemberLeak, MemberRow, Site
from sacroplasty.leaks import LeakSite

UNFINISHED = ".odds.rows.jsonl"
FINISHED = "odds/members.jsonl"
_PLAIN = ("member", "peak_tip_mpa", "peak_syringe_mpa", "numbers")


class KeptRows:
    """Rows of studies in a case folder: those of a study that was stopped, and of the finished one.

    A line that a killed process left half-written is not a row; that member is carried out again.
    """

    def __init__(self, root: Path) -> None:
        self._unfinished = root / UNFINISHED
        self._finished = root / FINISHED

    def rows(self, study: str) -> Iterable[MemberRow]:
        """The rows that were kept of this study."""
        for path in (self._finished, self._unfinished):
            if path.is_file():
                yield from rows_in(path, study)

    def keep(self, study: str, row: MemberRow) -> None:
        """One more line, on disk before this returns to work; never behind a half-written one."""
        with self._unfinished.open("a+b") as lines:
            if lines.tell() > 0:
                lines.seek(-1, os.SEEK_END)
                if lines.read(1) != b"\n":
                    lines.write(b"\n")
            lines.write(row_line(study, row).encode())

    def discard(self) -> None:
        """The study is finished and written as a whole."""
        self._unfinished.unlink(missing_ok=True)


def row_line(study: str, row: MemberRow) -> str:
    """One row as a line of JSON."""
    document: dict[str, Any] = {
        "study": study,
        **{name: getattr(row, name) for name in _PLAIN},
        "delivered_ml": list(row.delivered_ml),
        "tips_in_bone": list(row.tips_in_bone),
        "leaks": [_leak_document(leak) for leak in row.leaks],
        "reached": base64.b64encode(zlib.compress(row.reached, 6)).decode("ascii"),
    }
    return json.dumps(document, allow_nan=False) + "\n"


def rows_in(path: Path, study: str) -> Iterable[MemberRow]:
    """The rows of one study in a file; what is not a row of it is passed over."""
    for line in path.read_bytes().splitlines():
        try:
            document = json.loads(line)
            row = _row_from(document) if document["study"] == study else None
        except (ValueError, LookupError, TypeError, AttributeError, zlib.error):
            continue
        if row:
            yield row


def _row_from(document: dict[str, Any]) -> MemberRow:
    return MemberRow(
        **{name: document[name] for name in _PLAIN},
        delivered_ml=tuple(document["delivered_ml"]),
        tips_in_bone=tuple(document["tips_in_bone"]),
        leaks=tuple(_leak_from(leak) for leak in document["leaks"]),
        reached=zlib.decompress(base64.b64decode(document["reached"])),
    )


def _leak_document(leak: MemberLeak) -> dict[str, Any]:
    where = leak.where
    return {
        "site": where.site.value,
        **place_document(where),
        "volume_ml": leak.volume_ml,
        "onset_ml": leak.onset_ml,
        "needle": leak.needle,
        "needle_ml": leak.needle_ml,
        "neural": leak.neural,
    }


def _leak_from(document: dict[str, Any]) -> MemberLeak:
    return MemberLeak(
        where=Site(
            LeakSite(document["site"]),
            level_from(document),
            side_from(document),
        ),
        volume_ml=document["volume_ml"],
        onset_ml=document["onset_ml"],
        needle=document["needle"],
        needle_ml=document["needle_ml"],
        neural=document["neural"],
    )
