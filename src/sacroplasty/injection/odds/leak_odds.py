"""The odds of one plan in one patient: the front door of the Monte Carlo."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Grid, Volume
from sacroplasty.injection.odds.member import MemberLeak, MemberRow, OddsStudy, Site
from sacroplasty.injection.odds.member_rows import Progress, RowStore, member_rows, study_digest
from sacroplasty.injection.odds.odds_case import OddsCase, OddsSettings
from sacroplasty.injection.odds.onset_odds import OnsetOdds
from sacroplasty.injection.odds.tornado import Influence, tornado
from sacroplasty.planning import Chance

_SHARES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Spread:
    """5 %, median and 95 % quantile over the members."""

    p05: float
    p50: float
    p95: float


@dataclass(frozen=True, eq=False, slots=True)
class LeakOdds:
    """What happened in all members, and what follows for the plan.

    rows: one a member, by index. needles: names, in the order of the plan. settings and grid: of
    the study, which `OddsStudy(case, settings, grid).run(member)` replays. study: its digest, ""
    where no row was kept.
    """

    rows: tuple[MemberRow, ...]
    needles: tuple[str, ...]
    planned_ml: tuple[float, ...]
    settings: OddsSettings
    grid: Grid
    study: str = ""

    @property
    def members(self) -> int:
        """How many times the plan was carried out."""
        return len(self.rows)

    @property
    def any_leak(self) -> Chance:
        """Any leak that counts."""
        return Chance.of(sum(any(map(self._counts, r.leaks)) for r in self.rows), self.members)

    @property
    def neural(self) -> Chance:
        """Cement in a foramen or in the canal, by whatever way."""
        return Chance.of(int(self.neural_members.sum()), self.members)

    @property
    def neural_members(self) -> NDArray[np.bool_]:
        """In which members that was so (members,)."""
        return np.array([row.neural for row in self.rows])

    @property
    def leaked_ml(self) -> NDArray[np.float64]:
        """All cement outside the sacrum, traces too (members,)."""
        return np.array([row.leaked_ml for row in self.rows])

    @property
    def by_site(self) -> dict[Site, Chance]:
        """The chance of a leak that counts at each site that had one, the likeliest first."""
        hits: dict[Site, int] = {}
        for row in self.rows:
            for where in {leak.where for leak in row.leaks if self._counts(leak)}:
                hits[where] = hits.get(where, 0) + 1
        order = sorted(hits, key=lambda where: (-hits[where], where.label))
        return {where: Chance.of(hits[where], self.members) for where in order}

    @property
    def misplaced(self) -> Chance:
        """That some tip lies outside the sacrum, and is injected all the same."""
        return Chance.of(sum(not all(row.tips_in_bone) for row in self.rows), self.members)

    @property
    def delivered_ml(self) -> Spread:
        """Cement that went in, by all needles."""
        return _spread([math.fsum(row.delivered_ml) for row in self.rows])

    @property
    def peak_tip_mpa(self) -> Spread:
        """Highest pressure at the tip."""
        return _spread([row.peak_tip_mpa for row in self.rows])

    @property
    def peak_syringe_mpa(self) -> Spread:
        """Highest pressure at the syringe."""
        return _spread([row.peak_syringe_mpa for row in self.rows])

    @property
    def tornado(self) -> tuple[Influence, ...]:
        """What matters most to the chance of a neural leak, the longest bar first."""
        return tornado(self.rows)

    def onsets(self, wanted: Callable[[MemberLeak], bool] | None = None) -> OnsetOdds:
        """By the total volume: leaks that `wanted` picks, neural ones unless told otherwise."""
        return self._onsets(wanted or _is_neural, lambda leak: leak.onset_ml)

    def onsets_of_needle(self, needle: int) -> OnsetOdds:
        """By what one needle has delivered: neural leaks that began while it was open."""
        return self._onsets(
            lambda leak: leak.neural and leak.needle == needle, lambda leak: leak.needle_ml
        )

    def neural_up_to(self, most_ml: tuple[float, ...]) -> NDArray[np.bool_]:
        """Members (members,) with a neural leak had each needle stopped at its own volume."""
        return np.array(
            [
                any(leak.neural and leak.needle_ml <= most_ml[leak.needle] for leak in row.leaks)
                for row in self.rows
            ]
        )

    def cement_chance(self) -> Volume[np.float32]:
        """The chance of cement in every voxel of the flow grid: half its pores filled."""
        count = np.zeros(math.prod(self.grid.shape), dtype=np.int64)
        for row in self.rows:
            if row.reached:
                count += np.unpackbits(np.frombuffer(row.reached, dtype=np.uint8), count=count.size)
        share = (count / self.members).astype(np.float32).reshape(self.grid.shape)
        return Volume(share, self.grid)

    def convergence(self) -> tuple[tuple[int, Chance], ...]:
        """The chance of a neural leak after the first 10, 20, 50, 100, … members, and after all."""
        hits = np.cumsum(self.neural_members)
        steps = [m * 10**e for e in range(1, 7) for m in (1, 2, 5)]
        counts = [n for n in steps if n < self.members] + [self.members]
        return tuple((n, Chance.of(int(hits[n - 1]), n)) for n in counts)

    def _counts(self, leak: MemberLeak) -> bool:
        """A trace beside no nerve is below what a radiograph shows, and is not counted."""
        return leak.neural or leak.volume_ml >= self.settings.least_counted_ml

    def _onsets(
        self, wanted: Callable[[MemberLeak], bool], volume: Callable[[MemberLeak], float]
    ) -> OnsetOdds:
        first = [
            min((volume(leak) for leak in row.leaks if wanted(leak)), default=math.inf)
            for row in self.rows
        ]
        return OnsetOdds(np.array(first))


def leak_odds(
    case: OddsCase,
    settings: OddsSettings,
    *,
    grid: Grid | None = None,
    store: RowStore | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> LeakOdds:
    """Carry out a plan many times, each time as it may turn out, and count the leaks.

    Each member draws where the needles come to lie, the bone's permeability and its pattern, the
    fracture's aperture, veins, the gap along the needle, the tissues around, the batch of cement
    and the operator's rate (`Factor`). workers: processes, one a core at most; the answer does not depend on them.
    store: keeps each row as it comes, so that a study that was stopped goes on where it was.
    progress: hears the share done, 0…1. grid: `common_grid` of all plans that are to be compared
    under one seed. `QUICK` is the accuracy that a thousand members want: put it into
    `case.injection`. The odds are those of the priors: they rank plans and are not calibrated.
    """
    study = OddsStudy(case, settings, grid)
    rows = member_rows(study, store, workers, progress or (lambda _: None))
    needles = case.plan.needles
    return LeakOdds(
        rows,
        tuple(planned.name for planned in needles),
        tuple(planned.cement_ml for planned in needles),
        settings,
        study.grid,
        study_digest(study) if store else "",
    )


def _is_neural(leak: MemberLeak) -> bool:
    return leak.neural


def _spread(values: list[float]) -> Spread:
    low, middle, high = np.quantile(values, _SHARES).tolist()
    return Spread(low, middle, high)
