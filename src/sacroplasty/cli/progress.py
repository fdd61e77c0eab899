"""Progress on stderr: a bar on a terminal, a line per stage elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

T = TypeVar("T")


class Record(Protocol):
    """How a stage went."""

    @property
    def name(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def resumed(self) -> bool: ...


class StageProgress:
    """Draws one bar for each stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def begins(self, stage: str) -> Callable[[float], None]:
        """Start the bar of `stage`; the returned function moves it to a fraction 0…1."""
        task = self._bars.add_task(stage, total=None)
        self._tasks[stage] = task
        return lambda fraction: self._bars.update(task, total=1.0, completed=fraction)

    def ends(self, record: Record) -> None:
        """Fill the bar, or print the line where there is no terminal."""
        self._bars.update(self._tasks[record.name], total=1.0, completed=1.0)
        if not self._bars.console.is_terminal:
            how = "already done" if record.resumed else f"{record.seconds:.1f} s"
            print(f"{record.name:<12} {how}", file=sys.stderr, flush=True)

    def watch(self, stage: str, work: Callable[[], T]) -> T:
        """Run `work` under a bar of its own."""
        report = self.begins(stage)
        report(0.0)
        started = time.perf_counter()
        result = work()
        self.ends(_Watched(stage, time.perf_counter() - started))
        return result


@dataclass(frozen=True, slots=True)
class _Watched:
    name: str
    seconds: float
    resumed: bool = False


@contextmanager
def stage_progress() -> Iterator[StageProgress]:
    """Bars on stderr for as long as the block lasts."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield StageProgress(bars)
