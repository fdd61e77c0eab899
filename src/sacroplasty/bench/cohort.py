"""Many patients, one row each: on all cores, interruptible, and never the same one twice."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sacroplasty.provenance import software_digest

Row = dict[str, Any]


def measured_rows(
    measure: Callable[[int], Any],
    seeds: Iterable[int],
    kept: Path,
    *,
    workers: int,
    progress: Callable[[float], None],
) -> list[Row]:
    """The row of every seed, in their order; `measure` gives a dataclass and must be importable.

    Each row is appended to `kept` (JSON lines) as it comes, under the digest of this software: a run
    that is stopped goes on where it was, and rows of other code are measured anew.
    """
    wanted = list(seeds)
    name, code = f"{measure.__module__}.{measure.__qualname__}", software_digest()
    done = _kept_rows(kept, name, code)
    missing = [seed for seed in wanted if seed not in done]
    kept.parent.mkdir(parents=True, exist_ok=True)
    progress(1 - len(missing) / max(len(wanted), 1))
    with kept.open("a", encoding="utf-8") as file:
        for seed, row in _measured(measure, missing, workers):
            done[seed] = row
            print(
                json.dumps({"what": name, "code": code, "seed": seed, "row": row}),
                file=file,
                flush=True,
            )
            progress(sum(seed in done for seed in wanted) / len(wanted))
    return [done[seed] for seed in wanted]


def _measured(
    measure: Callable[[int], Any], seeds: list[int], workers: int
) -> Iterable[tuple[int, Row]]:
    if workers == 1:
        for seed in seeds:
            yield seed, _plain(asdict(measure(seed)))
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(measure, seed): seed for seed in seeds}
        try:
            for future in as_completed(futures):
                yield futures[future], _plain(asdict(future.result()))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _plain(row: Row) -> Row:
    """As it will be read back, so that a resumed run and a fresh one give the same table."""
    plain: Row = json.loads(json.dumps(row, default=sorted))
    return plain


def _kept_rows(kept: Path, name: str, code: str) -> dict[int, Row]:
    if not kept.is_file():
        return {}
    rows = {}
    for line in kept.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:  # the last line of a run that was killed while writing it
            continue
        if (entry.get("what"), entry.get("code")) == (name, code):
            rows[int(entry["seed"])] = entry["row"]
    return rows
