"""One plan as one HTML file for the operator: where each needle goes, and what may go wrong."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from sacroplasty.adapters.report.bone_view import bone_views
from sacroplasty.adapters.report.palette import NEEDLE
from sacroplasty.adapters.report.paper import render_page
from sacroplasty.adapters.report.picture import Picture
from sacroplasty.adapters.report.plan_pictures import (
    along_pictures,
    barrel_pictures,
    slice_pictures,
)
from sacroplasty.adapters.report.plan_tables import (
    PassedRow,
    needle_row,
    option_rows,
    outcome_row,
    passed_rows,
    room_rows,
)
from sacroplasty.adapters.report.plan_words import crossed, entry_word
from sacroplasty.adapters.report.risk_chart import risk_chart
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import fracture_sentence, side_phrase
from sacroplasty.adapters.report.slices import LEVEL_HU, WINDOW_HU
from sacroplasty.adapters.report.tables import (
    group_findings,
    number_rows,
    scan_rows,
    setting_rows,
)
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.findings import Finding, Verdict
from sacroplasty.pathway import CasePlan
from sacroplasty.planning import PlannedNeedle


def write_plan_page(case: CasePlan, path: Path) -> None:
    """Write the page; the same plan gives the same bytes. Raises `CaseConflict`."""
    write_for_a_person(path, render_plan(case).encode("utf-8"))


@dataclass(frozen=True, slots=True)
class NeedleCard:
    """Everything that the page shows of one needle."""

    anchor: str
    name: str
    side: str
    reason: str
    crossed: str
    skin_imaged: bool
    draws: int
    along: list[Picture]
    barrel: list[Picture]
    slices: list[Picture]
    room: list[tuple[str, str]]
    passed: list[PassedRow]
    chart: Markup


def render_plan(case: CasePlan) -> str:
    """The page as HTML text."""
    seen, plan = case.examination, case.plan
    scene = Scene.of_plan(case)
    return render_page(
        "plan.html.j2",
        {
            "pseudonym": seen.pseudonym,
            "verdicts": [("Anatomy", seen.verdict), ("Plan", plan.verdict)],
            "summary": _summary(case),
            "needles": [needle_row(planned, plan.margins) for planned in plan.needles],
            "fracture": fracture_sentence(seen.fracture),
            "cards": [needle_card(case, scene, planned) for planned in plan.needles],
            "inks": [*scene.masks, NEEDLE],
            "window": f"W {WINDOW_HU:g}, L {LEVEL_HU:g} HU",
            "margin_mm": f"{plan.margins.neural_mm:.1f}",
            "outcomes": [outcome_row(outcome, plan.margins) for outcome in plan.outcomes],
            "options": [
                (f"{side_phrase(outcome.side)}, {outcome.approach}", option_rows(plan, outcome))
                for outcome in plan.outcomes
                if outcome.options
            ],
            "groups": group_findings({"anatomy": seen.sacrum.findings, "plan": plan.findings}),
            "numbers": number_rows(case.numbers_used),
            "renderings": bone_views(scene),
            "settings": [*setting_rows(case.settings), ("anatomy engine", seen.sacrum.engine)],
            "scan": scan_rows(seen.ct),
        },
    )


def needle_card(case: CasePlan, scene: Scene, planned: PlannedNeedle) -> NeedleCard:
    """One needle as the page shows it."""
    plan = case.plan
    return NeedleCard(
        anchor=f"needle-{plan.needles.index(planned) + 1}",
        name=planned.name,
        side=side_phrase(planned.side),
        reason=planned.reason,
        crossed=" and ".join(crossed(planned)),
        skin_imaged=entry_word(plan, planned) == "skin",
        draws=planned.risk.draws,
        along=along_pictures(scene, plan, planned),
        barrel=barrel_pictures(scene, plan, planned),
        slices=slice_pictures(scene, plan, planned),
        room=room_rows(plan, planned),
        passed=passed_rows(plan, planned),
        chart=risk_chart(planned),
    )


def _summary(case: CasePlan) -> list[str]:
    """The plan in a few plain sentences."""
    needles, everything = case.plan.needles, _everything(case)
    names = ", ".join(planned.name for planned in needles)
    count = "One needle is" if len(needles) == 1 else f"{len(needles)} needles are"
    failed, unseen = (
        sum(f.verdict is verdict for f in everything)
        for verdict in (Verdict.FAIL, Verdict.NOT_CHECKED)
    )
    of_checks = (
        f"{failed} checks failed" if failed > 1 else f"{'One' if failed else 'No'} check failed"
    )
    open_ones = f" and {unseen} could not be made, which is no pass" if unseen else ""
    return [f"{count} planned: {names}.", f"{of_checks}{open_ones}."]


def _everything(case: CasePlan) -> tuple[Finding, ...]:
    return (*case.examination.sacrum.findings, *case.plan.findings)
