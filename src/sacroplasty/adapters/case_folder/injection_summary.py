"""What ``inject --json`` prints: the injection of a case in one document."""

from dataclasses import asdict
from typing import Any

from sacroplasty.adapters.case_folder.case_summaries import stages_document
from sacroplasty.adapters.case_folder.documents import findings_document
from sacroplasty.adapters.case_folder.files import read_json
from sacroplasty.adapters.case_folder.folder import CaseFolder
from sacroplasty.findings import overall_verdict
from sacroplasty.pathway import CaseInjection, recommended_change
from sacroplasty.units import ml_from_mm3


def injection_document(injected: CaseInjection, case: CaseFolder) -> dict[str, Any]:
    """{case, page, growth, verdict, stages, injection, leaks, heat, odds, findings, …}."""
    root, run = case.root, injected.run
    growth = root / "injection" / "growth.gif"
    return {
        "case": str(root),
        "page": str(root / "injection.html"),
        "growth": str(growth) if growth.is_file() else None,
        "verdict": {
            "anatomy": injected.sacrum.verdict.value,
            "plan": injected.plan.verdict.value,
            "injection": overall_verdict(run.findings).value,
        },
        "stages": stages_document(case),
        "injection": {
            "cement": injected.recipe.name,
            "needles": _needles(injected),
            "mass_error": run.mass_error,
            "bone": asdict(injected.settings.bone) if injected.settings.bone else None,
        },
        "leaks": read_json(root / "injection" / "leaks.json"),
        "heat": read_json(root / "heat" / "heat.json")["heat"],
        "odds": read_json(root / "odds" / "odds.json")["odds"],
        "findings": findings_document(run.findings),
        "recommended_change": recommended_change(injected),
    }


def _needles(injected: CaseInjection) -> list[dict[str, Any]]:
    line, rows = injected.run.timeline, []
    for n, delivered in enumerate(injected.run.injected_mm3):
        planned, own = injected.plan.needles[n], line.needle == n
        rows.append(
            {
                "name": planned.name,
                "side": planned.side.value,
                "planned_ml": planned.cement_ml,
                "injected_ml": ml_from_mm3(delivered),
                "first_s": float(line.time_s[own].min()) if own.any() else None,
                "last_s": float(line.time_s[own].max()) if own.any() else None,
                "most_syringe_pressure_mpa": (
                    float(line.syringe_pressure_mpa[own].max()) if own.any() else None
                ),
            }
        )
    return rows
