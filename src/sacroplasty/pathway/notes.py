"""Where a rehearsal writes down each stage: a port with two implementations.

`InMemory` forgets; the case folder (an adapter) keeps every stage on disk and resumes from it.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sacroplasty.imaging import CTVolume
from sacroplasty.injection import RowStore

T = TypeVar("T")

Report = Callable[[float], None]
"""Called by a stage with the fraction done, 0…1."""


class CaseNotes(Protocol):
    """Runs a stage, or remembers what it gave."""

    def begin(self, ct: CTVolume, pseudonym: str) -> None:
        """Write down whose case this is; raises `CaseConflict` if another scan's case is here."""
        ...

    def stage(self, name: str, key: str, work: Callable[[Report], T]) -> T:
        """The result of `work` for the stage `name`; `key` is the digest of all that it depends on.

        A result that was kept under the same key is returned without working again.
        """
        ...

    @property
    def rows(self) -> RowStore | None:
        """Where a long study keeps its rows as they come, until its stage is done; None: nowhere."""
        ...


class InMemory:
    """Does every stage anew and keeps nothing: for notebooks and tests."""

    def begin(self, ct: CTVolume, pseudonym: str) -> None:
        """Nothing is written down."""

    def stage(self, name: str, key: str, work: Callable[[Report], T]) -> T:
        """The result of `work`; `name` and `key` are not needed to forget it."""
        del name, key
        return work(lambda _fraction: None)

    @property
    def rows(self) -> RowStore | None:
        """Nowhere."""
        return None
