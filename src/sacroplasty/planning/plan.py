"""The plan of one session: needles found, measured, judged, or refused."""

import numpy as np

from sacroplasty.anatomy import Fracture, SacrumModel, Side
from sacroplasty.errors import NoSafeCorridor
from sacroplasty.findings import Finding
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.planning.clearance_fields import build_clearance_fields
from sacroplasty.planning.comparison import (
    Offer,
    Patient,
    offers_on,
    preferred,
    second_needle,
)
from sacroplasty.planning.judgement import (
    check_anatomy,
    check_cement,
    check_one_entry,
    judge_needle,
)
from sacroplasty.planning.options import Option
from sacroplasty.planning.planned_needle import blocked_by, outcome_of, planned_needle
from sacroplasty.planning.settings import ApproachChoice, PlanningSettings
from sacroplasty.planning.trajectory_plan import ApproachOutcome, PlannedNeedle, TrajectoryPlan


def plan_trajectories(
    ct: CTVolume,
    sacrum: SacrumModel,
    settings: PlanningSettings,
    fracture: Fracture | None = None,
    vessels: Volume[np.uint8] | None = None,
) -> TrajectoryPlan:
    """The needles of each selected side, with clearances, risks, guidance and findings.

    fracture: steers the tips towards its clefts if the user drew or confirmed it. vessels: what
    the user labelled to be kept clear of, not 0 there.
    Deterministic for `settings.seed`. Raises `AnatomyNotTrusted` if the sacrum model failed its
    checks (unless `settings.accept_anatomy`) or left and right disagree, `FrameMismatch` if CT and
    model are not of one scan, and `NoSafeCorridor` if on a selected side no path keeps every
    margin: half a bilateral plan is refused too, because which side to leave out is the operator's
    decision.
    """
    require_same_frame(ct, sacrum)
    findings: list[Finding] = [check_anatomy(sacrum, settings.accept_anatomy)]
    fields = build_clearance_fields(sacrum, ct, vessels)
    patient = Patient.of(sacrum, fields, fracture, settings)
    needles: list[PlannedNeedle] = []
    outcomes: list[ApproachOutcome] = []
    refusals: dict[Side, str] = {}
    offers = {
        side: offers_on(patient, side, settings.approach, settings) for side in settings.sides
    }
    chosen = preferred(offers)
    for side, offered in offers.items():
        outcomes += [outcome_of(offer) for offer in offered]
        taken, refusal, said = _taken(patient, side, offered, chosen.get(side), settings)
        if refusal is not None:
            refusals[side] = refusal
        needles += [planned_needle(option, n) for n, option in enumerate(taken)]
        findings += said
    if refusals:
        raise NoSafeCorridor(_all_refusals(refusals, settings))
    if settings.body_needle:
        option, offered = _body_needle(patient, settings)
        outcomes += [outcome_of(offer) for offer in offered]
        needles.append(planned_needle(option, 0))
    for needle in needles:
        findings += judge_needle(sacrum, fields, needle, settings.margins, patient.has_skin)
    findings += check_cement(settings, tuple(needle.side for needle in needles))
    return TrajectoryPlan(
        tuple(needles), settings.margins, tuple(findings), tuple(outcomes), settings.seed
    )


def _taken(
    patient: Patient,
    side: Side,
    offers: tuple[Offer, ...],
    offer: Offer | None,
    settings: PlanningSettings,
) -> tuple[tuple[Option, ...], str | None, tuple[Finding, ...]]:
    """The options taken on one side, or why there are none, and what there is to say of a pair."""
    if offer is None:
        return (), "; ".join(dict.fromkeys(blocked_by(offer) for offer in offers)), ()
    if settings.needles_per_side == 1:
        return offer.options[:1], None, ()
    pair = second_needle(patient, offer, settings)
    if pair is None:
        refusal = (
            f"on the {side} no two safe {offer.approach.name} needles leave room for each other; "
            "plan one needle on that side"
        )
        return (), refusal, ()
    first, second, together = pair
    return (first, second), None, (check_one_entry(side, together),)


def _body_needle(patient: Patient, settings: PlanningSettings) -> tuple[Option, tuple[Offer, ...]]:
    """From the side where a shaky hand does the least harm."""
    offers = tuple(
        offer
        for side in Side
        for offer in offers_on(patient, side, ApproachChoice.S1_BODY, settings)
    )
    safe = [offer.options[0] for offer in offers if offer.options]
    if not safe:
        reasons = "; ".join(blocked_by(offer) for offer in offers)
        raise NoSafeCorridor(f"No safe corridor into the S1 body: {reasons}. Plan without it.")
    return min(safe, key=lambda o: (o.risk.mishap.share, -o.merit)), offers


def _all_refusals(refusals: dict[Side, str], settings: PlanningSettings) -> str:
    said = "; ".join(refusals.values())
    possible = [side for side in settings.sides if side not in refusals]
    advice = (
        f"A safe path exists on the {possible[0]}: plan that side alone if it is the one to treat."
        if possible
        else "Another approach, a thinner needle or other margins are the operator's decision."
    )
    return f"No safe corridor: {said}. {advice}"
