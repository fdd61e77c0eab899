"""`sacroplasty phantom`: a virtual patient with ground truth."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty phantom patient/ --seed 1 --sex F --age 78"


class SexOption(StrEnum):
    """Sex of the virtual patient."""

    F = "F"
    M = "M"


class FractureOption(StrEnum):
    """Which ala is broken, the patient's own side."""

    BILATERAL = "bilateral ala"
    LEFT = "left ala"
    RIGHT = "right ala"
    NONE = "none"


Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same patient.")]


def phantom(
    out: Annotated[Path, typer.Argument(help="Folder to write; must be new or empty.")],
    seed: Seed = 1,
    sex: Annotated[SexOption, typer.Option(help="Sex.")] = SexOption.F,
    age: Annotated[int, typer.Option(min=40, max=100, help="Age in years.")] = 78,
    fracture: Annotated[
        FractureOption, typer.Option(help="Zone-I ala fracture.")
    ] = FractureOption.BILATERAL,
    slice_mm: Annotated[float, typer.Option(min=0.5, max=5.0, help="Slice spacing, mm.")] = 1.0,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Write a virtual patient: its CT as DICOM and NIfTI, and the ground truth that made it."""
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    compose.require_new_folder(out)
    with stage_progress() as watcher:
        patient = watcher.watch(
            "patient", lambda: compose.virtual_patient(seed, sex, age, fracture, slice_mm)
        )
        watcher.watch("files", lambda: compose.write_patient(patient, out))
    if as_json:
        print(json.dumps({"patient": str(out), "seed": seed, "truth": str(out / "truth.json")}))
    else:
        print(out)
