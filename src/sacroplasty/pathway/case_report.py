"""Everything that one rehearsal found, in the order in which it was found."""

from dataclasses import dataclass

from sacroplasty.anatomy import SacrumModel
from sacroplasty.cement import CementRecipe
from sacroplasty.fluoroscopy import Radiograph
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import InjectionRun, InjectionSettings
from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.view_leaks import LeakViews
from sacroplasty.planning import PlanningSettings, TrajectoryPlan


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """One C-arm view before and after the cement; both share one pose.

    cement: the name of what was injected, so that later pictures show the same; empty if unknown.
    """

    before: Radiograph
    after: Radiograph
    cement: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the rehearsal was made of; holds no clock, path or name of a person.

    numbers_used: names of the `reference` rows that were looked up on the way.
    """

    pseudonym: str
    source_digest: str
    software: str
    planning: PlanningSettings
    injection: InjectionSettings
    numbers_used: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class CaseReport:
    """One rehearsed sacroplasty."""

    examination: Examination
    plan: TrajectoryPlan
    recipe: CementRecipe
    run: InjectionRun
    views: tuple[View, ...]
    leak_views: LeakViews
    provenance: Provenance

    @property
    def ct(self) -> CTVolume:
        """The scan."""
        return self.examination.ct

    @property
    def sacrum(self) -> SacrumModel:
        """The sacrum that was planned on."""
        return self.examination.sacrum
