"""Planning on an examination: a stage of the rehearsal, and an errand of its own."""

from dataclasses import dataclass, field

import numpy as np

from sacroplasty.geometry import Volume
from sacroplasty.pathway.case_plan import CasePlan
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
from sacroplasty.provenance import digest, recording_numbers


@dataclass(frozen=True, slots=True)
class NeedlesAsked:
    """Needles to be found as the settings say, or the operator's own; and vessels to keep clear of."""

    settings: PlanningSettings = field(default_factory=PlanningSettings)
    own: tuple[OwnNeedle, ...] = ()
    vessels: Volume[np.uint8] | None = None

    def drawn(self, own: tuple[OwnNeedle, ...], vessels: Volume[np.uint8] | None) -> "NeedlesAsked":
        """The same on a scan: with the operator's own needles (none leaves the search), and vessels."""
        return NeedlesAsked(self.settings, own, vessels)


def plan_needles(
    patient: Patient, asked: NeedlesAsked, *, tools: Tools, notes: CaseNotes | None = None
) -> tuple[Examination, TrajectoryPlan]:
    """Anatomy and plan with its page, without injection.

    Raises `AnatomyNotTrusted` or `NoSafeCorridor` where the path ends for safety.
    """
    notes = notes or InMemory()
    seen = examine(patient, tools=tools, notes=notes)
    _, plan = plan_stage(patient, seen, asked, tools, notes)
    return seen, plan


def plan_stage(
    patient: Patient, seen: Examination, asked: NeedlesAsked, tools: Tools, notes: CaseNotes
) -> tuple[str, TrajectoryPlan]:
    """The plan on an examination, with its page, and the digest of all that it depends on."""
    drawn, mri = patient.besides.fracture, patient.besides.mri
    key = digest(anatomy_key(patient.ct, tools), drawn.key if drawn else "detector", asked)
    with recording_numbers() as looked_up:
        plan = notes.stage("plan", key, lambda _: _plan(seen, asked))
    numbers = tuple(sorted(looked_up | set(asked.settings.numbers_used)))
    planned = CasePlan(seen, plan, asked.settings, numbers)
    # The pictures show marrow that is bright on the MRI, which the plan itself does not ask for.
    page_key = digest(key, mri.acquisition.source_digest if mri else "no MRI", patient.pseudonym)
    notes.stage("plan_page", page_key, lambda _: planned)
    return key, plan


def _plan(seen: Examination, asked: NeedlesAsked) -> TrajectoryPlan:
    if asked.own:
        return plan_own_needles(seen.ct, seen.sacrum, asked.own, asked.settings, asked.vessels)
    return plan_trajectories(seen.ct, seen.sacrum, asked.settings, seen.fracture, asked.vessels)
