"""An injection as a person asks for it, in door units, made into the room's settings."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sacroplasty.cement import CementRecipe, PreparedCement
from sacroplasty.errors import BadUsage
from sacroplasty.injection import (
    BoneDraw,
    Drive,
    InjectionSettings,
    KeepOff,
    OddsSettings,
    Pause,
    StopRule,
    usual_stop_rule,
)
from sacroplasty.pathway import WatchedViews


@dataclass(frozen=True, slots=True)
class StopRequest:
    """When the operator stops; None is not watched, or as usual where `usual` is true.

    visible_in: views in which cement outside the bone is looked for; () for none.
    """

    usual: bool = False
    most_ml: float | None = None
    most_mpa: float | None = None
    neural_gap_mm: float | None = None
    pause_s: float | None = None
    reaction_s: float | None = None
    visible_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OddsRequest:
    """How often the plan is carried out in chance's hands; 0 members: not at all.

    neural_limit: share of injections with cement in a foramen or the canal that may be risked.
    """

    members: int = 0
    seed: int | None = None
    neural_limit: float | None = None
    workers: int = 1


@dataclass(frozen=True, slots=True)
class InjectionRequest:
    """What goes through the needles, how, and into which bone; None takes what is usual.

    heat: whether the cement's heat is followed until it is cold. each_ml and needle_ml: volumes in place of the planned ones, for all needles and by name.
    draw_seed: of the bone's draw; None is the median.
    """

    cement: str
    rate_ml_per_s: float | None = None
    drive: str = Drive.RATE.value
    max_syringe_pressure_mpa: float | None = None
    waited_s: float | None = None
    room_temperature_c: float | None = None
    pause_between_needles_s: float = 0.0
    withdraw_mm_per_ml: float = 0.0
    grid_mm: float = 1.0
    each_ml: float | None = None
    needle_ml: tuple[tuple[str, float], ...] = ()
    draw_seed: int | None = None
    stop: StopRequest = field(default_factory=StopRequest)
    heat: bool = False
    odds: OddsRequest = field(default_factory=OddsRequest)


def injection_settings(request: InjectionRequest, cement: CementRecipe) -> InjectionSettings:
    """The room's settings; raises `BadInput` for what cannot be done, before any work is done."""
    drive = _drive(request.drive)
    if drive is Drive.PRESSURE and request.rate_ml_per_s is not None:
        raise BadUsage(
            "Under a constant pressure the rate is what the bone gives; leave the rate out, or "
            "drive by rate."
        )
    asked: dict[str, Any] = {
        "rate_ml_per_s": request.rate_ml_per_s,
        "max_syringe_pressure_mpa": request.max_syringe_pressure_mpa,
        "waited_s": request.waited_s,
        "room_temperature_c": request.room_temperature_c,
        "stop_rule": _stop_rule(request.stop),
        "bone": _draw(request.draw_seed),
    }
    settings = replace(
        InjectionSettings(
            grid_mm=request.grid_mm,
            pause_between_needles_s=request.pause_between_needles_s,
            withdraw_mm_per_ml=request.withdraw_mm_per_ml,
            drive=drive,
        ),
        **{name: value for name, value in asked.items() if value is not None},
    )
    room_c = settings.room_temperature_c
    waited_s = cement.usual_wait_at(room_c) if settings.waited_s is None else settings.waited_s
    PreparedCement(cement, waited_s, room_c)  # refuses cement that has set, and an odd room
    return settings


def odds_settings(request: OddsRequest) -> OddsSettings | None:
    """None where no member is asked for; raises `BadUsage`."""
    if request.members == 0:
        if request.neural_limit is not None:
            raise BadUsage("A limit on the odds needs members to count; say how many.")
        if request.seed is not None:
            raise BadUsage(
                "--odds-seed draws members, and there are none; say how many: --members."
            )
        return None
    settings = OddsSettings(members=request.members, seed=request.seed or 0)
    if request.neural_limit is None:
        return settings
    return replace(settings, neural_limit=request.neural_limit)


def _drive(name: str) -> Drive:
    if name not in tuple(Drive):
        raise BadUsage(f"There is no drive {name!r}; known are {', '.join(Drive)}.")
    return Drive(name)


def _draw(seed: int | None) -> BoneDraw | None:
    return None if seed is None else BoneDraw.drawn(np.random.default_rng(seed))


def _stop_rule(asked: StopRequest) -> StopRule | None:
    """None where nothing is watched; raises `BadUsage` for a reaction to nothing."""
    if asked == StopRequest():
        return None
    limits: dict[str, Any] = {
        "most_ml": asked.most_ml,
        "most_syringe_pressure_mpa": asked.most_mpa,
        "reaction_s": asked.reaction_s,
        "sight": WatchedViews(asked.visible_in) if asked.visible_in else None,
        "then": None if asked.pause_s is None else Pause(asked.pause_s),
    }
    given = {name: value for name, value in limits.items() if value is not None}
    gap = asked.neural_gap_mm
    if asked.usual:
        rule = usual_stop_rule()
        keep_off = rule.keep_off
        if gap is not None:
            keep_off = replace(keep_off, foramina_mm=gap, canal_mm=gap)
        return replace(rule, keep_off=keep_off, **given)
    return StopRule(keep_off=KeepOff(foramina_mm=gap, canal_mm=gap), **given)
