"""When the operator stops, and how: a rule as a value."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from sacroplasty.errors import BadUsage
from sacroplasty.injection.leak_sight import LeakSight
from sacroplasty.leaks import LeakSite
from sacroplasty.reference import constant, constant_default

_FARTHEST_MM = 50.0
_RANGES = {
    "most_ml": ("A volume cap of {} mL", 0.01, 50.0),
    "most_syringe_pressure_mpa": ("A stop at a syringe pressure of {} MPa", 0.01, 50.0),
    "reaction_s": ("A reaction time of {} s", 0.0, 60.0),
    "look_every_s": ("A look every {} s", 0.05, 10.0),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """The operator ends this needle."""


@dataclass(frozen=True, slots=True)
class Pause:
    """He waits so many seconds while the cement thickens, then goes on; `at_most` times a needle.

    The next time that the rule is met he stops.
    """

    seconds: float = constant_default("stop_pause")
    at_most: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.seconds <= 3600.0:
            raise BadUsage(f"A pause of {self.seconds} s is outside 0–3600 s.")
        if not 1 <= self.at_most <= 100:
            raise BadUsage(f"Pausing {self.at_most} times at most is outside 1–100.")


@dataclass(frozen=True, slots=True)
class KeepOff:
    """How near the front may come to what cement must not enter, mm; None: not watched.

    Wall to wall, to half a voxel of the flow grid; 0 means that it touches. anterior and posterior:
    the soft tissue in front of and behind the sacrum.
    """

    foramina_mm: float | None = None
    canal_mm: float | None = None
    anterior_mm: float | None = None
    posterior_mm: float | None = None
    si_joint_mm: float | None = None
    disc_mm: float | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and not 0.0 <= value <= _FARTHEST_MM:
                where = one.name.removesuffix("_mm").replace("_", " ")
                raise BadUsage(
                    f"A stop distance of {value} mm to the {where} is outside 0–{_FARTHEST_MM:g} mm."
                )

    def watched(self) -> Iterator[tuple[LeakSite, float]]:
        """The sites that are watched, with their distances."""
        for site, value in (
            (LeakSite.FORAMEN, self.foramina_mm),
            (LeakSite.CANAL, self.canal_mm),
            (LeakSite.PRESACRAL, self.anterior_mm),
            (LeakSite.POSTERIOR, self.posterior_mm),
            (LeakSite.SI_JOINT, self.si_joint_mm),
            (LeakSite.DISC_L5S1, self.disc_mm),
        ):
            if value is not None:
                yield site, value


@dataclass(frozen=True, slots=True)
class StopRule:
    """What the operator watches for at each needle, how fast he reacts, and what he does then.

    most_ml and most_syringe_pressure_mpa: volume of one needle, and pressure at the syringe.
    keep_off: distance of the front to a wall. sight: who looks at the pictures and tells in which
    view cement outside the bone is seen; None: nobody. reaction_s: the injection goes on for so
    long after the rule was met. look_every_s: time between two looks. then: what he does; at the
    volume cap he always stops.
    """

    most_ml: float | None = None
    most_syringe_pressure_mpa: float | None = None
    keep_off: KeepOff = field(default_factory=KeepOff)
    sight: LeakSight | None = None
    reaction_s: float = constant_default("operator_reaction")
    look_every_s: float = constant_default("fluoroscopy_look_interval")
    then: Stop | Pause = field(default_factory=Stop)

    def __post_init__(self) -> None:
        for name, (says, low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadUsage(f"{says.format(value)} is outside {low:g}–{high:g}.")
        limits = (self.most_ml, self.most_syringe_pressure_mpa, self.sight)
        if all(limit is None for limit in limits) and not list(self.keep_off.watched()):
            raise BadUsage(
                "A stop rule without a limit stops nothing; "
                "give a volume, a pressure, a distance or a sight."
            )


def usual_stop_rule(then: Stop | Pause | None = None, sight: LeakSight | None = None) -> StopRule:
    """What is usually watched: every wall, and the volume; all of it priors of this project."""
    neural, other = constant("stop_distance_neural").value, constant("stop_distance_other").value
    return StopRule(
        most_ml=constant("stop_volume").value,
        keep_off=KeepOff(neural, neural, other, None, other, other),
        sight=sight,
        then=Stop() if then is None else then,
    )
