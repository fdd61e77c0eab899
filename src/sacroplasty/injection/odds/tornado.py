"""What matters: how the outcome goes with each number that was drawn.

Every member drew every number independently of the others, so the members of a study are already a
sample of all of them: cut at the terciles of one number, the lowest and the highest third differ
by chance in everything else and by that number on purpose. Their difference in the chance of a
leak is the bar of a tornado, averaged over all the others, at no further run. It sees first-order
effects only, a number that acts in the middle of its range is not seen, and what has no scale
(where veins run, the pattern of the bone) is not in it: that is the chance that is left.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from sacroplasty.injection.odds.member import MemberRow
from sacroplasty.injection.odds.paired import Difference
from sacroplasty.planning import Chance

_FEWEST = 9
# Two-sided 95 %, also for Fisher's transform of the rank correlation.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Influence:
    """One bar: the chance of a neural leak in the lowest and the highest third of a number.

    difference: high less low, Newcombe's interval (95 %). rank_correlation: Spearman's, of the
    number with the leaked volume, with its interval.
    """

    number: str
    low_third: Chance
    high_third: Chance
    difference: Difference
    rank_correlation: Difference

    @property
    def is_certain(self) -> bool:
        """Whether its effect on the chance is told from none."""
        return self.difference.low > 0.0 or self.difference.high < 0.0


def tornado(rows: Sequence[MemberRow]) -> tuple[Influence, ...]:
    """Bars of all numbers that varied, the longest first; none from fewer than nine members."""
    if len(rows) < _FEWEST:
        return ()
    hit = np.array([row.neural for row in rows])
    leaked = np.array([row.leaked_ml for row in rows])
    bars = []
    for name in rows[0].numbers:
        drawn = np.array([row.numbers[name] for row in rows])
        if np.ptp(drawn) > 0.0:
            bars.append(_bar(name, drawn, hit, leaked))
    return tuple(sorted(bars, key=lambda bar: (-abs(bar.difference.mean), bar.number)))


def _bar(
    name: str, drawn: NDArray[np.float64], hit: NDArray[np.bool_], leaked: NDArray[np.float64]
) -> Influence:
    order = np.argsort(drawn, kind="stable")
    third = drawn.size // 3
    low = Chance.of(int(hit[order[:third]].sum()), third)
    high = Chance.of(int(hit[order[-third:]].sum()), third)
    return Influence(name, low, high, newcombe(low, high), _correlation(drawn, leaked))


def newcombe(low: Chance, high: Chance) -> Difference:
    """Difference of two independent shares, high less low, from their Wilson intervals (1998)."""
    apart = high.share - low.share
    down = math.hypot(high.share - high.low, low.high - low.share)
    up = math.hypot(high.high - high.share, low.share - low.low)
    return Difference(apart, apart - down, apart + up)


def _correlation(drawn: NDArray[np.float64], leaked: NDArray[np.float64]) -> Difference:
    """Spearman's, with the interval of Fisher's transform; 0 ± 1 where nothing leaked anywhere."""
    if np.ptp(leaked) == 0.0:
        return Difference(0.0, -1.0, 1.0)
    r = float(spearmanr(drawn, leaked).statistic)
    half = _Z * 1.03 / math.sqrt(drawn.size - 3)
    z = math.atanh(min(max(r, -0.999999), 0.999999))
    return Difference(r, math.tanh(z - half), math.tanh(z + half))
