"""The rows of `bench planning` as a page: what is accepted, what is truly crossed, what is lost."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from sacroplasty.bench.cohort import Row
from sacroplasty.bench.placed_needles import placed_needles_table
from sacroplasty.bench.real_plans import RealPlan

_APPROACHES = ("short-axis", "long-axis", "transiliac", "s1-body")
_INTO_ALA = _APPROACHES[:3]
# Jayaraman 2009, means of 100 patients: from the usual target to the anterior cortex.
_PUBLISHED = (
    ("disc_mm", "parallel to the L5–S1 disc", "11.3 mm"),
    ("axial_mm", "axial", "11.2 mm"),
    ("long_mm", "along the sacrum's long axis", "12.8 mm"),
)


def planning_page(
    true: list[Row], scanned: list[Row], real: list[RealPlan], placed: list[Row]
) -> str:
    """The page in Markdown."""
    parts = [
        ["# Planning", "", "Made by `sacroplasty bench planning`.", ""],
        ["## Plans on true anatomy", "", *_true_part(true), ""],
        ["## Plans on what the engine finds in a scan", "", *_scanned_part(scanned), ""],
        ["## The usual target by fluoroscopy", "", *_targets_part(true, real), ""],
        ["## Real scans", "", *_real_part(real), ""],
        ["## Placed needles", "", *placed_needles_table(placed), ""],
    ]
    return "\n".join(line for part in parts for line in part)


def _true_part(rows: list[Row]) -> list[str]:
    if not rows:
        return ["Not measured."]
    return [
        f"{len(rows)} virtual patients, planned on their true anatomy (1.5 mm grid), every approach "
        "on both sides. Each needle offered is sampled on a lattice of its own, each point asked of "
        "the solids that made the patient.",
        "",
        *_crossing_lines(rows),
        "",
        "Sides with a safe path, by anatomy:",
        "",
        *_acceptance(rows),
        "",
        *_blocked(rows),
    ]


def _crossing_lines(rows: list[Row]) -> list[str]:
    ways = _ways(rows)
    shafts = [shaft for way in ways for shaft in way["shafts"]]
    silent = sum(not way["accepted"] and not way["blocked_by"] for way in ways)
    refused = sum(not way["accepted"] for way in ways)
    nowhere = sum(not any(_on(row, side)) for row in rows for side in ("left", "right"))
    return [
        "| measure | target | measured |",
        "|---|---:|---:|",
        f"| patients refused | | {sum(r['refused'] is not None for r in rows)} of {len(rows)} |",
        f"| needles offered that cross a forbidden structure | 0 | {_touching(shafts)} |",
        f"| … that come out of the front of the sacrum | 0 | "
        f"{sum(s['anterior'] for s in shafts)} of {len(shafts)} |",
        f"| … whose end is not wholly in sacral bone | 0 | "
        f"{sum(s['tip_in_bone'] < 1 for s in shafts)} of {len(shafts)} |",
        f"| longest stretch of an axis out of bone once in it, median / longest | | "
        f"{_gaps(shafts)} |",
        f"| approaches refused without a reason | 0 | {silent} of {refused} |",
        f"| sides without any safe path into the ala | | {nowhere} of {2 * len(rows)} |",
        f"| seconds for all approaches on both sides, median | | "
        f"{np.median([row['seconds'] for row in rows]):.1f} |",
    ]


def _gaps(shafts: list[Row]) -> str:
    gaps = [shaft["gap_mm"] for shaft in shafts]
    return f"{np.median(gaps):.1f} / {max(gaps):.1f} mm" if gaps else "–"


def _touching(shafts: list[Row]) -> str:
    found = sorted({name for shaft in shafts for name in shaft["touched"]})
    count = sum(bool(shaft["touched"]) for shaft in shafts)
    return f"{count} of {len(shafts)}" + (f" ({', '.join(found)})" if found else "")


def _on(row: Row, side: str) -> list[bool]:
    return [
        way["accepted"]
        for way in row["ways"]
        if way["side"] == side and way["approach"] in _INTO_ALA
    ]


def _ways(rows: Iterable[Row]) -> list[Row]:
    return [way for row in rows for way in row["ways"]]


def _acceptance(rows: list[Row]) -> list[str]:
    by_variant = defaultdict(list)
    for row in rows:
        by_variant[row["variant"]].append(row)
    lines = [f"| anatomy | patients | {' | '.join(_APPROACHES)} |", "|---|---:|" + "---:|" * 4]
    groups = sorted(by_variant.items(), key=lambda item: -len(item[1]))
    for name, group in [*groups, ("all", rows)]:
        cells = [_share([w for w in _ways(group) if w["approach"] == a]) for a in _APPROACHES]
        lines.append(f"| {name} | {len(group)} | {' | '.join(cells)} |")
    return lines


def _share(ways: list[Row]) -> str:
    if not ways:
        return "–"
    return f"{sum(way['accepted'] for way in ways)} of {len(ways)}"


def _blocked(rows: list[Row]) -> list[str]:
    """Chance that a hand touches something with the first option, by approach."""
    lines = ["Chance that a hand touches something (first option; median, 95th percentile):", ""]
    for approach in _APPROACHES:
        shares = [
            w["breach_share"] for w in _ways(rows) if w["approach"] == approach and w["accepted"]
        ]
        if shares:
            low, high = 100 * np.median(shares), 100 * np.percentile(shares, 95)
            lines.append(f"- {approach}: {low:.1f} %, {high:.1f} %")
    return lines


def _scanned_part(rows: list[Row]) -> list[str]:
    if not rows:
        return ["Not measured."]
    planned = [row for row in rows if row["refused"] is None]
    if not planned:
        return [f"{len(rows)} virtual patients, scanned; all were refused."]
    lines = [
        f"{len(rows)} virtual patients, scanned; the built-in engine finds the sacrum, the planner "
        f"plans on what it found, and truth judges. {len(rows) - len(planned)} were refused.",
        "",
        *_crossing_lines(planned),
        "",
        *_acceptance(planned),
        "",
        "Of the first option of each approach, how much of the clearance that the planner measured "
        "is truly there:",
        "",
        "| structure | needles | lost, median | lost, 95th percentile | lost, most | least truly there |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    pairs = defaultdict(list)
    for way in _ways(planned):
        for key, value in way["true_clearance_mm"].items():
            # A structure that lies off the map has no distance.
            if key in way["clearance_mm"] and max(value, way["clearance_mm"][key]) < 1000:
                pairs[key].append((way["clearance_mm"][key], value))
    for key, values in pairs.items():
        told, true = np.array(values).T
        lost = told - true
        lines.append(
            f"| {key} | {len(lost)} | {np.median(lost):+.1f} mm | {np.percentile(lost, 95):+.1f} mm | "
            f"{lost.max():+.1f} mm | {true.min():.1f} mm |"
        )
    return lines


def _targets_part(rows: list[Row], real: list[RealPlan]) -> list[str]:
    targets = [target for row in rows for target in row["targets"]]
    columns = [(f"{len(rows)} virtual patients", targets)]
    columns += [(plan.name, [*plan.targets]) for plan in real]
    lines = [
        "Built from the corners of S1 as Jayaraman 2009 describes it (`bench/landmark_target.py` says "
        "how), with the bone ahead of it on three ways. Published: means of 100 patients.",
        "",
        f"| | published | {' | '.join(name for name, _ in columns)} |",
        "|---|---:|" + "---:|" * len(columns),
    ]
    for key, says, published in _PUBLISHED:
        cells = [_mean([t[key] for t in found if not t["outside"]]) for _, found in columns]
        lines.append(f"| {says}, mean | {published} | {' | '.join(cells)} |")
    out = [f"{sum(t['outside'] for t in found)} of {len(found)}" for _, found in columns]
    lines.append(f"| target outside sacral bone | 3 of 100 patients | {' | '.join(out)} |")
    return lines


def _mean(values: list[float]) -> str:
    return f"{np.mean(values):.1f} ± {np.std(values):.1f} mm" if values else "–"


def _real_part(plans: list[RealPlan]) -> list[str]:
    if not plans:
        return ["The real scans are absent on this machine."]
    lines = [
        f"| scan | verdict | side | {' | '.join(_APPROACHES)} |",
        "|---|---|---|" + "---|" * 4,
    ]
    for plan in plans:
        for side in ("left", "right"):
            ways = {way["approach"]: way for way in plan.ways if way["side"] == side}
            cells = [_fits(ways.get(approach)) for approach in _APPROACHES]
            lines.append(f"| {plan.name} | {plan.verdict} | {side} | {' | '.join(cells)} |")
    return lines


def _fits(way: Row | None) -> str:
    if way is None:
        return "–"
    if not way["accepted"]:
        return f"no: {way['blocked_by']}"
    return f"yes, touched in {100 * way['breach_share']:.1f} %"
