"""Run a rehearsal with progress bars, and say at the end what a person wants to know first."""

import json
import sys
from pathlib import Path

from sacroplasty import NOT_A_DEVICE, compose
from sacroplasty.adapters.case_folder import (
    CaseFolder,
    anatomy_summary,
    plan_summary,
    rehearsal_summary,
)
from sacroplasty.adapters.report.sentences import fracture_sentence
from sacroplasty.anatomy import Segmenter, require_trusted
from sacroplasty.cli.ending import refuse
from sacroplasty.cli.progress import stage_progress
from sacroplasty.errors import AnatomyNotTrusted, NoSafeCorridor
from sacroplasty.findings import Verdict
from sacroplasty.pathway import CaseReport, CaseSettings, Examination, Patient
from sacroplasty.planning import OBSTACLES, TrajectoryPlan
from sacroplasty.units import ml_from_mm3

_LINE = 100
# Checks of a needle itself; a failed one ends `plan` with 3.
_OF_A_NEEDLE = (*(f"clearance {key}" for key in OBSTACLES), "needle length", "apart")


def rehearse_and_tell(
    patient: Patient,
    segmenter: Segmenter,
    settings: CaseSettings,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Rehearse into `folder`; one JSON document or a few plain lines on stdout."""
    with stage_progress() as watcher:
        report, case = compose.rehearse_into(patient, segmenter, settings, folder, watcher=watcher)
    if as_json:
        print(json.dumps(rehearsal_summary(case), indent=2))
    else:
        print(summary_text(report))
        print(case.root / "report.html")


def say_line(line: str) -> None:
    """One line of a foreign engine's progress, on stderr; control characters do nothing."""
    print("".join(c for c in line if c.isprintable())[:_LINE], file=sys.stderr, flush=True)


def summary_text(report: CaseReport) -> str:
    """Needles with their narrowest clearance, cement, leaks."""
    lines = [f"anatomy: {report.sacrum.verdict}; plan: {report.plan.verdict}"]
    lines += needle_lines(report.plan)
    found = report.run.leaks
    lines.append(
        f"cement: {ml_from_mm3(found.total_mm3):.1f} mL, "
        f"{ml_from_mm3(found.inside_bone_mm3):.1f} mL inside the sacrum"
    )
    lines.extend(
        "leak: "
        + " ".join(str(part) for part in (leak.site, leak.level, leak.side) if part)
        + f", {ml_from_mm3(leak.volume_mm3):.2f} mL"
        for leak in found.leaks
    )
    if not found.leaks:
        lines.append("leak: none found in this simulation")
    lines.append(NOT_A_DEVICE)
    return "\n".join(lines)


def needle_lines(plan: TrajectoryPlan) -> list[str]:
    """A line per needle: where it goes, what it passes, what a hand may touch."""
    lines = []
    for planned in plan.needles:
        where, least = min(planned.clearance_mm.items(), key=lambda item: item[1])
        lines.append(
            f"{planned.name}: patient's {planned.side}, {planned.approach}, {planned.level}, "
            f"{planned.needle.gauge.gauge} G, {planned.needle.length_mm:.0f} mm; "
            f"least clearance {least:.1f} mm ({where.replace('_', ' ')}); of placements by hand "
            f"{100 * planned.risk.any_breach.share:.1f} % touch something, "
            f"{100 * planned.risk.off_target.share:.1f} % miss the target"
        )
    return lines


def tell_plan(plan: TrajectoryPlan, case: CaseFolder, *, as_json: bool) -> None:
    """One JSON document or a few lines on stdout; ends with 3 where a needle breaks a margin."""
    document = plan_summary(case) if as_json else None
    if document and plan.verdict is not Verdict.FAIL:
        print(json.dumps(document, indent=2))
    elif not document:
        print(plan_text(plan))
        print(case.root / "plan.html")
    broken = [
        finding.says
        for finding in plan.findings
        if finding.verdict is Verdict.FAIL and finding.check.endswith(_OF_A_NEEDLE)
    ]
    if broken:
        refuse(
            f"A needle may not be set so: {' '.join(broken)} The plan was written with verdict fail.",
            NoSafeCorridor.__name__,
            NoSafeCorridor.exit_code,
            document,
        )
    if document and plan.verdict is Verdict.FAIL:
        print(json.dumps(document, indent=2))


def plan_text(plan: TrajectoryPlan) -> str:
    """Needles, what each approach offered, and the checks that did not pass."""
    lines = [f"plan: {plan.verdict}", *needle_lines(plan)]
    lines += [f"  {planned.reason}" for planned in plan.needles]
    lines += [
        f"{outcome.side} {outcome.level} {outcome.approach}: "
        + (
            f"{outcome.safe} of {outcome.considered} paths keep every margin"
            if outcome.options
            else f"none, {outcome.blocked_by}"
        )
        for outcome in plan.outcomes
    ]
    lines += [
        f"{finding.verdict}: {finding.says}"
        for finding in plan.findings
        if finding.verdict is not Verdict.PASS
    ]
    lines.append(NOT_A_DEVICE)
    return "\n".join(lines)


def tell_examination(seen: Examination, case: CaseFolder, *, accepted: bool, as_json: bool) -> None:
    """One JSON document or a few lines on stdout; ends with 3 where a failed check is not accepted."""
    document = anatomy_summary(case) if as_json else None
    try:
        if not accepted:
            require_trusted(seen.sacrum)
    except AnatomyNotTrusted as refusal:
        if document:
            refuse(str(refusal), type(refusal).__name__, refusal.exit_code, document)
        _print_examination(seen, case)
        raise
    if document:
        print(json.dumps(document, indent=2))
    else:
        _print_examination(seen, case)


def _print_examination(seen: Examination, case: CaseFolder) -> None:
    print(examination_text(seen))
    print(case.root / "anatomy.html")


def examination_text(seen: Examination) -> str:
    """Verdict, what was not found, and the checks that did not pass."""
    sacrum = seen.sacrum
    lines = [f"anatomy: {sacrum.verdict}, by {sacrum.engine}"]
    lines += [
        f"{finding.verdict}: {finding.says}"
        for finding in sacrum.findings
        if finding.verdict is not Verdict.PASS
    ]
    lines += [f"absent: {name.replace('_', ' ')}, {why}" for name, why in sacrum.absent.items()]
    lines.append(fracture_sentence(seen.fracture))
    lines.append(NOT_A_DEVICE)
    return "\n".join(lines)
