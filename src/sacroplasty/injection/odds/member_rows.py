"""All members of a study: on all cores, interruptible, and never the same one twice."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol

from sacroplasty.errors import BadUsage
from sacroplasty.injection.odds.member import MemberRow, OddsStudy
from sacroplasty.injection.odds.odds_case import OddsCase
from sacroplasty.provenance import digest, note_number, recording_numbers, software_digest

Progress = Callable[[float], None]


class RowStore(Protocol):
    """Where rows are kept between runs; the case folder implements it (`adapters`)."""

    def rows(self, study: str) -> Iterable[MemberRow]:
        """The rows kept under the digest of a study, in any order."""
        ...

    def keep(self, study: str, row: MemberRow) -> None:
        """Keep one more, at once: a study that is stopped loses nothing that was kept."""
        ...


def study_digest(study: OddsStudy) -> str:
    """What a row depends on, but for its index: the case, the settings, the grid and the code.

    Not the number of members: a longer study goes on where a shorter one ended.
    """
    case, settings = study.case, study.settings
    grid = study.grid
    return digest(
        _of_case(case),
        sorted(settings.factors), settings.seed, settings.placement,
        grid.shape, grid.origin_mm, grid.spacing_mm, software_digest(),
    )  # fmt: skip


def _of_case(case: OddsCase) -> str:
    needles = [
        (p.name, p.side, p.needle.entry.xyz, p.needle.tip.xyz, p.needle.gauge, p.cement_ml)
        for p in case.plan.needles
    ]
    bone = case.sacrum
    return digest(
        case.ct.volume.values, case.ct.grid.origin_mm, case.ct.grid.spacing_mm,
        bone.labels.values, bone.scanner_from_sacrum.rotation, bone.scanner_from_sacrum.translation,
        needles, case.recipe, case.injection, case.fracture,
    )  # fmt: skip


def member_rows(
    study: OddsStudy, store: RowStore | None, workers: int, progress: Progress
) -> tuple[MemberRow, ...]:
    """The row of every member, in their order; `progress` hears the share done, 0…1.

    A row depends on the study and its index alone, so neither the number of workers nor an
    interruption changes it. An exception, such as the KeyboardInterrupt of a user who cancels,
    ends the workers and leaves what was kept.
    """
    if workers < 1:
        raise BadUsage(f"A study needs at least one worker; got {workers}.")
    wanted = study.settings.members
    key = study_digest(study) if store else ""
    done = {row.member: row for row in (store.rows(key) if store else ()) if row.member < wanted}
    missing = [member for member in range(wanted) if member not in done]
    progress(len(done) / wanted)
    if done:
        study.row(0)  # rows that were kept do not tell which numbers they rest on
    for row in _made(study, missing, workers):
        done[row.member] = row
        if store:
            store.keep(key, row)
        progress(len(done) / wanted)
    return tuple(done[member] for member in range(wanted))


def _made(study: OddsStudy, members: list[int], workers: int) -> Iterator[MemberRow]:
    if workers == 1 or len(members) <= 1:
        yield from (study.row(member) for member in members)
        return
    pool = ProcessPoolExecutor(
        min(workers, len(members), os.cpu_count() or 1),
        mp_context=get_context("spawn"),
        initializer=_open_study,
        initargs=(study,),
    )
    with pool:
        try:
            with spawning_workers():
                futures = [pool.submit(_row_of, member) for member in members]
            for future in as_completed(futures):
                row, numbers = future.result()
                for number in numbers:
                    note_number(number)
                yield row
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def spawning_workers() -> Iterator[None]:
    """Processes that begin in here never hear Ctrl-C: the one that began them does, and ends them.

    A terminal sends it to all of them at once, and a kernel that it meets in a worker dies with an
    error that looks like a defect. What comes meanwhile is heard on the way out.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# One study a worker process: sent there as it was prepared, it serves all members.
_open: list[OddsStudy] = []


def _open_study(study: OddsStudy) -> None:
    _open[:] = [study]


def _row_of(member: int) -> tuple[MemberRow, list[str]]:
    """A row, and the reference rows that were looked up for it."""
    with recording_numbers() as numbers:
        row = _open[0].row(member)
    return row, sorted(numbers)
