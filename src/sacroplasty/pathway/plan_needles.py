"""Planning on an examination: a stage of the rehearsal, and an errand of its own."""

from dataclasses import dataclass, field

from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.examine import Patient, Tools, anatomy_key, examine
from sacroplasty.pathway.notes import CaseNotes, InMemory
from sacroplasty.planning import (
    OwnNeedle,
    PlanningSettings,
    TrajectoryPlan,
    plan_own_needles,
    plan_trajectories,
)
from sacroplasty.provenance import digest


@dataclass(frozen=True, slots=True)
class NeedlesAsked:
    """Needles to be found as the settings say, or the operator's own, to be measured."""

    settings: PlanningSettings = field(default_factory=PlanningSettings)
    own: tuple[OwnNeedle, ...] = ()


def plan_needles(
    patient: Patient, asked: NeedlesAsked, *, tools: Tools, notes: CaseNotes | None = None
) -> tuple[Examination, TrajectoryPlan]:
    """Anatomy and plan, without injection.

    Raises `AnatomyNotTrusted` or `NoSafeCorridor` where the path ends for safety.
    """
    notes = notes or InMemory()
    seen = examine(patient, tools=tools, notes=notes)
    _, plan = plan_stage(patient, seen, asked, tools, notes)
    return seen, plan


def plan_stage(
    patient: Patient, seen: Examination, asked: NeedlesAsked, tools: Tools, notes: CaseNotes
) -> tuple[str, TrajectoryPlan]:
    """The plan on an examination, and the digest of all that it depends on."""
    drawn = patient.besides.fracture
    key = digest(anatomy_key(patient.ct, tools), drawn.key if drawn else "detector", asked)
    return key, notes.stage("plan", key, lambda _: _plan(seen, asked))


def _plan(seen: Examination, asked: NeedlesAsked) -> TrajectoryPlan:
    if asked.own:
        return plan_own_needles(seen.ct, seen.sacrum, asked.own, asked.settings)
    return plan_trajectories(seen.ct, seen.sacrum, asked.settings, seen.fracture)
