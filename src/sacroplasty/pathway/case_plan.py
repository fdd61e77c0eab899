"""One planned sacroplasty, before anything is injected: what the plan page shows."""

from dataclasses import dataclass

from sacroplasty.pathway.examination import Examination
from sacroplasty.planning import PlanningSettings, TrajectoryPlan


@dataclass(frozen=True, eq=False, slots=True)
class CasePlan:
    """The examination, the plan on it, and what was asked for.

    numbers_used: names of the `reference` rows that the plan rests on.
    """

    examination: Examination
    plan: TrajectoryPlan
    settings: PlanningSettings
    numbers_used: tuple[str, ...]
