"""Planning on an examination: a stage of the rehearsal, and an errand of its own."""

from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.examine import Patient, Tools, anatomy_key, examine
from sacroplasty.pathway.notes import CaseNotes, InMemory
from sacroplasty.planning import PlanningSettings, TrajectoryPlan, plan_trajectories
from sacroplasty.provenance import digest


def plan_stage(
    patient: Patient,
    seen: Examination,
    settings: PlanningSettings,
    tools: Tools,
    notes: CaseNotes,
) -> tuple[str, TrajectoryPlan]:
    """The plan on an examination, and the digest of all that it depends on."""
    drawn = patient.besides.fracture
    key = digest(anatomy_key(patient.ct, tools), drawn.key if drawn else "detector", settings)
    plan = notes.stage(
        "plan", key, lambda _: plan_trajectories(seen.ct, seen.sacrum, settings, seen.fracture)
    )
    return key, plan


def plan_needles(
    patient: Patient,
    settings: PlanningSettings,
    *,
    tools: Tools,
    notes: CaseNotes | None = None,
) -> tuple[Examination, TrajectoryPlan]:
    """Anatomy and plan, without injection.

    Raises `AnatomyNotTrusted` or `NoSafeCorridor` where the path ends for safety.
    """
    notes = notes or InMemory()
    seen = examine(patient, tools=tools, notes=notes)
    _, plan = plan_stage(patient, seen, settings, tools, notes)
    return seen, plan
