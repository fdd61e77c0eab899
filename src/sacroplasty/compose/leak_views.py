"""Which view shows which leak, of a planned case in its folder."""

from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder import CaseFolder, read_imaged_case, visibility_document
from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.cement import CementRecipe, recipe
from sacroplasty.errors import BadUsage
from sacroplasty.pathway import LeakViews, PlannedPatient, visibility_key, visibility_stage
from sacroplasty.planning import Planned


def view_leaks_of(
    folder: Path, cement: str | None, *, watcher: Watcher | None = None
) -> tuple[LeakViews, dict[str, Any]]:
    """The table, worked out once and kept, and its document (`visibility` schema).

    Raises `BadUsage` for a case without a plan, or one that does not say its cement.
    """
    case = read_imaged_case(folder)
    if case.plan is None:
        raise BadUsage(
            f"--visibility asks which leak of a plan is seen, and {folder} has none; run "
            "`sacroplasty plan` into it first."
        )
    if cement and case.cement and cement != case.cement:
        raise BadUsage(
            f"--cement {cement!r} contradicts the case, into which {case.cement!r} was injected."
        )
    name = cement or case.cement
    if not name:
        raise BadUsage(
            "The case does not say its cement, and the barium is what is seen; give --cement NAME."
        )
    mixed, planned = recipe(name), Planned(case.ct, case.sacrum, case.plan)
    with CaseFolder.opened(folder, watcher) as notes:
        notes.begin(case.ct, case.pseudonym)
        views = visibility_stage(planned, case.plan_key, mixed, notes)
    return views, visibility_document(views)


def kept_leak_views(
    planned: PlannedPatient, mixed: CementRecipe, case: CaseFolder
) -> LeakViews | None:
    """The table that the case holds for this plan and cement; None where nobody has asked for it."""
    if case.stage_keys().get("visibility") != visibility_key(planned.key, mixed):
        return None
    seen = planned.examination
    patient = Planned(seen.ct, seen.sacrum, planned.plan)
    return visibility_stage(patient, planned.key, mixed, case)
