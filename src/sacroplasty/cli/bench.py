"""`sacroplasty bench`: how good is it? Measured on this machine, written as a page."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sacroplasty.cli import options
from sacroplasty.errors import BadUsage

EXAMPLE = "Example: sacroplasty bench anatomy --patients 100 --data ../shared/data"
FIRST_SEED = 9000  # development looks at seeds below this only


class Room(StrEnum):
    """What is measured."""

    ANATOMY = "anatomy"
    FLUOROSCOPY = "fluoroscopy"
    PLANNING = "planning"
    INJECTION = "injection"


_PATIENTS = {Room.ANATOMY: 100, Room.PLANNING: 1000, Room.INJECTION: 30, Room.FLUOROSCOPY: 0}
_SCANS = 50


def bench(
    room: Annotated[Room, typer.Argument(help="What to measure.")],
    patients: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How many virtual patients.",
            show_default="anatomy 100, planning 1000, injection 30",
        ),
    ] = None,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first one.")] = FIRST_SEED,
    scans: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="planning: how many of the patients are scanned as well.",
            show_default="50",
        ),
    ] = None,
    control_scans: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="planning: how many control scans with placed needles.",
            show_default="50",
        ),
    ] = None,
    peers: Annotated[
        Path | None,
        typer.Option(
            help="fluoroscopy: folder of the scripts that run other makers' renderers.",
            show_default="benchmarks/peers, if it is there",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of real scans. Default: $SACROPLASTY_TEST_DATA, if set."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Page to write, Markdown.", show_default="bench-ROOM.md"),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes. Default: all cores.")
    ] = os.cpu_count() or 1,
    debug: options.Debug = False,
) -> None:
    """Measure a room on virtual patients and real scans; a stopped run goes on where it was."""
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    _refuse_of_another_room(
        room,
        {
            "--scans": (scans, (Room.PLANNING,)),
            "--control-scans": (control_scans, (Room.PLANNING,)),
            "--peers": (peers, (Room.FLUOROSCOPY,)),
            "--data": (data, (Room.ANATOMY, Room.FLUOROSCOPY, Room.PLANNING)),
            "--patients": (patients, (Room.ANATOMY, Room.PLANNING, Room.INJECTION)),
        },
    )
    real = data or (Path(named) if (named := os.environ.get("SACROPLASTY_TEST_DATA")) else None)
    count = _PATIENTS[room] if patients is None else patients
    seeds, page = range(first_seed, first_seed + count), out or Path(f"bench-{room.value}.md")
    with stage_progress() as watcher:
        if room is Room.ANATOMY:
            text = compose.bench_anatomy(seeds, real, page, workers=workers, watcher=watcher)
        elif room is Room.INJECTION:
            text = compose.bench_injection(seeds, page, workers=workers, watcher=watcher)
        elif room is Room.FLUOROSCOPY:
            here = Path("benchmarks/peers")
            scripts = peers or (here if here.is_dir() else None)
            text = compose.bench_fluoroscopy(real, scripts, page, watcher=watcher)
        else:
            text = compose.bench_planning(
                seeds,
                _SCANS if scans is None else scans,
                _SCANS if control_scans is None else control_scans,
                real,
                page,
                workers=workers,
                watcher=watcher,
            )
    print(text)
    print(page)


def _refuse_of_another_room(room: Room, given: dict[str, tuple[object, tuple[Room, ...]]]) -> None:
    for option, (value, rooms) in given.items():
        if value is not None and room not in rooms:
            raise BadUsage(f"{option} is for {' and '.join(rooms)}, not for {room}; leave it out.")
