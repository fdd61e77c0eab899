"""One rehearsed sacroplasty, in the order in which it is done."""

from sacroplasty.fluoroscopy import (
    Inserted,
    expose,
    named_view,
    standing_needles,
    with_inserted,
    with_needles,
)
from sacroplasty.pathway.case_injection import CaseInjection, PlannedPatient
from sacroplasty.pathway.case_report import CaseReport, Provenance, View
from sacroplasty.pathway.examine import Patient, Tools, examine
from sacroplasty.pathway.inject_cement import injection_stage
from sacroplasty.pathway.notes import CaseNotes, InMemory
from sacroplasty.pathway.plan_needles import plan_stage
from sacroplasty.pathway.settings import CaseSettings
from sacroplasty.pathway.view_leaks import visibility_stage
from sacroplasty.planning import Planned
from sacroplasty.provenance import digest, recording_numbers, software_version


def rehearse(
    patient: Patient,
    settings: CaseSettings,
    *,
    tools: Tools,
    notes: CaseNotes | None = None,
) -> CaseReport:
    """Anatomy, plan, visibility of leaks, injection, radiographs; each stage a pure function of what is upstream.

    Raises `AnatomyNotTrusted` or `NoSafeCorridor` where the path ends for safety.
    """
    notes = notes or InMemory()
    with recording_numbers() as looked_up:
        examination = examine(patient, tools=tools, notes=notes)
        ct, sacrum = patient.ct, examination.sacrum
        key, plan = plan_stage(patient, examination, settings.needles, tools, notes)
        planned = PlannedPatient(examination, plan, key)
        leak_views = visibility_stage(Planned(ct, sacrum, plan), key, settings.recipe, notes)
        injection_key, injected = injection_stage(planned, settings, notes, leak_views)
        run = injected.run
        # Those that are asked for, and the pair that misses least for this plan.
        pictured = tuple(dict.fromkeys((*settings.views, *leak_views.pair.views)))
        views = notes.stage(
            "fluoroscopy",
            digest(injection_key, pictured),
            lambda _: expose_views(injected, pictured),
        )
    provenance = Provenance(
        pseudonym=patient.pseudonym,
        source_digest=ct.acquisition.source_digest,
        software=software_version(),
        planning=settings.needles.settings,
        injection=settings.injection,
        numbers_used=tuple(sorted(looked_up | set(settings.numbers_used))),
    )
    return CaseReport(
        examination, injected.plan, settings.recipe, run, views, leak_views, provenance
    )


def expose_views(injected: CaseInjection, names: tuple[str, ...]) -> tuple[View, ...]:
    """Every named view: the patient, his needles in place, and the end of the injection."""
    plan, run, recipe = injected.plan, injected.run, injected.recipe
    back = injected.settings.withdraw_mm_per_ml
    placed, left = standing_needles(plan), standing_needles(plan, run, back)
    views = []
    for name in names:
        alone = expose(injected.ct, None, named_view(name, injected.sacrum))
        before = with_needles(alone, placed)
        after = with_inserted(alone, Inserted(run.cement, left), recipe)
        views.append(View(alone, before, after, recipe.name, back))
    return tuple(views)
