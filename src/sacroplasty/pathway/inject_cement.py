"""Injecting through planned needles: a stage of the rehearsal, and an errand of its own."""

from sacroplasty.injection import (
    HeatRun,
    InjectionRun,
    LeakOdds,
    OddsCase,
    RowStore,
    advise,
    cool_nerve,
    cure_heat,
    inject,
    leak_odds,
    quick,
    recommend_change,
)
from sacroplasty.pathway.case_injection import CaseInjection, PlannedPatient
from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.examine import Patient, Tools, examine
from sacroplasty.pathway.notes import CaseNotes, InMemory, Report
from sacroplasty.pathway.plan_needles import plan_stage
from sacroplasty.pathway.settings import CaseSettings
from sacroplasty.pathway.view_leaks import LeakViews
from sacroplasty.pathway.watched_views import watching
from sacroplasty.planning import Planned, TrajectoryPlan
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
    planned: PlannedPatient,
    settings: CaseSettings,
    *,
    notes: CaseNotes | None = None,
    leak_views: LeakViews | None = None,
) -> CaseInjection:
    """The injection through needles that are planned already, with its page.

    leak_views: for the page, where they were compared for this plan and cement.
    """
    return injection_stage(planned, settings, notes or InMemory(), leak_views)[1]


def injection_stage(
    planned: PlannedPatient,
    settings: CaseSettings,
    notes: CaseNotes,
    leak_views: LeakViews | None = None,
) -> tuple[str, CaseInjection]:
    """Injection, heat and odds with their page, and the digest of all that the injection rests on."""
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
                watching(settings.injection, Planned(seen.ct, seen.sacrum, plan), settings.recipe),
                progress=report,
                fracture=seen.fracture,
            ),
        )
        heat = notes.stage(
            "heat", digest(key, settings.heat), lambda report: _heat(seen, run, settings, report)
        )
        odds_key = digest(key, settings.odds)
        odds = notes.stage(
            "odds", odds_key, lambda report: _odds(seen, plan, settings, notes.rows, report)
        )
    injected = CaseInjection(
        examination=seen,
        plan=plan,
        recipe=settings.recipe,
        settings=settings.injection,
        run=run,
        heat=heat,
        odds=odds,
        numbers_used=tuple(sorted(looked_up)),
        leak_views=leak_views,
    )
    page_key = digest(key, settings.heat, settings.odds, seen.pseudonym, leak_views)
    notes.stage("injection_page", page_key, lambda _: injected)
    return key, injected


def recommended_change(injected: CaseInjection) -> str:
    """One sentence: what the odds bear out where they were asked, else what the one run suggests."""
    if injected.odds is None:
        return recommend_change(injected.run, injected.plan, injected.heat)
    advice = advise(injected.odds)
    hot = cool_nerve(injected.heat) if advice.change is None else None
    return hot or advice.says


def _heat(
    seen: Examination, run: InjectionRun, settings: CaseSettings, report: Report
) -> HeatRun | None:
    """None where nobody asks, or no cement went in that could cure."""
    if settings.heat is None or run.cement.volume_mm3 <= 0:
        return None
    return cure_heat(run, seen.sacrum, settings.recipe, settings.heat, progress=report)


def _odds(
    seen: Examination,
    plan: TrajectoryPlan,
    settings: CaseSettings,
    store: RowStore | None,
    report: Report,
) -> LeakOdds | None:
    if settings.odds is None:
        return None
    patient, recipe = Planned(seen.ct, seen.sacrum, plan), settings.recipe
    injection = watching(quick(settings.injection), patient, recipe)
    case = OddsCase(seen.ct, seen.sacrum, plan, recipe, injection, seen.fracture)
    return leak_odds(case, settings.odds, store=store, workers=settings.workers, progress=report)
