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
    """One C-arm view before and after the cement, with the needles in both; both share one pose.

    patient: with nothing in him; grey is chosen by him alone. cement: the name of what was injected,
    empty if unknown; withdraw_mm_per_ml: how each needle came back meanwhile. Later pictures show
    the same.
    """

    patient: Radiograph
    before: Radiograph
    after: Radiograph
    cement: str = ""
    withdraw_mm_per_ml: float = 0.0


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
