"""What a person asks for at a door, in door units, made into the rooms' settings."""

from dataclasses import dataclass

from sacroplasty.anatomy import Side
from sacroplasty.cement import recipe
from sacroplasty.compose.injection_requests import (
    InjectionRequest,
    injection_settings,
    odds_settings,
)
from sacroplasty.injection import HeatSettings
from sacroplasty.pathway import CaseSettings, NeedlesAsked
from sacroplasty.planning import ApproachChoice, Dose, PlanningSettings
from sacroplasty.provenance import recording_numbers


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Needles as a person asks for them. No `sides` means both."""

    volume_ml: float
    gauge: int
    approach: str = ApproachChoice.AUTO.value
    sides: tuple[str, ...] = ()
    needles_per_side: int = 1
    body_needle: bool = False
    accept_anatomy: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """Needles, and what goes through them."""

    needles: PlanRequest
    injection: InjectionRequest


def needles_asked(request: PlanRequest) -> NeedlesAsked:
    """The planner's settings; raises `BadUsage` for what does not exist."""
    settings = PlanningSettings(
        approach=ApproachChoice(request.approach),
        gauge=request.gauge,
        cement_ml_per_needle=request.volume_ml,
        sides=tuple(Side(side) for side in request.sides) or tuple(Side),
        needles_per_side=request.needles_per_side,
        body_needle=request.body_needle,
        accept_anatomy=request.accept_anatomy,
        seed=request.seed,
    )
    return NeedlesAsked(settings)


def case_settings(request: RehearsalRequest) -> CaseSettings:
    """The rooms' settings; raises `BadUsage` for what does not exist, before any work is done."""
    with recording_numbers() as numbers:
        needles = needles_asked(request.needles)
        asked = request.injection
        cement = recipe(asked.cement)
        injection = injection_settings(asked, cement)
        dose = Dose(asked.each_ml, asked.needle_ml)
        heat = HeatSettings() if asked.heat else None
        odds = odds_settings(asked.odds)
    return CaseSettings(
        recipe=cement,
        needles=needles,
        injection=injection,
        dose=dose,
        heat=heat,
        odds=odds,
        workers=asked.odds.workers,
        numbers_used=tuple(sorted(numbers)),
    )
