"""The rows of `bench injection` as a page: what is published beside what the model gives."""

import math
from collections.abc import Iterable

from sacroplasty.bench.cohort import Row
from sacroplasty.bench.foam_rig import FoamLeak
from sacroplasty.bench.heat_targets import HeatRow
from sacroplasty.bench.leak_population import SIZES_ML, THICK, THIN
from sacroplasty.planning import Chance
from sacroplasty.reference import constant

# Site or way in our words, and the published row.
_SACRAL = (
    ("by_path", "fracture_cleft", "through the fracture's cleft", "sacral_leak_fracture_gap"),
    ("by_site", "vein", "into a vein", "sacral_leak_vein"),
    ("by_site", "foramen", "into a foramen", "sacral_leak_foramen"),
    ("by_site", "disc_L5S1", "into the L5/S1 disc", "sacral_leak_disc"),
)
_Z = 1.96


def injection_page(
    patients: list[Row], foam: Iterable[FoamLeak], portion_mm: float, heat: Iterable[HeatRow]
) -> str:
    """The page in Markdown."""
    parts = [
        ["# Injection", "", "Made by `sacroplasty bench injection`.", ""],
        ["## A foam block with one leak path", "", *_foam_part(foam), ""],
        [
            "## Coloured portions",
            "",
            "Zderic 2016 saw no interfusion between portions of 1 mL. In even foam the flow keeps "
            f"each voxel's cement within {portion_mm:.2f} mm (RMS) of its own portion's layer.",
            "",
        ],
        ["## A population of patients", "", *_population_part(patients), ""],
        ["## Temperatures", "", *_heat_part(heat), ""],
    ]
    return "\n".join(line for part in parts for line in part)


def _foam_part(leaks: Iterable[FoamLeak]) -> list[str]:
    lines = [
        "Habib 2010. The walls' tightness is set by one group, the others are predicted; the "
        "block's size, path, rate and volume are assumed.",
        "",
        "| cement | min after mixing | published | model | |",
        "|---|---|---|---|---|",
    ]
    for leak in leaks:
        inside = leak.published_low_g <= leak.modelled_g <= leak.published_high_g
        half = leak.published_high_g - leak.published_g
        verdict = "set by this group" if leak.fitted else "within 1 SD" if inside else "outside"
        lines.append(
            f"| {leak.group.cement} | {leak.group.minutes:g} | {leak.published_g:g} ± {half:.2g} g "
            f"| {leak.modelled_g:.2f} g | {verdict} |"
        )
    return lines


def _population_part(rows: list[Row]) -> list[str]:
    if not rows:
        return ["Not measured."]
    planned = [row for row in rows if row["refused"] is None]
    if not planned:
        return [f"None of {len(rows)} patients could be planned."]
    thin, thick = _pooled(planned, "found", THIN), _pooled(planned, "found", THICK)
    arms = (thin, thick, _pooled(planned, "true", THIN))
    return [
        f"{len(planned)} virtual patients with fractures ({len(rows) - len(planned)} more were "
        f"refused), {thin['members']} injections an arm, under common chances. Published leaks are "
        "those that readers saw; any leak of ours is all that the classification counts, from half "
        "a voxel on.",
        "",
        "| share of injections | published | thin cement | thick cement | thin, true anatomy |",
        "|---|---|---|---|---|",
        _line("any leak", "sacral_leak_any", [arm["any_leak"] for arm in arms], thin),
        *(
            _line(
                f"more than {size:g} mL",
                None,
                [arm["by_size"].get(f"{size:g}", 0) for arm in arms],
                thin,
            )
            for size in SIZES_ML
        ),
        *(
            _line(says, row, [arm[kind].get(key, 0) for arm in arms], thin)
            for kind, key, says, row in _SACRAL
        ),
        _line("foramen or canal", None, [arm["neural"] for arm in arms], thin),
        "",
        f"Leaked on average {thin['leaked_ml'] / thin['members']:.2f} mL of thin and "
        f"{thick['leaked_ml'] / thick['members']:.2f} mL of thick cement.",
        "",
        *_risk_ratios(thin, thick),
    ]


def _pooled(rows: list[Row], anatomy: str, cement: str) -> Row:
    arms = [
        arm
        for row in rows
        for arm in row["arms"]
        if (arm["anatomy"], arm["cement"]) == (anatomy, cement)
    ]
    pooled: Row = {
        key: sum(arm[key] for arm in arms) for key in ("members", "any_leak", "neural", "leaked_ml")
    }
    for kind in ("by_site", "by_path", "by_size"):
        names = {name for arm in arms for name in arm[kind]}
        pooled[kind] = {name: sum(arm[kind].get(name, 0) for arm in arms) for name in names}
    return pooled


def _line(says: str, row: str | None, hits: list[int], arm: Row) -> str:
    published = "–" if row is None else f"{constant(row).value:.0f} %"
    shares = " | ".join(_percent(n, arm["members"]) for n in hits)
    return f"| {says} | {published} | {shares} |"


def _percent(hits: int, members: int) -> str:
    chance = Chance.of(hits, members)
    return f"{100 * chance.share:.0f} % ({100 * chance.low:.0f}–{100 * chance.high:.0f})"


def _risk_ratios(thin: Row, thick: Row) -> list[str]:
    """Thick over thin cement, with the usual interval of the logarithm."""
    pooled, trial = constant("leak_risk_ratio_thick"), constant("leak_risk_ratio_thick_trial")
    found = [_ratio("any leak", thick["any_leak"], thin["any_leak"], thin["members"])]
    for size in (f"{size:g}" for size in SIZES_ML):
        a, b = (arm["by_size"].get(size, 0) for arm in (thick, thin))
        found.append(_ratio(f"more than {size} mL", a, b, thin["members"]))
    return [
        "Risk ratio, thick over thin (members taken as independent): " + "; ".join(found) + ". "
        f"Published of vertebral bodies: {pooled.value:g} ({pooled.low:g}–{pooled.high:g}) in a "
        f"meta-analysis, {trial.value:g} ({trial.low:g}–{trial.high:g}) in a later trial.",
        "",
        "At a given rate every pressure in the cement goes with its viscosity, so that the shape of "
        "the cement does not; the pressure of the marrow would tell thin from thick, but in these "
        "patients it drains through clefts and veins. In the tight block above it cannot, and "
        "there thick cement leaks less.",
    ]


def _ratio(says: str, a: int, b: int, n: int) -> str:
    if not a or not b:
        return f"{says}: too few"
    ratio = a / b
    error = math.sqrt(max(0.0, 1 / a - 1 / n + 1 / b - 1 / n))
    low, high = ratio * math.exp(-_Z * error), ratio * math.exp(_Z * error)
    return f"{says} {ratio:.2f} ({low:.2f}–{high:.2f})"


def _heat_part(rows: Iterable[HeatRow]) -> list[str]:
    lines = ["| study | what | published | model | |", "|---|---|---|---|---|"]
    for row in rows:
        (low, high), (least, most) = row.published, row.modelled
        lines.append(
            f"| {_short(row.study)} | {row.quantity} | {low:g}–{high:g} {row.unit} | "
            f"{least:.0f}–{most:.0f} {row.unit} | {row.verdict} |"
        )
    return lines


def _short(study: str) -> str:
    """Its authors and year, or its title where those are not noted."""
    return study.split(",")[0]
