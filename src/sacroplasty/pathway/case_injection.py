"""One injected sacroplasty: what the injection page shows."""

from dataclasses import dataclass

from sacroplasty.anatomy import SacrumModel
from sacroplasty.cement import CementRecipe
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import HeatRun, InjectionRun, InjectionSettings, LeakOdds
from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.view_leaks import LeakViews
from sacroplasty.planning import TrajectoryPlan


@dataclass(frozen=True, eq=False, slots=True)
class PlannedPatient:
    """A patient who has been examined and planned on; `key` is the digest that the plan rests on."""

    examination: Examination
    plan: TrajectoryPlan
    key: str


@dataclass(frozen=True, eq=False, slots=True)
class CaseInjection:
    """The patient, what was injected through which needles, and what came of it.

    heat, odds and leak_views: None where nobody asked. numbers_used: names of the `reference` rows
    that all this rests on.
    """

    examination: Examination
    plan: TrajectoryPlan
    recipe: CementRecipe
    settings: InjectionSettings
    run: InjectionRun
    heat: HeatRun | None
    odds: LeakOdds | None
    numbers_used: tuple[str, ...]
    leak_views: LeakViews | None = None

    @property
    def ct(self) -> CTVolume:
        """The scan."""
        return self.examination.ct

    @property
    def sacrum(self) -> SacrumModel:
        """The sacrum that was planned on."""
        return self.examination.sacrum
