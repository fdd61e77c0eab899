"""What a rehearsal is asked for, room by room."""

from dataclasses import dataclass, field

from sacroplasty.cement import CementRecipe
from sacroplasty.injection import HeatSettings, InjectionSettings, OddsSettings
from sacroplasty.pathway.plan_needles import NeedlesAsked
from sacroplasty.planning import Dose


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """The choices of one rehearsal. `views` are names that `fluoroscopy` knows; the pair that misses
    least for the plan is pictured besides.

    dose: volumes in place of the planned ones. heat: how the cement cures; None: nobody asks. odds:
    how often each leak comes about, likewise; drawn by so many workers, on which nothing depends.
    numbers_used: `reference` rows that were looked up while these settings were made.
    """

    recipe: CementRecipe
    needles: NeedlesAsked = field(default_factory=NeedlesAsked)
    injection: InjectionSettings = field(default_factory=InjectionSettings)
    dose: Dose = field(default_factory=Dose)
    heat: HeatSettings | None = None
    odds: OddsSettings | None = None
    workers: int = 1
    views: tuple[str, ...] = ("ap", "lateral")
    numbers_used: tuple[str, ...] = ()
