"""Every approach on every side, without choosing: what is possible in this patient at all."""

from sacroplasty.anatomy import Fracture, SacrumModel
from sacroplasty.imaging import CTVolume
from sacroplasty.planning.clearance_fields import build_clearance_fields
from sacroplasty.planning.comparison import Patient, offers_on
from sacroplasty.planning.judgement import check_anatomy
from sacroplasty.planning.planned_needle import outcome_of
from sacroplasty.planning.settings import ApproachChoice, PlanningSettings
from sacroplasty.planning.trajectory_plan import ApproachOutcome


def survey_approaches(
    sacrum: SacrumModel,
    settings: PlanningSettings,
    fracture: Fracture | None = None,
    ct: CTVolume | None = None,
) -> tuple[ApproachOutcome, ...]:
    """What each approach offers on each of the settings' sides, refused ones with what blocks them.

    The same offers as those that `plan_trajectories` chooses from, and the way into the S1 body.
    ct shows skin beyond the model's working grid. Raises `AnatomyNotTrusted` as that does.
    """
    check_anatomy(sacrum, settings.accept_anatomy)
    patient = Patient.of(sacrum, build_clearance_fields(sacrum, ct), fracture, settings)
    return tuple(
        outcome_of(offer)
        for side in settings.sides
        for choice in (ApproachChoice.AUTO, ApproachChoice.S1_BODY)
        for offer in offers_on(patient, side, choice, settings)
    )
