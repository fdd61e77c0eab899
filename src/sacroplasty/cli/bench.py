"""`sacroplasty bench`: how good is it? Measured on this machine, written as a page."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty bench anatomy --patients 100 --data ../shared/data"
FIRST_SEED = 9000  # development looks at seeds below this only


class Room(StrEnum):
    """What is measured."""

    ANATOMY = "anatomy"


def bench(
    room: Annotated[Room, typer.Argument(help="What to measure.")],
    patients: Annotated[int, typer.Option(min=0, help="How many virtual patients.")] = 100,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first one.")] = FIRST_SEED,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of real scans. Default: $SACROPLASTY_TEST_DATA, if set."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Page to write, Markdown.")] = Path("bench-anatomy.md"),
    workers: Annotated[
        int, typer.Option(min=1, help="Processes. Default: all cores.")
    ] = os.cpu_count() or 1,
    debug: options.Debug = False,
) -> None:
    """Measure a room on virtual patients and real scans; a stopped run goes on where it was."""
    del debug, room
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    real = data or (Path(named) if (named := os.environ.get("SACROPLASTY_TEST_DATA")) else None)
    with stage_progress() as watcher:
        page = compose.bench_anatomy(
            range(first_seed, first_seed + patients), real, out, workers=workers, watcher=watcher
        )
    print(page)
    print(out)
