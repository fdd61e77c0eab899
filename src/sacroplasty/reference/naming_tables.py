"""Tables of names and codes: what others call the structures (CSV files beside this one)."""

import csv
from functools import lru_cache
from importlib.resources import files

from sacroplasty.errors import BadUsage
from sacroplasty.reference.citations import citation

_NAMING_TABLES = ("structure_codes", "structure_names", "totalsegmentator_classes")


@lru_cache(maxsize=len(_NAMING_TABLES))
def naming_table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a table of names, each with a `source` that `citations.csv` holds.

    ``structure_names`` (name, structure), ``structure_codes`` (scheme, value, meaning, structure),
    ``totalsegmentator_classes`` (version, value, name). Raises `BadUsage` for another table.
    """
    if name not in _NAMING_TABLES:
        raise BadUsage(
            f"There is no table of names called {name!r}; there are {', '.join(_NAMING_TABLES)}."
        )
    with files("sacroplasty.reference").joinpath(f"{name}.csv").open(encoding="utf-8") as lines:
        rows = tuple(dict(row) for row in csv.DictReader(lines))
    for row in rows:
        citation(row["source"])
    return rows
