"""What others call our structures: words in any order, any case, any separator."""

import re
from collections.abc import Iterable
from functools import lru_cache

from sacroplasty.anatomy import Structure
from sacroplasty.reference import naming_table

_BY_LABEL = {s.label: s for s in Structure}
_SIDES = {"l": "left", "lt": "left", "r": "right", "rt": "right"}
_LONGEST_SHOWN, _MOST_SHOWN = 40, 8

Words = tuple[str, ...]


def words_of(name: str) -> Words:
    """The words of a name, sorted: "Hip_Left", "left hip" and "hip (L)" are the same."""
    found = re.findall(r"[a-z0-9]+", name.lower())
    return tuple(sorted(_SIDES.get(word, word) for word in found))


def is_known(name: str) -> bool:
    """Whether the name says something here, even if nothing that is used (a femur, a vessel)."""
    return _plain(words_of(name)) in _known() or words_of(name) in _known()


def structure_called(name: str) -> Structure | None:
    """The structure that a name means, or None for another body part and for an unknown name.

    A counter or the words "fragment", "main" and "part" do not matter: the pieces of a broken
    sacrum are sacrum.
    """
    words = words_of(name)
    return _known().get(words) or _known().get(_plain(words))


def side_in(name: str) -> str | None:
    """ "left" or "right" where the name holds exactly one of the two words."""
    sides = {"left", "right"} & set(words_of(name))
    return sides.pop() if len(sides) == 1 else None


def shown(names: Iterable[str]) -> str:
    """Names for a sentence: quoted, cut, and no more of them than a person reads."""
    every = sorted(set(names))
    some = ", ".join(repr(name[:_LONGEST_SHOWN]) for name in every[:_MOST_SHOWN])
    return some + (f" and {len(every) - _MOST_SHOWN} more" if len(every) > _MOST_SHOWN else "")


def _plain(words: Words) -> Words:
    return tuple(w for w in words if not w.isdigit() and w not in {"fragment", "main", "part"})


@lru_cache(maxsize=1)
def _known() -> dict[Words, Structure | None]:
    """Our own labels, the aliases, and every class of TotalSegmentator."""
    known: dict[Words, Structure | None] = {
        words_of(row["name"]): None for row in naming_table("totalsegmentator_classes")
    }
    for row in naming_table("structure_names"):
        known[words_of(row["name"])] = _BY_LABEL.get(row["structure"])
    used = {words_of(s.label): s for s in Structure if s not in _NOT_IMPORTED}
    return known | used


# Air and soft tissue are seen in the CT itself.
_NOT_IMPORTED = {Structure.OUTSIDE, Structure.SOFT_TISSUE}
