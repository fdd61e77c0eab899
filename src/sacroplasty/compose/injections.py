"""An injection into a case folder: of a scan, or through a plan that lies there already."""

from pathlib import Path

from sacroplasty.adapters.case_folder import CaseFolder, read_planned_patient
from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.anatomy import Segmenter
from sacroplasty.compose.leak_views import kept_leak_views
from sacroplasty.pathway import (
    CaseInjection,
    CaseSettings,
    Patient,
    Tools,
    inject_cement,
    inject_planned,
)


def inject_into(
    patient: Patient,
    segmenter: Segmenter,
    settings: CaseSettings,
    folder: Path,
    *,
    watcher: Watcher | None = None,
) -> tuple[CaseInjection, CaseFolder]:
    """Anatomy, plan and injection into a case folder, resuming what is there."""
    with CaseFolder.opened(folder, watcher) as case:
        injected = inject_cement(patient, settings, tools=Tools(segmenter), notes=case)
        return injected, case


def inject_case(
    folder: Path, settings: CaseSettings, *, watcher: Watcher | None = None
) -> tuple[CaseInjection, CaseFolder]:
    """Through the needles of a case that is planned already.

    Raises `CaseConflict` for a folder without a plan, or with one that was changed.
    """
    planned = read_planned_patient(folder)
    with CaseFolder.opened(folder, watcher) as case:
        seen = planned.examination
        case.begin(seen.ct, seen.pseudonym)
        views = kept_leak_views(planned, settings.recipe, case)
        injected = inject_planned(planned, settings, notes=case, leak_views=views)
        return injected, case
