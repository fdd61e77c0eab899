"""How the odds of a leak rise with the volume, and how much may go in."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from sacroplasty.errors import BadUsage
from sacroplasty.planning import Chance

Floats = NDArray[np.float64]
_TWO_SIDED = 0.05


@dataclass(frozen=True, slots=True)
class SafeVolume:
    """The largest volume that keeps the odds of a leak under a limit, with its interval (95 %).

    `ml` is None where even the whole volume does; `low_ml` and `high_ml` likewise, each for its
    own end. 0 mL: no volume does.
    """

    limit: float
    ml: float | None
    low_ml: float | None
    high_ml: float | None


@dataclass(frozen=True, eq=False, slots=True)
class OnsetOdds:
    """Onset volumes of one kind of leak, sorted (members,); inf for members that had none.

    The chance of a leak by a volume V is the share of members whose leak began at or before V. A
    smaller injection is the beginning of a larger one, so this needs no further runs, and it can
    only rise with V.
    """

    onset_ml: Floats

    def __post_init__(self) -> None:
        ordered = np.sort(self.onset_ml)
        ordered.flags.writeable = False
        object.__setattr__(self, "onset_ml", ordered)

    def by_volume(self, volume_ml: float) -> Chance:
        """The chance that this leak has begun once so much is in."""
        hits = int(np.searchsorted(self.onset_ml, volume_ml, side="right"))
        return Chance.of(hits, self.onset_ml.size)

    def safe_volume(self, limit: float) -> SafeVolume:
        """The largest volume below which the share of leaks is at most `limit`.

        It is a quantile of the onset volumes, the k-th smallest with k = ⌊n · limit⌋ + 1, short of
        which at most n · limit members leak. Its interval is that of order statistics and assumes
        no distribution: the number of members that leak below the true quantile is binomial.
        """
        if not 0.0 < limit < 1.0:
            raise BadUsage(f"A limit of {limit} on a probability is outside 0–1.")
        n = self.onset_ml.size
        low = int(binom.ppf(_TWO_SIDED / 2, n, limit))
        high = int(binom.ppf(1 - _TWO_SIDED / 2, n, limit)) + 1
        return SafeVolume(
            limit, self._at(math.floor(n * limit + 1e-9)), self._at(low - 1), self._at(high - 1)
        )

    def _at(self, rank: int) -> float | None:
        """The onset of this rank (from 0); 0 below all, None where no leak has it."""
        if rank < 0:
            return 0.0
        if rank >= self.onset_ml.size or not np.isfinite(self.onset_ml[rank]):
            return None
        return float(self.onset_ml[rank])
