"""The options by which a command is told how to inject."""

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sacroplasty.cli import options
from sacroplasty.errors import BadUsage

if TYPE_CHECKING:
    from sacroplasty.compose import InjectionRequest


class Drives(StrEnum):
    """What the operator holds constant."""

    RATE = "rate"
    PRESSURE = "pressure"


class Stops(StrEnum):
    """Whether the operator watches."""

    NEVER = "never"
    USUAL = "usual"


Rate = Annotated[
    float | None,
    typer.Option("--rate-ml-s", help="Injection rate, mL/s.", show_default="0.05"),
]
DriveBy = Annotated[
    Drives, typer.Option("--drive", help="Hold the rate, or push as hard as the limit allows.")
]
Limit = Annotated[
    float | None,
    typer.Option("--max-mpa", help="Most pressure at the syringe, MPa. Default: a hand's."),
]
Waited = Annotated[
    float | None,
    typer.Option(
        "--waited-s",
        help="From the start of mixing to the first drop, s. Default: as the cement is used.",
    ),
]
Room = Annotated[
    float | None, typer.Option("--room-c", help="Room temperature, °C.", show_default="usual")
]
PauseBetween = Annotated[
    float, typer.Option("--pause-s", help="Between one needle and the next, s.")
]
Withdraw = Annotated[
    float, typer.Option("--withdraw", help="Draw the needle back by so many mm per mL.")
]
FlowGrid = Annotated[float, typer.Option("--grid-mm", help="Voxel of the flow grid, mm.")]
OneNeedle = Annotated[
    list[str] | None,
    typer.Option("--needle-ml", help="Another volume for one needle: NAME=mL; repeatable."),
]
DrawSeed = Annotated[
    int | None,
    typer.Option(
        "--draw",
        min=0,
        help="Inject into the bone of this random draw, veins included, not into the median.",
    ),
]
StopWhen = Annotated[
    Stops, typer.Option("--stop", help="usual: watch every wall and the volume, and stop.")
]
StopVolume = Annotated[
    float | None, typer.Option("--stop-ml", help="Stop a needle at this volume, mL.")
]
StopPressure = Annotated[
    float | None, typer.Option("--stop-mpa", help="Stop at this pressure at the syringe, MPa.")
]
StopGap = Annotated[
    float | None,
    typer.Option("--stop-gap-mm", help="Stop so near to a foramen or the canal, mm."),
]
StopPause = Annotated[
    float | None,
    typer.Option("--stop-pause-s", help="Wait so long the first time, then go on, s."),
]
StopVisible = Annotated[
    str | None,
    typer.Option(
        "--stop-when-visible",
        help="Stop once cement outside the bone shows in one of these views: ap,lateral.",
    ),
]
Reaction = Annotated[
    float | None,
    typer.Option("--reaction-s", help="Until the operator reacts, s.", show_default="usual"),
]


Heat = Annotated[
    bool, typer.Option("--heat", help="Follow the heat of the cure at bone and nerve roots.")
]
Members = Annotated[
    int,
    typer.Option(
        min=0, help="Carry the plan out so many times, as it may turn out, and count the leaks."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--odds-seed", min=0, help="Seed of these members.", show_default="0"),
]
NeuralLimit = Annotated[
    float | None,
    typer.Option("--limit", help="Share of members with a neural leak that may be risked."),
]
Workers = Annotated[
    int, typer.Option(min=1, help="Processes for the members; the answer does not depend on it.")
]


@dataclass(frozen=True, slots=True)
class InjectionOptions:
    """Cement, rate, and when to stop."""

    cement: options.Cement = options.DEFAULT_CEMENT
    needle_ml: OneNeedle = None
    rate_ml_s: Rate = None
    drive: DriveBy = Drives.RATE
    max_mpa: Limit = None
    waited_s: Waited = None
    room_c: Room = None
    pause_s: PauseBetween = 0.0
    withdraw: Withdraw = 0.0
    grid_mm: FlowGrid = 1.0
    draw: DrawSeed = None
    stop: StopWhen = Stops.NEVER
    stop_ml: StopVolume = None
    stop_mpa: StopPressure = None
    stop_gap_mm: StopGap = None
    stop_pause_s: StopPause = None
    stop_when_visible: StopVisible = None
    reaction_s: Reaction = None
    heat: Heat = False
    members: Members = 0
    odds_seed: Seed = None
    limit: NeuralLimit = None
    workers: Workers = os.cpu_count() or 1

    def request(self, each_ml: float | None = None) -> "InjectionRequest":
        """In the words of `compose`; raises `BadUsage`."""
        from sacroplasty import compose

        return compose.InjectionRequest(
            cement=self.cement,
            rate_ml_per_s=self.rate_ml_s,
            drive=self.drive.value,
            max_syringe_pressure_mpa=self.max_mpa,
            waited_s=self.waited_s,
            room_temperature_c=self.room_c,
            pause_between_needles_s=self.pause_s,
            withdraw_mm_per_ml=self.withdraw,
            grid_mm=self.grid_mm,
            each_ml=each_ml,
            needle_ml=tuple(_named_volume(text) for text in self.needle_ml or ()),
            draw_seed=self.draw,
            stop=compose.StopRequest(
                usual=self.stop is Stops.USUAL,
                most_ml=self.stop_ml,
                most_mpa=self.stop_mpa,
                neural_gap_mm=self.stop_gap_mm,
                pause_s=self.stop_pause_s,
                reaction_s=self.reaction_s,
                visible_in=_views(self.stop_when_visible),
            ),
            heat=self.heat,
            odds=compose.OddsRequest(self.members, self.odds_seed, self.limit, self.workers),
        )


def _views(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    return tuple(dict.fromkeys(name.strip() for name in text.split(",")))


def _named_volume(text: str) -> tuple[str, float]:
    name, equals, volume = text.rpartition("=")
    try:
        if not (name and equals):
            raise ValueError
        return name.strip(), float(volume)
    except ValueError:
        raise BadUsage(
            f"--needle-ml {text!r} is not NAME=mL; say for example 'left S1 short-axis=2.5'."
        ) from None
