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
    """The limbs of the fracture, the patient's own side."""

    BILATERAL = "bilateral ala"
    LEFT = "left ala"
    RIGHT = "right ala"
    H = "H"
    U = "U"
    LEFT_T = "left T"
    RIGHT_T = "right T"
    NONE = "none"


class ZonesOption(StrEnum):
    """Denis zones that an alar fracture crosses."""

    I = "I"  # noqa: E741 - the zone's name
    II = "II"
    I_II = "I-II"


class VariantOption(StrEnum):
    """What the sacrum may be besides typical, the patient's own side."""

    TYPICAL = "typical"
    DYSMORPHIC = "dysmorphic"
    LUMBARISED_S1 = "lumbarised S1"
    SACRALISED_L5 = "sacralised L5"
    SACRALISED_L5_LEFT = "sacralised L5 on the left"
    SACRALISED_L5_RIGHT = "sacralised L5 on the right"


class IncidentalOption(StrEnum):
    """What else is seen."""

    ARTHRITIC_SI_JOINTS = "arthritic SI joints"
    CALCIFIED_VESSELS = "calcified vessels"
    IV_CONTRAST = "intravenous contrast"
    RECTAL_GAS = "rectal gas"
    FAECES = "faeces"
    HIP_PROSTHESIS = "hip prosthesis"
    TRANSSACRAL_SCREW = "transsacral screw"
    SI_SCREW = "SI screw"


class KernelOption(StrEnum):
    """Reconstruction kernel."""

    SOFT = "soft"
    BONE = "bone"


Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same patient.")]


def phantom(
    out: Annotated[Path, typer.Argument(help="Folder to write; must be new or empty.")],
    seed: Seed = 1,
    sex: Annotated[SexOption, typer.Option(help="Sex.")] = SexOption.F,
    age: Annotated[int, typer.Option(min=40, max=100, help="Age in years.")] = 78,
    fracture: Annotated[
        FractureOption,
        typer.Option(help="Fracture. H, U and T have a horizontal limb through S2."),
    ] = FractureOption.BILATERAL,
    zones: Annotated[
        ZonesOption | None,
        typer.Option(help="Denis zones that an alar fracture crosses (default I)."),
    ] = None,
    displacement_mm: Annotated[
        float | None, typer.Option(min=0.0, max=15.0, help="Step at the fracture, mm.")
    ] = None,
    t_score: Annotated[
        float | None,
        typer.Option(min=-6.0, max=3.0, help="T-score (default: as in fractured patients)."),
    ] = None,
    variant: Annotated[
        VariantOption, typer.Option(help="Shape of the sacrum.")
    ] = VariantOption.TYPICAL,
    incidental: Annotated[
        list[IncidentalOption] | None, typer.Option(help="What else is seen; may be repeated.")
    ] = None,
    slice_mm: Annotated[float, typer.Option(min=0.5, max=5.0, help="Slice spacing, mm.")] = 1.0,
    kernel: Annotated[
        KernelOption, typer.Option(help="Reconstruction kernel.")
    ] = KernelOption.SOFT,
    population: Annotated[
        bool,
        typer.Option(
            "--population",
            help="Draw everything but the seed from a population; other options rest.",
        ),
    ] = False,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Write a virtual patient: its CT as DICOM and NIfTI, and the ground truth that made it."""
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    compose.require_new_folder(out)
    with stage_progress() as watcher:
        details = compose.PatientDetails(
            zones=zones,
            displacement_mm=displacement_mm,
            t_score=t_score,
            incidentals=tuple(incidental or ()),
            kernel=kernel,
            variant=variant,
        )
        patient = watcher.watch(
            "patient",
            lambda: (
                compose.drawn_patient(seed)
                if population
                else compose.virtual_patient(seed, sex, age, fracture, slice_mm, details)
            ),
        )
        watcher.watch("files", lambda: compose.write_patient(patient, out))
    if as_json:
        print(json.dumps({"patient": str(out), "seed": seed, "truth": str(out / "truth.json")}))
    else:
        print(out)
