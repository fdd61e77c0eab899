"""How well are placed needles found and named? On virtual control scans that know their needles."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from sacroplasty.bench.cohort import Row, measured_rows
from sacroplasty.bench.placed_case import measure_trial

_TIP_MM, _ANGLE_DEG = 1.0, 1.0


def measure_placed_needles(
    patients: int,
    first_seed: int,
    kept: Path,
    *,
    workers: int,
    progress: Callable[[float], None],
) -> list[Row]:
    """A row per virtual control scan; rows are kept in `kept`, so that a stopped run goes on."""
    seeds = range(first_seed, first_seed + patients)
    return measured_rows(measure_trial, seeds, kept, workers=workers, progress=progress)


def placed_needles_table(rows: list[Row]) -> list[str]:
    """The rows as lines of Markdown: every target beside what was measured."""
    seen = [row for row in rows if row["refused"] is None]
    needles = sum(len(row["gauges"]) for row in rows)
    lines = [
        f"{len(rows)} virtual control scans with {needles} needles (1–4 each; 10, 11 and 13 G; "
        "1–3 mm slices; streaks; moved by up to 10 mm and 5°; every fourth with a hip prosthesis).",
        "",
        "| measure | target | measured |",
        "|---|---:|---:|",
        f"| scans refused | 0 | {len(rows) - len(seen)} |",
    ]
    if not seen:
        return lines
    lines += _spread("tip, in the scan", f"{_TIP_MM:.0f} mm", _all(seen, "tip_mm"), " mm")
    lines += _spread("axis, in the scan", f"{_ANGLE_DEG:.0f}°", _all(seen, "angle_deg"), "°")
    lines += _spread("tip, on the planning CT", "", _all(seen, "in_plan_mm"), " mm")
    for says, key in (
        ("needles misnamed", "misnamed"),
        ("needles without a name", "nameless"),
        ("needles missed", "missed"),
        ("needles that are none", "false"),
        ("sides called wrong", "side_failures"),
        ("sides checked by one route only", "sides_unchecked"),
    ):
        target = "" if key in ("nameless", "sides_unchecked") else "0"
        lines.append(f"| {says} | {target} | {sum(row[key] for row in seen)} of {needles} |")
    least = min(row["similarity"] for row in seen)
    seconds = float(np.median([row["seconds"] for row in seen]))
    return [
        *lines,
        f"| least similarity of the two scans | | {least:.3f} |",
        f"| seconds a scan, median | | {seconds:.0f} |",
    ]


def _all(rows: list[Row], key: str) -> list[float]:
    return [value for row in rows for value in row[key]]


def _spread(says: str, target: str, values: list[float], unit: str) -> list[str]:
    if not values:
        return [f"| {says} | {target} | none found |"]
    return [
        f"| error of the {says}, median | | {np.median(values):.2f}{unit} |",
        f"| … 95th percentile | | {np.percentile(values, 95):.2f}{unit} |",
        f"| … worst | {target} | {max(values):.2f}{unit} |",
    ]
