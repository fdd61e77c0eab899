"""How much cement goes through the needles of a plan."""

from dataclasses import dataclass, replace

from sacroplasty.errors import BadUsage
from sacroplasty.planning.settings import PlanningSettings
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan


@dataclass(frozen=True, slots=True)
class Dose:
    """Volumes (mL) in place of the planned ones: `each_ml` for every needle, others by name.

    Raises `BadUsage` for a volume that no needle may be asked to give.
    """

    each_ml: float | None = None
    by_name: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        named = [name for name, _ in self.by_name]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise BadUsage(f"Needle {twice[0]!r} is given two volumes; give it one.")
        for volume in (self.each_ml, *(ml for _, ml in self.by_name)):
            if volume is not None:
                PlanningSettings(cement_ml_per_needle=volume)

    def through(self, plan: TrajectoryPlan) -> TrajectoryPlan:
        """The plan with these volumes; its needles stay where they are.

        Raises `BadUsage` for a name that the plan lacks.
        """
        known = [planned.name for planned in plan.needles]
        for name, _ in self.by_name:
            if name not in known:
                raise BadUsage(
                    f"The plan has no needle {name!r}; its needles are "
                    f"{', '.join(map(repr, known))}."
                )
        volumes = dict(self.by_name)
        needles = [
            _dosed(needle, volumes.get(needle.name, self.each_ml)) for needle in plan.needles
        ]
        return replace(plan, needles=tuple(needles))


def _dosed(planned: PlannedNeedle, cement_ml: float | None) -> PlannedNeedle:
    if cement_ml is None:
        return planned
    basis = f"{cement_ml:g} mL as set for the injection"
    guidance = replace(planned.guidance, cement_basis=basis)
    return replace(planned, cement_ml=cement_ml, guidance=guidance)
