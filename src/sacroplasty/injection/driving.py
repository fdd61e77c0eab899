"""What drives the cement, and the rate that a syringe's pressure allows."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from scipy.optimize import brentq

from sacroplasty.injection.pore_rheology import PoreLaw

# The rate that meets the limit is found to this; the solver decides how well it does.
_RATE_RTOL = 1e-4


class Drive(StrEnum):
    """What the operator holds constant."""

    RATE = "rate"
    PRESSURE = "pressure"


@dataclass(frozen=True, slots=True)
class Feed:
    """How one needle is fed: at this rate, or as fast as the syringe's pressure limit allows.

    cannula_mpa: pressure that the cannula eats, by rate (mm³/s) and age of the cement (s).
    least_rate_mm3_per_s: below this the needle counts as stalled. most_time_s: the injection ends
    then at the latest, counted from the first drop of the first needle.
    """

    rate_mm3_per_s: float
    volume_mm3: float
    cannula_mpa: Callable[[float, float], float]
    most_syringe_pressure_mpa: float = math.inf
    least_rate_mm3_per_s: float = 0.0
    most_time_s: float = math.inf


@dataclass(frozen=True, slots=True)
class TipState:
    """Rate and tip pressure that were solved for.

    yield_mpa and marrow_mpa: the parts of the pressure due to yield and to the enclosed marrow.
    """

    rate_mm3_per_s: float
    pressure_mpa: float
    yield_mpa: float
    marrow_mpa: float = 0.0

    def pressure_at(self, rate_mm3_per_s: float, law: PoreLaw) -> float:
        """Tip pressure at another rate in the same pattern of flow: exact for even bone.

        Cement thins with the rate, the marrow that it drives out does not.
        """
        ratio = rate_mm3_per_s / self.rate_mm3_per_s
        thins = self.pressure_mpa - self.yield_mpa - self.marrow_mpa
        return thins * ratio**law.exponent + self.marrow_mpa * ratio + self.yield_mpa


def allowed_rate(state: TipState, feed: Feed, age_s: float, law: PoreLaw) -> float:
    """The rate at which the syringe meets its limit, at most the rate that is asked for.

    0 where the limit does not even overcome the yield stress.
    """

    def over(rate: float) -> float:
        pressure = syringe_pressure_mpa(state, rate, feed, age_s, law)
        return pressure - feed.most_syringe_pressure_mpa

    if over(feed.rate_mm3_per_s) <= 0.0:
        return feed.rate_mm3_per_s
    if over(0.0) >= 0.0:
        return 0.0
    return float(brentq(over, 0.0, feed.rate_mm3_per_s, xtol=1e-9, rtol=_RATE_RTOL))


def syringe_pressure_mpa(
    state: TipState, rate_mm3_per_s: float, feed: Feed, age_s: float, law: PoreLaw
) -> float:
    """Pressure at the syringe: that at the tip and the cannula's share."""
    return state.pressure_at(rate_mm3_per_s, law) + feed.cannula_mpa(rate_mm3_per_s, age_s)
