"""`sacroplasty demo`: a virtual patient, rehearsed end to end."""

from pathlib import Path
from typing import Annotated

import typer

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty demo --out demo-case"
DEMO_SEED = 1


def demo(
    out: Annotated[Path, typer.Option(help="Case folder to make, or to resume.")] = Path(
        "demo-case"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Which virtual patient.")] = DEMO_SEED,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Make a virtual patient with a bilateral zone-I fracture, rehearse it, print the report's path."""
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.phantom import FractureOption, SexOption
    from sacroplasty.cli.progress import stage_progress
    from sacroplasty.cli.telling import rehearse_and_tell

    settings = compose.case_settings(
        compose.RehearsalRequest(
            compose.PlanRequest(options.DEFAULT_VOLUME_ML, options.DEFAULT_GAUGE),
            compose.InjectionRequest(options.DEFAULT_CEMENT),
        )
    )
    with stage_progress() as watcher:
        patient = watcher.watch(
            "patient",
            lambda: compose.virtual_patient(seed, SexOption.F, 78, FractureOption.BILATERAL, 1.0),
        )
    rehearse_and_tell(
        compose.patient_of(patient.ct, pseudonym=f"virtual-{seed}"),
        compose.segmenter_for(None, None),
        settings,
        out,
        as_json=as_json,
    )
