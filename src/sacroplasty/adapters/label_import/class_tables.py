"""What the numbers of a known program mean: its class table, named at the command line."""

from dataclasses import dataclass

from sacroplasty.adapters.label_import.structure_names import structure_called
from sacroplasty.anatomy import Structure
from sacroplasty.reference import naming_table

OWN_TABLE = "sacroplasty"


@dataclass(frozen=True, slots=True)
class ClassTable:
    """`classes` maps label values to the program's own names of them.

    Unlike a mapping that a person wrote for one file, a table lists more than a file holds.
    """

    name: str
    classes: dict[int, str]

    @property
    def structures(self) -> dict[int, Structure]:
        """The values that mean something here."""
        found = {value: structure_called(name) for value, name in self.classes.items()}
        return {value: structure for value, structure in found.items() if structure is not None}


def class_tables() -> dict[str, ClassTable]:
    """The known tables: ``totalsegmentator-v1``, ``totalsegmentator-v2`` and our own label maps'."""
    tables = {OWN_TABLE: ClassTable(OWN_TABLE, {int(s): s.label for s in Structure if s})}
    for row in naming_table("totalsegmentator_classes"):
        name = f"totalsegmentator-v{row['version']}"
        table = tables.setdefault(name, ClassTable(name, {}))
        table.classes[int(row["value"])] = row["name"]
    return tables
