"""One virtual patient, planned: on its true anatomy, and on what the engine finds in its scan.

Every needle that the planner accepts is asked what it truly runs through (see `true_shaft`).
"""

import time
from dataclasses import dataclass, field, replace

from sacroplasty.anatomy import BuiltinSegmenter, SacrumModel, build_sacrum
from sacroplasty.bench.landmark_target import LandmarkTarget, landmark_targets
from sacroplasty.bench.true_shaft import TrueShaft, ask_shaft
from sacroplasty.errors import SacroplastyError, SafetyRefusal
from sacroplasty.imaging import CTVolume
from sacroplasty.phantom import UnscannedPatient, draw_request, make_virtual_patient
from sacroplasty.planning import (
    ApproachOutcome,
    ClearanceFields,
    PlannedNeedle,
    PlanningSettings,
    build_clearance_fields,
    measure_needle,
    passage_of,
    survey_approaches,
)

# Coarser than the 1 mm that a real scan is planned on, so that a thousand patients can be planned.
_WORKING_MM = 1.5
# Enough to choose between options; a plan for a patient draws 2,000.
_DRAWS = 500
_SETTINGS = PlanningSettings(draws=_DRAWS)
TRANSILIAC = "transiliac"


@dataclass(frozen=True, slots=True)
class PlannedWay:
    """One approach on one side.

    accepted: whether a needle was offered; blocked_by: what stood in the way where none was.
    shafts: of every needle offered, the one to take first at the head. breach_share: chance that a
    hand touches something with that one. clearance_mm: what the planner measured on it, and
    true_clearance_mm the same on the true anatomy (of a plan on a scan only).
    """

    approach: str
    side: str
    safe_paths: int
    accepted: bool
    blocked_by: str | None
    shafts: tuple[TrueShaft, ...] = ()
    breach_share: float | None = None
    clearance_mm: dict[str, float] = field(default_factory=dict)
    true_clearance_mm: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanningCase:
    """A patient's ways; refused: the sentence where no plan was made. targets: see `landmark_target`."""

    seed: int
    variant: str
    fracture: str
    refused: str | None
    ways: tuple[PlannedWay, ...] = ()
    targets: tuple[LandmarkTarget, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class KnownPatient:
    """A virtual patient's solids, true model and, where it was scanned, CT."""

    solids: UnscannedPatient
    truth: SacrumModel
    ct: CTVolume | None = None


def measure_true_plan(seed: int) -> PlanningCase:
    """The population's patient of a seed, planned on the truth at 1.5 mm, without a scan."""
    patient = UnscannedPatient.of(draw_request(seed), seed)
    truth = patient.model(_WORKING_MM)
    case = replace(_case(seed), targets=landmark_targets(truth))
    return _planned(case, KnownPatient(patient, truth), truth)


def measure_scan_plan(seed: int) -> PlanningCase:
    """The same, planned on what the built-in engine finds in the scan."""
    request = draw_request(seed)
    scanned = make_virtual_patient(request, seed)
    case = _case(seed)
    try:
        found = build_sacrum(scanned.ct, BuiltinSegmenter())
    except SafetyRefusal as refusal:
        return replace(case, refused=str(refusal))
    case = replace(case, targets=landmark_targets(found))
    patient = KnownPatient(UnscannedPatient.of(request, seed), scanned.truth, scanned.ct)
    return _planned(case, patient, found)


def _case(seed: int) -> PlanningCase:
    request = draw_request(seed)
    return PlanningCase(seed, request.variant.value, request.fracture.value, None)


def _planned(case: PlanningCase, patient: KnownPatient, model: SacrumModel) -> PlanningCase:
    started = time.perf_counter()
    try:
        outcomes = survey_approaches(model, _SETTINGS, ct=patient.ct)
    except SacroplastyError as refusal:
        return replace(case, refused=str(refusal))
    seconds = time.perf_counter() - started
    fields = None if patient.ct is None else build_clearance_fields(patient.truth, patient.ct)
    return replace(case, ways=tuple(_way(o, patient, fields) for o in outcomes), seconds=seconds)


def _way(
    outcome: ApproachOutcome, patient: KnownPatient, true_fields: ClearanceFields | None
) -> PlannedWay:
    options = outcome.options
    way = PlannedWay(
        outcome.approach, outcome.side.value, outcome.safe, bool(options), outcome.blocked_by
    )
    if not options:
        return way
    through_joint = outcome.approach == TRANSILIAC
    return replace(
        way,
        shafts=tuple(
            ask_shaft(patient.solids, patient.truth, o.needle, outcome.side, through_joint)
            for o in options
        ),
        breach_share=options[0].risk.any_breach.share,
        clearance_mm=dict(options[0].clearance_mm),
        true_clearance_mm={} if true_fields is None else _true_clearance(true_fields, options[0]),
    )


def _true_clearance(fields: ClearanceFields, planned: PlannedNeedle) -> dict[str, float]:
    return measure_needle(fields, planned.needle, passage_of(planned.approach)).clearance_mm
