"""Injecting through planned needles: a stage of the rehearsal, and an errand of its own."""

from sacroplasty.injection import inject
from sacroplasty.pathway.case_injection import CaseInjection, PlannedPatient
from sacroplasty.pathway.examine import Patient, Tools, examine
from sacroplasty.pathway.notes import CaseNotes, InMemory
from sacroplasty.pathway.plan_needles import plan_stage
from sacroplasty.pathway.settings import CaseSettings
from sacroplasty.provenance import digest, note_number, recording_numbers, software_digest


def inject_cement(
    patient: Patient,
    settings: CaseSettings,
    *,
    tools: Tools,
    notes: CaseNotes | None = None,
) -> CaseInjection:
    """Anatomy, plan and injection with their pages, without radiographs.

    Raises `AnatomyNotTrusted` or `NoSafeCorridor` where the path ends for safety.
    """
    notes = notes or InMemory()
    with recording_numbers():
        seen = examine(patient, tools=tools, notes=notes)
        key, plan = plan_stage(patient, seen, settings.needles, tools, notes)
        return inject_planned(PlannedPatient(seen, plan, key), settings, notes=notes)


def inject_planned(
    planned: PlannedPatient, settings: CaseSettings, *, notes: CaseNotes | None = None
) -> CaseInjection:
    """The injection through needles that are planned already, with its page."""
    notes = notes or InMemory()
    return injection_stage(planned, settings, notes)[1]


def injection_stage(
    planned: PlannedPatient, settings: CaseSettings, notes: CaseNotes
) -> tuple[str, CaseInjection]:
    """The injection with its page, and the digest of all that it depends on."""
    seen = planned.examination
    key = digest(planned.key, software_digest(), settings.dose, settings.recipe, settings.injection)
    with recording_numbers() as looked_up:
        for number in settings.numbers_used:
            note_number(number)
        plan = settings.dose.through(planned.plan)
        run = notes.stage(
            "injection",
            key,
            lambda report: inject(
                seen.ct,
                seen.sacrum,
                plan,
                settings.recipe,
                settings.injection,
                progress=report,
                fracture=seen.fracture,
            ),
        )
    numbers = tuple(sorted(looked_up))
    case = CaseInjection(seen, plan, settings.recipe, settings.injection, run, numbers)
    notes.stage("injection_page", digest(key, seen.pseudonym), lambda _: case)
    return key, case
