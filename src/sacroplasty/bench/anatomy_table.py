"""The rows of `bench anatomy` as a page: every target beside what was measured."""

from collections import Counter

import numpy as np

from sacroplasty.anatomy import MarkedPatient, Side, Structure, froc, si_joint_structure
from sacroplasty.bench.cohort import Row
from sacroplasty.bench.real_scans import RealRow

_DICE, _WORST = 0.95, 0.90
_CENTRE_MM, _CENTRE_95_MM = 1.5, 4.0
_CANAL = 0.85
_SENSITIVITY, _FALSE_MARKS = 0.8, 0.5


def anatomy_page(virtual: list[Row], real: list[RealRow]) -> str:
    """The page in Markdown."""
    return "\n".join(
        [
            "# Accuracy of the anatomy",
            "",
            "Made by `sacroplasty bench anatomy`.",
            "",
            *_virtual_part(virtual),
            "",
            *_real_part(real),
            "",
        ]
    )


def _virtual_part(rows: list[Row]) -> list[str]:
    found = [row for row in rows if row["refused"] is None]
    head = [
        f"{len(rows)} virtual patients of the population (variants, fractures, metal, gas, contrast; "
        "1.0–3.0 mm slices), seeds that no development used. A refused patient counts as refused, "
        "not as found.",
        "",
        "| measure | target | measured |",
        "|---|---:|---:|",
    ]
    if not found:
        return [*head, f"| refused | | {len(rows)} |"]
    sacrum = _values(found, Structure.SACRUM.label)
    errors = [e for row in found for e in row["foramen_errors_mm"].values() if e is not None]
    foramina = sum(len(row["foramen_errors_mm"]) for row in found)
    radii = [e for row in found for e in row["radius_errors_mm"].values()]
    verdicts = Counter(row["verdict"] for row in found)
    lines = [
        f"| refused by the engine | | {len(rows) - len(found)} of {len(rows)} |",
        f"| verdict pass / not checked / fail | | {verdicts['pass']} / "
        f"{verdicts['not checked']} / {verdicts['fail']} |",
        f"| sacrum Dice, median | {_DICE:.2f} | {np.median(sacrum):.3f} |",
        f"| sacrum Dice, worst | {_WORST:.2f} | {min(sacrum):.3f} |",
        f"| foramina S1–S3 found | | {len(errors)} of {foramina} |",
        f"| foramen centre error S1–S3, median | {_CENTRE_MM} mm | {np.median(errors):.1f} mm |",
        f"| … 95th percentile | {_CENTRE_95_MM} mm | {np.percentile(errors, 95):.1f} mm |",
        f"| foramen radius error, mean ± SD | | {np.mean(radii):+.1f} ± {np.std(radii):.1f} mm |",
        f"| canal Dice, median | {_CANAL:.2f} | {np.median(_values(found, Structure.CANAL.label)):.3f} |",
        f"| L5 Dice, median | | {np.median(_values(found, Structure.L5.label)):.3f} |",
        f"| L5/S1 disc Dice, median | | {np.median(_values(found, Structure.DISC_L5S1.label)):.3f} |",
        f"| SI joint space Dice, median | | {np.median(_joints(found)):.3f} |",
        f"| sacral axes, median | | {np.median([r['axes_error_deg'] for r in found]):.1f}° |",
        f"| left and right swapped | 0 | {sum(r['swapped'] for r in found)} |",
        f"| time, median / longest | 60 s | {np.median([r['seconds'] for r in found]):.0f} / "
        f"{max(r['seconds'] for r in found):.0f} s |",
    ]
    return head + lines + _fracture_lines(rows) + _why(rows, found)


def _fracture_lines(rows: list[Row]) -> list[str]:
    """The detector's free-response curve at the false marks that are allowed."""
    curve = froc([MarkedPatient(tuple(r["limb_scores"]), tuple(r["false_scores"])) for r in rows])
    limbs = sum(len(row["limb_scores"]) for row in rows)
    allowed = ((0.25, "–"), (_FALSE_MARKS, f"{_SENSITIVITY:.2f}"), (1.0, "–"))
    return [
        f"| share of {limbs} fracture limbs marked, at {false} false marks a patient | {target} | "
        f"{curve.sensitivity_at(false):.2f} |"
        for false, target in allowed
    ]


def _why(rows: list[Row], found: list[Row]) -> list[str]:
    """The reasons of refusals and failed checks, counted, so that nobody has to guess."""
    refused = Counter(
        row["refused"].split(":")[0].split(";")[0] for row in rows if row["refused"] is not None
    )
    failed = Counter(check for row in found for check in row["failed_checks"])
    lines = [f"- refused, {n}×: {why}" for why, n in refused.most_common()]
    lines += [f"- failed check, {n}×: {why}" for why, n in failed.most_common()]
    return ["", "Why models were not trusted:", "", *lines] if lines else []


def _values(rows: list[Row], structure: str) -> list[float]:
    return [row["dice"][structure] for row in rows]


def _joints(rows: list[Row]) -> list[float]:
    return [overlap for side in Side for overlap in _values(rows, si_joint_structure(side).label)]


def _real_part(rows: list[RealRow]) -> list[str]:
    if not rows:
        return ["The real scans are absent on this machine."]
    lines = [
        "Real scans. Foramina: count, mean distance from the midline / radius, mm.",
        "",
        "| scan | sacrum Dice | openings as bone in both | target | S1 | S2 | S3 | verdict |",
        "|---|---:|---:|---:|---|---|---|---|",
    ]
    for row in rows:
        cells = [_foramen_cell(row, level) for level in ("S1", "S2", "S3")]
        overlap, solid = (
            "–" if d is None else f"{d:.3f}" for d in (row.sacrum_dice, row.solid_dice)
        )
        target = "–" if row.at_least is None else f"{row.at_least:.2f}"
        lines.append(
            f"| {row.name} | {overlap} | {solid} | {target} | {' | '.join(cells)} | {row.verdict} |"
        )
    return lines


def _foramen_cell(row: RealRow, level: str) -> str:
    if level not in row.foramina:
        return "0"
    count, offset, radius = row.foramina[level]
    return f"{count}: {offset:.0f} / {radius:.1f}"
