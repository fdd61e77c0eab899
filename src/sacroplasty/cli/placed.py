"""`sacroplasty placed`: are the needles where they were planned?"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty placed case/ control-scan/"

Case = Annotated[Path, typer.Argument(help="Case folder that `rehearse` wrote, with the plan.")]


def placed(
    case: Case,
    scan: options.Ct,
    series: options.Series = None,
    acquisition: options.Acquisition = None,
    repair_tilt: options.RepairTilt = False,
    repair_gaps: options.RepairGaps = False,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Find the needles of a control CT, name them, and measure them against the plan.

    Writes placed.json and placed.html into the case. Ends with 3 where a check failed: a needle
    lies elsewhere, is missing, is one too many, has no clear name, or keeps no margin.
    """
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    control = compose.read_scan(
        scan,
        series=series,
        acquisition=acquisition,
        repair_tilt=repair_tilt,
        repair_gaps=repair_gaps,
    )
    with stage_progress() as watcher:
        document = compose.verify_placed_into(case, control, watcher=watcher)
    failed = compose.failed_checks(document)
    if not as_json or not failed:
        print(json.dumps(document, indent=2) if as_json else _text(document, case))
    if failed:
        _refuse(failed, document if as_json else None)


def _refuse(failed: list[str], document: dict[str, Any] | None) -> None:
    from sacroplasty.cli.ending import refuse
    from sacroplasty.errors import NotAsPlanned

    more = f" {len(failed) - 1} more checks failed." if len(failed) > 1 else ""
    refuse(f"{failed[0]}{more}", NotAsPlanned.__name__, NotAsPlanned.exit_code, document)


def _text(document: dict[str, Any], case: Path) -> str:
    from sacroplasty import NOT_A_DEVICE

    lines = [f"placed needles: {document['verdict']}"]
    for needle in document["needles"]:
        name = needle["name"] or f"needle {needle['number']} of the scan, without a name"
        off = needle["deviation"]
        said = (
            f"tip {off['tip_mm']:.1f} mm and {off['angle_deg']:.1f}° from the plan" if off else ""
        )
        least = min(needle["clearance_mm"].items(), key=lambda item: item[1], default=None)
        near = f"least clearance {least[1]:.1f} mm ({least[0].replace('_', ' ')})" if least else ""
        parts = [part for part in (f"patient's {needle['side']}", said, near) if part]
        lines.append(f"{name}: {'; '.join(parts)}")
    lines += [f"missing: {name}" for name in document["missing"]]
    lines += document["other_metal"]
    return "\n".join([*lines, NOT_A_DEVICE, str(case / "placed.html")])
