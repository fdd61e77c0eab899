"""What a named segment is: by its codes, by its name, and never by one against the other."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from sacroplasty.adapters.label_import.structure_names import side_in, structure_called
from sacroplasty.anatomy import Structure
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.reference import naming_table

_BY_LABEL = {s.label: s for s in Structure}
_LONGEST_SHOWN = 40


class Code(NamedTuple):
    """A coded concept: ``Code("SCT", "54735007")`` is the sacrum."""

    scheme: str
    value: str


def segment_structure(name: str, codes: Iterable[Code]) -> Structure | None:
    """The structure that a segment means, or None where it is something else or unknown.

    `codes` are those of its type, region and modifiers, laterality among them. A side is taken from
    the code, or else from the name. Raises `AnatomyNotTrusted` where code and name disagree.
    """
    meanings = {m for code in codes if (m := _coded().get(_plain(code))) is not None}
    coded_sides = meanings & {"left", "right"}
    coded = meanings - coded_sides
    said_side = side_in(name)
    if len(coded_sides) == 2 or (coded_sides and said_side and said_side not in coded_sides):
        raise AnatomyNotTrusted(
            f"Segment {name[:_LONGEST_SHOWN]!r} is coded as {' and '.join(sorted(coded_sides))} and "
            f"named {said_side or 'without a side'}; correct the segment's name or its code."
        )
    by_name = structure_called(name)
    by_code = _lateral(coded, coded_sides or ({said_side} if said_side else set()))
    if by_name is None and coded_sides and not said_side:
        by_name = structure_called(f"{name} {next(iter(coded_sides))}")
    if by_name and by_code and by_name is not by_code:
        raise AnatomyNotTrusted(
            f"Segment {name[:_LONGEST_SHOWN]!r} is coded as {by_code.label} and named "
            f"{by_name.label}; correct the segment's name or its code."
        )
    return by_name or by_code


def _lateral(coded: set[str], sides: set[str]) -> Structure | None:
    """The structure of one coded concept; a paired one needs its side."""
    if len(coded) != 1:
        return None
    (concept,) = coded
    if concept in _BY_LABEL:
        return _BY_LABEL[concept]
    return _BY_LABEL.get(f"{concept}_{next(iter(sides))}") if sides else None


def _plain(code: Code) -> Code:
    """SNOMED went by three names in DICOM's history."""
    scheme = {"SNM3": "SRT", "99SDM": "SRT"}.get(code.scheme, code.scheme)
    return Code(scheme, code.value)


@lru_cache(maxsize=1)
def _coded() -> dict[Code, str]:
    return {
        Code(row["scheme"], row["value"]): row["structure"]
        for row in naming_table("structure_codes")
    }
