"""The tables of numbers: `*_constants.csv` beside this file, one per subject.

Columns: name, value, unit, low, high, source, status, note. `low` and `high` bound what is
plausible (they are the ends of the published or assumed range, not a standard deviation); `source` is a key of
`citations.csv`. A row without unit, range, source or status is refused.
"""

import csv
import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.provenance import note_number
from sacroplasty.reference.citations import citation


class Status(StrEnum):
    """How far a number has been checked."""

    MEASURED_HERE = "measured here"
    CHECKED = "checked against source"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Constant:
    """One literature number; `value` lies within `low`…`high`, all in `unit`."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str
    status: Status
    note: str

    def __post_init__(self) -> None:
        for column in ("name", "unit", "source"):
            if not getattr(self, column).strip():
                raise BadInput(
                    f"Reference row {self.name!r} has no {column}; every number needs one."
                )
        if not all(map(math.isfinite, (self.value, self.low, self.high))):
            raise BadInput(
                f"Reference row {self.name!r} has a value or range that is not a number."
            )
        if not self.low <= self.value <= self.high:
            raise BadInput(
                f"Reference row {self.name!r}: {self.value} lies outside its range "
                f"{self.low}–{self.high} {self.unit}."
            )


def parse_row(row: dict[str, str], table: str) -> Constant:
    """One CSV row as a `Constant`; raises `BadInput` naming table, row and column."""
    name = (row.get("name") or "").strip()
    where = f"{table}, row {name!r}"
    numbers: dict[str, float] = {}
    for column in ("value", "low", "high"):
        text = (row.get(column) or "").strip()
        try:
            numbers[column] = float(text)
        except ValueError:
            raise BadInput(f"{where}: {column} {text!r} is not a number.") from None
    status = (row.get("status") or "").strip()
    if status not in list(Status):
        raise BadInput(f"{where}: status {status!r} is not one of {', '.join(Status)}.")
    return Constant(
        name=name,
        unit=(row.get("unit") or "").strip(),
        source=(row.get("source") or "").strip(),
        status=Status(status),
        note=(row.get("note") or "").strip(),
        **numbers,
    )


def load_table(table: Traversable) -> dict[str, Constant]:
    """All rows of one CSV table by name; raises `BadInput` on a bad or repeated row."""
    rows: dict[str, Constant] = {}
    with table.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            parsed = parse_row(row, table.name)
            citation(parsed.source)
            if parsed.name in rows:
                raise BadInput(f"{table.name} holds {parsed.name!r} twice.")
            rows[parsed.name] = parsed
    return rows


@lru_cache(maxsize=1)
def all_constants() -> dict[str, Constant]:
    """Every row of every table, by name."""
    folder = files("sacroplasty.reference")
    tables = sorted(
        (t for t in folder.iterdir() if t.name.endswith("_constants.csv")), key=lambda t: t.name
    )
    merged: dict[str, Constant] = {}
    for table in tables:
        rows = load_table(table)
        if repeated := merged.keys() & rows.keys():
            raise BadInput(f"{table.name} repeats {', '.join(sorted(repeated))} of another table.")
        merged |= rows
    return merged


def constant(name: str) -> Constant:
    """The row called `name`; raises `BadUsage` if there is none."""
    table = all_constants()
    if name not in table:
        raise BadUsage(f"There is no reference number called {name!r}.")
    note_number(name)
    return table[name]
