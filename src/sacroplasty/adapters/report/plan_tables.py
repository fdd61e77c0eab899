"""The rows of the plan page's tables, as text with units."""

from dataclasses import dataclass

from sacroplasty.adapters.report.plan_words import (
    axial_angle,
    beside_midline,
    carm_phrase,
    chance_text,
    crossed,
    depth_marks,
    distance_text,
    entry_word,
    finding_of,
    percent_text,
    sagittal_angle,
    slice_text,
)
from sacroplasty.adapters.report.sentences import side_phrase
from sacroplasty.findings import Verdict
from sacroplasty.planning import (
    OBSTACLES,
    PLAIN_NAMES,
    ApproachOutcome,
    Margins,
    PlannedNeedle,
    TrajectoryPlan,
    passage_of,
)

_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class PassedRow:
    """One structure beside a needle; `verdict` None where it is crossed on purpose."""

    structure: str
    nominal: str
    margin: str
    most_keep: str
    touched: str
    verdict: Verdict | None
    says: str


def needle_row(planned: PlannedNeedle, margins: Margins) -> tuple[str, ...]:
    """One needle at a glance."""
    risk = planned.risk
    return (
        planned.name,
        side_phrase(planned.side),
        _length(planned),
        _tightest(planned, margins),
        chance_text(risk.any_breach),
        chance_text(risk.off_target),
    )


def room_rows(plan: TrajectoryPlan, planned: PlannedNeedle) -> list[tuple[str, str]]:
    """What is read off table, gantry, C-arm and shaft to set one needle."""
    guidance, gauge = planned.guidance, planned.needle.gauge
    take = guidance.needle_length_mm
    start = entry_word(plan, planned)
    depths = ", ".join(mark.text for mark in depth_marks(plan, planned)[1:])
    return [
        ("Side", side_phrase(planned.side)),
        ("Needle", f"{gauge.gauge} G, shaft {gauge.outer_diameter_mm:.2f} mm"),
        ("Length to take", f"{take:.0f} mm" if take else "none that is sold reaches the target"),
        (
            f"Entry on {start}",
            f"{slice_text(planned)}, {beside_midline(planned)}",
        ),
        ("Angle in the axial slice", axial_angle(planned)),
        ("Angle from the side", sagittal_angle(planned)),
        (f"Depths from {start}", depths),
        ("C-arm down the needle", carm_phrase(guidance.en_face)),
        ("C-arm across the needle", carm_phrase(guidance.profile)),
        ("Cement", f"{planned.cement_ml:.1f} mL. {guidance.cement_basis}."),
        ("Left in the cannula", f"{guidance.dead_volume_ml:.2f} mL, to be drawn up besides"),
        *([("Crosses on purpose", " and ".join(crossed(planned)))] if crossed(planned) else []),
    ]


def passed_rows(plan: TrajectoryPlan, planned: PlannedNeedle) -> list[PassedRow]:
    """Every structure: measured, not measured with the reason, or crossed on purpose."""
    rows = (_passed_row(plan, planned, key) for key in OBSTACLES)
    return [row for row in rows if row]


def _passed_row(plan: TrajectoryPlan, planned: PlannedNeedle, key: str) -> PassedRow | None:
    name, risk = PLAIN_NAMES[key], planned.risk
    limit = plan.margins.limits_mm[key]
    if key in planned.clearance_mm:
        value = planned.clearance_mm[key]
        low, touched = risk.clearance_p05_mm.get(key), risk.breach.get(key)
        return PassedRow(
            name,
            distance_text(value),
            f"at least {limit:.1f} mm",
            _NOTHING if low is None else distance_text(low),
            _NOTHING if touched is None else chance_text(touched),
            Verdict.PASS if value >= limit else Verdict.FAIL,
            "",
        )
    passage = passage_of(planned.approach)
    if key in passage.crosses:
        says = "crossed on purpose by this approach; no distance is kept"
        return PassedRow(name, "crossed", "none", _NOTHING, _NOTHING, None, says)
    found = finding_of(plan, f"{planned.name}: clearance {key}")
    if found is None:
        return None
    margin = f"at least {limit:.1f} mm"
    return PassedRow(
        name, "not measured", margin, _NOTHING, _NOTHING, Verdict.NOT_CHECKED, found.says
    )


def outcome_row(outcome: ApproachOutcome, margins: Margins) -> tuple[str, ...]:
    """Side and approach, paths, safe paths, and the best option's numbers or what blocks it."""
    head = (
        f"{side_phrase(outcome.side)}, {outcome.approach}",
        f"{outcome.considered:,}",
        f"{outcome.safe:,}",
    )
    if not outcome.options:
        return (*head, outcome.blocked_by or "no safe path", _NOTHING, _NOTHING)
    best = outcome.options[0]
    return (*head, _tightest(best, margins), chance_text(best.risk.any_breach), _length(best))


def option_rows(plan: TrajectoryPlan, outcome: ApproachOutcome) -> list[tuple[str, ...]]:
    """Each named option with its numbers; the one that was taken is said to be."""
    return [_option_row(plan, option) for option in outcome.options]


def _option_row(plan: TrajectoryPlan, option: PlannedNeedle) -> tuple[str, ...]:
    taken = any(_same(option, planned) for planned in plan.needles)
    what = option.reason.partition(" of the safe ")[0]
    return (
        f"{what} (planned)" if taken else what,
        _tightest(option, plan.margins),
        chance_text(option.risk.any_breach),
        percent_text(option.risk.off_target.share),
        _length(option),
        axial_angle(option),
        sagittal_angle(option),
    )


def _same(one: PlannedNeedle, other: PlannedNeedle) -> bool:
    return one.side is other.side and all(
        abs(a - b) < 1e-9
        for ends in (
            (one.needle.entry, other.needle.entry),
            (one.needle.tip, other.needle.tip),
        )
        for a, b in zip(ends[0].single, ends[1].single, strict=True)
    )


def _tightest(planned: PlannedNeedle, margins: Margins) -> str:
    """The clearance that comes nearest to its margin."""
    limits = margins.limits_mm
    if not planned.clearance_mm:
        return "no clearance was measured"
    key = min(planned.clearance_mm, key=lambda k: planned.clearance_mm[k] / max(limits[k], 0.1))
    return f"{distance_text(planned.clearance_mm[key])} to {PLAIN_NAMES[key]} (limit {limits[key]:.1f} mm)"


def _length(planned: PlannedNeedle) -> str:
    return f"{planned.needle.length_mm:.0f}\N{NO-BREAK SPACE}mm"
