"""What the odds are asked of, and how."""

from dataclasses import dataclass, field

import numpy as np

from sacroplasty.anatomy import Fracture, SacrumModel
from sacroplasty.cement import CementRecipe
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.geometry import Grid, Points, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.flow_grid import flow_grid
from sacroplasty.injection.odds.factor import ALL_FACTORS, Factor
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.planning import PlacementError, TrajectoryPlan
from sacroplasty.reference import constant_default
from sacroplasty.units import mm3_from_ml

_MOST_MEMBERS = 1_000_000
_MOST_UNCOUNTED_ML = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class OddsCase:
    """One plan in one patient: what `inject` takes. Its medians are those of the draws."""

    ct: CTVolume
    sacrum: SacrumModel
    plan: TrajectoryPlan
    recipe: CementRecipe
    injection: InjectionSettings = field(default_factory=InjectionSettings)
    fracture: Fracture | None = None

    def __post_init__(self) -> None:
        require_same_frame(self.ct, self.sacrum)
        if not self.plan.needles:
            raise BadInput("The plan holds no needle; plan at least one before asking its odds.")
        for planned in self.plan.needles:
            require_same_frame(self.ct, planned.needle)


@dataclass(frozen=True, slots=True)
class OddsSettings:
    """members: how many times the plan is carried out. seed: of all that is drawn.

    factors: what is drawn; the others stay as planned or at their medians. placement: how far a
    hand misses the plan. neural_limit: share of injections with cement in a foramen or the canal
    that the plan may risk. least_counted_ml: a smaller leak beside no nerve is not counted; one in
    a foramen or the canal always is. Nothing else changes with it. The members of a shorter study are the first ones of a longer one.
    """

    members: int = 200
    seed: int = 0
    factors: frozenset[Factor] = ALL_FACTORS
    placement: PlacementError = field(default_factory=PlacementError)
    neural_limit: float = constant_default("neural_leak_limit")
    least_counted_ml: float = constant_default("least_counted_leak")

    def __post_init__(self) -> None:
        if not 1 <= self.members <= _MOST_MEMBERS:
            raise BadUsage(f"A study of {self.members} members is outside 1–{_MOST_MEMBERS}.")
        if self.seed < 0:
            raise BadUsage(f"A seed is 0 or more; got {self.seed}.")
        if not 0.0 < self.neural_limit < 1.0:
            raise BadUsage(f"A limit of {self.neural_limit} on a probability is outside 0–1.")
        if not 0.0 <= self.least_counted_ml <= _MOST_UNCOUNTED_ML:
            raise BadUsage(
                f"A least leak of {self.least_counted_ml} mL that counts is outside "
                f"0–{_MOST_UNCOUNTED_ML:g}."
            )


def common_grid(*cases: OddsCase) -> Grid:
    """One flow grid for all these plans in one patient, so that they meet the same bone."""
    tips = np.vstack([p.needle.tip.xyz for case in cases for p in case.plan.needles])
    most_ml = max(p.cement_ml for case in cases for p in case.plan.needles)
    first = cases[0]
    for case in cases:
        require_same_frame(first.ct, case.ct)
    return flow_grid(
        first.ct.grid, Points(tips, first.ct.frame), mm3_from_ml(most_ml), first.injection.grid_mm
    )
