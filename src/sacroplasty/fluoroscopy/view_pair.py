"""Which two views to use for a plan: those that between them miss least."""

from dataclasses import dataclass
from itertools import combinations

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.bone_to_fill import planned_sides
from sacroplasty.fluoroscopy.leak_places import LeakPlace
from sacroplasty.fluoroscopy.visibility import VisibilityTable
from sacroplasty.leaks import LeakSite
from sacroplasty.planning import TrajectoryPlan

_ONE_SIDED = (LeakSite.FORAMEN, LeakSite.PRESACRAL, LeakSite.POSTERIOR, LeakSite.SI_JOINT)


@dataclass(frozen=True, slots=True)
class ViewPair:
    """Two views; `worst` d' that the better of them has at the place it shows worst.

    unseen: places at risk where neither reaches the table's threshold.
    """

    views: tuple[str, str]
    worst_place: str
    worst: float
    unseen: tuple[str, ...]


def places_at_risk(
    places: tuple[LeakPlace, ...], plan: TrajectoryPlan | None = None
) -> tuple[LeakPlace, ...]:
    """Places on the sides that get a needle, and those in the midline.

    Of the foramina, those of the needles' levels and their neighbours.
    """
    sides = planned_sides(plan)
    levels = {needle.level for needle in plan.needles} if plan and plan.needles else set()

    def concerned(place: LeakPlace) -> bool:
        if place.site in _ONE_SIDED and place.side not in sides:
            return False
        if place.level is None or not levels:
            return True
        own = int(place.level.value[1])
        return any(abs(own - int(level.value[1])) <= 1 for level in levels)

    return tuple(place for place in places if concerned(place))


def recommended_pair(table: VisibilityTable, at_risk: tuple[str, ...]) -> ViewPair:
    """The pair whose worst place is seen best (live); of equals the one better on average."""
    if len(table.views) < 2 or not at_risk:
        raise BadInput("A pair of views is chosen from two views or more, for one place or more.")

    def best(pair: tuple[str, str], place: str) -> float:
        return max(table.row(place, view).live for view in pair)

    def rank(pair: tuple[str, str]) -> tuple[float, float]:
        found = [best(pair, place) for place in at_risk]
        return min(found), sum(min(d, 10.0 * table.threshold) for d in found)

    pair = max(combinations(table.views, 2), key=rank)
    worst = min(at_risk, key=lambda place: best(pair, place))
    unseen = tuple(place for place in at_risk if best(pair, place) < table.threshold)
    return ViewPair(pair, worst, best(pair, worst), unseen)
