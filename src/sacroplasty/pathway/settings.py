"""What a rehearsal is asked for, room by room."""

from dataclasses import dataclass, field

from sacroplasty.cement import CementRecipe
from sacroplasty.injection import InjectionSettings
from sacroplasty.pathway.plan_needles import NeedlesAsked


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """The choices of one rehearsal. `views` are names that `fluoroscopy` knows.

    numbers_used: `reference` rows that were looked up while these settings were made.
    """

    recipe: CementRecipe
    needles: NeedlesAsked = field(default_factory=NeedlesAsked)
    injection: InjectionSettings = field(default_factory=InjectionSettings)
    views: tuple[str, ...] = ("ap", "lateral")
    numbers_used: tuple[str, ...] = ()
