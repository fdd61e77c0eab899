"""From a pool of safe paths to a few needles that differ in a way worth a name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.planning.candidates import Candidates, Search, needle_of
from sacroplasty.planning.corridor_search import CLEARANCE, FRACTURE, LENGTH, TILT, Pool
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.placement_error import PlacementDraws
from sacroplasty.planning.placement_risk import PlacementRisk
from sacroplasty.planning.risk_assessment import assess_risk
from sacroplasty.reference import constant

BEST_BALANCE = "best balance"
ONE_OF_TWO = "one of the best pair"
MOST_FORGIVING = "most forgiving of a shaky hand"
# What the best of each objective is called.
_BEST_OF = {
    CLEARANCE: "best clearance",
    LENGTH: "shortest",
    TILT: "nearest to the CT plane",
    FRACTURE: "nearest to the fracture",
}


@dataclass(frozen=True, eq=False, slots=True)
class Option:
    """One safe path of a search: its row, its needle, what may happen to it, and its names."""

    search: Search
    candidates: Candidates
    row: int
    needle: Needle
    risk: PlacementRisk
    names: tuple[str, ...]

    @property
    def merit(self) -> float:
        """See `candidates`."""
        return float(self.candidates.merit[self.row])


def find_options(search: Search, pool: Pool, draws: PlacementDraws) -> tuple[Option, ...]:
    """The named members of the pool, the one to take first; empty for an empty pool.

    First comes the path of greatest merit among those whose chance of a mishap is within
    `mishap_difference` of the smallest.
    """
    if not len(pool.candidates):
        return ()
    needles = [needle_of(search, pool.candidates, row) for row in range(len(pool.candidates))]
    placement = search.settings.placement
    risks = [
        assess_risk(search.fields, search.approach, needle, draws, placement) for needle in needles
    ]
    chances = np.array([risk.mishap.share for risk in risks])
    chosen = prefer(chances, pool.candidates.merit)
    names = _names(search, pool, chances, chosen)
    options = [
        Option(search, pool.candidates, row, needles[row], risks[row], said)
        for row, said in names.items()
    ]
    return tuple(sorted(options, key=lambda option: (option.row != chosen, option.row)))


def option_at(search: Search, pool: Pool, row: int, draws: PlacementDraws) -> Option:
    """One row of a pool as half of a pair."""
    needle = needle_of(search, pool.candidates, row)
    risk = assess_risk(search.fields, search.approach, needle, draws, search.settings.placement)
    return Option(search, pool.candidates, row, needle, risk, (ONE_OF_TWO,))


def prefer(chances: NDArray[np.float64], merit: NDArray[np.float64]) -> int:
    """The row of greatest merit among those that are about as safe as the safest."""
    safest = chances <= chances.min() + constant("mishap_difference").value
    return int(np.argmax(np.where(safest, merit, -np.inf)))


def _names(
    search: Search, pool: Pool, chances: NDArray[np.float64], chosen: int
) -> dict[int, tuple[str, ...]]:
    """Names by row; the chosen row always has one."""
    winners = [(chosen, BEST_BALANCE), (int(np.argmin(chances)), MOST_FORGIVING)]
    for column, name in _BEST_OF.items():
        if column != FRACTURE or len(search.cleft):
            winners.append((int(np.argmin(pool.objectives[:, column])), name))
    names: dict[int, tuple[str, ...]] = {}
    for row, name in winners:
        names[row] = (*names.get(row, ()), name)
    return names
