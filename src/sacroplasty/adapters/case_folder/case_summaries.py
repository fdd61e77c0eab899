"""What `rehearse`, `plan` and `anatomy` print with ``--json``: documents of the folder in one."""

from dataclasses import asdict
from typing import Any

from sacroplasty.adapters.case_folder.files import read_json
from sacroplasty.adapters.case_folder.folder import CaseFolder


def rehearsal_summary(case: CaseFolder) -> dict[str, Any]:
    """{case, report, verdict, stages, plan, leaks}."""
    return {
        "case": str(case.root),
        "report": str(case.root / "report.html"),
        **_planned(case),
        "leaks": read_json(case.root / "injection" / "leaks.json"),
    }


def plan_summary(case: CaseFolder) -> dict[str, Any]:
    """{case, page, verdict, stages, plan}."""
    return {"case": str(case.root), "page": str(case.root / "plan.html"), **_planned(case)}


def anatomy_summary(case: CaseFolder) -> dict[str, Any]:
    """{case, page, verdict, stages, model, density, fracture, mri}."""
    model = read_json(case.root / "anatomy" / "model.json")
    return {
        "case": str(case.root),
        "page": str(case.root / "anatomy.html"),
        "verdict": model["verdict"],
        "stages": stages_document(case),
        "model": model,
        "density": read_json(case.root / "anatomy" / "density.json"),
        **read_json(case.root / "fracture" / "fracture.json"),
        **read_json(case.root / "mri" / "oedema.json"),
    }


def stages_document(case: CaseFolder) -> list[dict[str, Any]]:
    """[{name, seconds, peak_mb, resumed}] of this run."""
    return [asdict(record) for record in case.records]


def _planned(case: CaseFolder) -> dict[str, Any]:
    plan = read_json(case.root / "plan.json")
    model = read_json(case.root / "anatomy" / "model.json")
    return {
        "verdict": {"anatomy": model["verdict"], "plan": plan["verdict"]},
        "stages": stages_document(case),
        "plan": plan,
    }
