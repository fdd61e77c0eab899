"""One needle's injection, step by step: rate, pressure limit, withdrawal, and why it ends."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.injection.driving import Feed, TipState, allowed_rate, syringe_pressure_mpa
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.needle_tip import TipPath
from sacroplasty.injection.tip_source import TipSource

# Cement that is still to come below this share of the volume is rounding.
_VOLUME_RTOL = 1e-9
# How close the syringe is held to its limit.
_PRESSURE_RTOL = 5e-3
_MOST_TRIES = 10
# A step is at most as long as cement takes to thicken by this share.
_THICKENING_PER_STEP = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class NeedleFlow:
    """What one needle did: columns of the timeline (n,), and why it stopped.

    volume_mm3 is what this needle has delivered by `time_s`; the pressures are what it then takes
    to deliver more at `rate_mm3_per_s`.
    stopped: "" where the whole volume went in, else "stalled", "no space", "time limit" or
    "stop rule".
    """

    time_s: NDArray[np.float64]
    volume_mm3: NDArray[np.float64]
    tip_pressure_mpa: NDArray[np.float64]
    syringe_pressure_mpa: NDArray[np.float64]
    rate_mm3_per_s: NDArray[np.float64]
    delivered_mm3: float
    stopped: str


class NeedleCourse:
    """A needle that injects into a flow, in steps that the caller may shorten.

    syringe_age_s: chemical age of the cement that leaves the tip, by time since the first drop.
    """

    def __init__(
        self, flow: FrontFlow, tip: TipPath, feed: Feed, syringe_age_s: Callable[[float], float]
    ) -> None:
        self.flow, self.tip, self.feed = flow, tip, feed
        self.delivered_mm3 = 0.0
        self._syringe_age_s = syringe_age_s
        self._rows: list[tuple[float, float, float, float, float]] = []
        self._rate = feed.rate_mm3_per_s
        self._lost = 0.0
        self._first = True
        self._withdrawn_mm = 0.0
        self._pulled_mm = 0.0
        self._at_rest = True
        self._age_s = syringe_age_s(flow.now_s)
        self._source = tip.source(flow, 0.0)
        self.stopped = "" if self._source is not None else "no space"

    @property
    def is_over(self) -> bool:
        """Whether the volume is in, or the needle has stopped."""
        return bool(self.stopped) or self._left_mm3 <= _VOLUME_RTOL * self.feed.volume_mm3

    @property
    def _left_mm3(self) -> float:
        return self.feed.volume_mm3 - self.delivered_mm3

    def run(self, told: Callable[[float], None]) -> NeedleFlow:
        """Until the volume is in or the needle stops; `told` hears the delivered volume (mm³)."""
        while not self.is_over:
            self.step()
            told(self.delivered_mm3)
        return self.record()

    def rest(self, seconds: float) -> None:
        """Pause: nothing flows and the cement thickens."""
        self.flow.rest(seconds)
        self._first = self._at_rest = True

    def stop(self, why: str) -> None:
        """The operator ends this needle."""
        self.stopped = why

    def push_again(self) -> None:
        """A needle that stalled is pushed anew."""
        if self.stopped == "stalled":
            self.stopped = ""

    def change(self, feed: Feed) -> None:
        """Go on with another rate or pressure limit."""
        wanted = feed.rate_mm3_per_s
        if self._rate > wanted:
            self.flow.filled.rescale(wanted / self._rate, self.flow.law.exponent)
            self._rate = wanted
        self.feed = feed

    def draw_back(self, mm: float) -> None:
        """Draw the needle back by so much more; it follows in whole half voxels."""
        self._pulled_mm += mm
        self._withdraw()

    @property
    def now(self) -> tuple[float, float, float]:
        """Tip pressure and syringe pressure (MPa) and rate (mm³/s) of the last step; 0 at rest.

        The pressure that a cement with a yield stress keeps at rest is left out.
        """
        return (0.0, 0.0, 0.0) if self._at_rest else self._rows[-1][2:]

    @property
    def back_mm(self) -> float:
        """How far the needle has been drawn back."""
        return self.tip.withdrawn_mm(self.delivered_mm3) + self._pulled_mm

    def step(self, most_s: float = math.inf) -> None:
        """One step of at most `most_s` seconds, shorter where cells fill before that."""
        source, flow, feed = self._source, self.flow, self.feed
        if self.is_over or source is None:
            return
        self._age_s = self._syringe_age_s(flow.now_s)
        self._at_rest = False
        if not self._settle(source):
            self.stopped = "stalled"
            return
        if flow.now_s >= feed.most_time_s:
            self.stopped = "time limit"
            return
        most_s = min(
            most_s,
            self._left_mm3 / self._rate,
            _THICKENING_PER_STEP * flow.law.ageing_time_s / flow.body_ageing,
        )
        dt, lost = flow.advance(source, self._rate, self._syringe_age_s, most_s)
        self.delivered_mm3 += self._rate * dt - lost
        if dt <= 0.0:
            self.stopped = "stalled" if flow.held_by_yield else "no space"
        elif lost > _VOLUME_RTOL * feed.volume_mm3:
            self.stopped = "no space"
        self._withdraw()

    def record(self) -> NeedleFlow:
        """What has happened so far, with the pressure as it is now as the last row."""
        if self._source is not None and not self.stopped:
            self._age_s = self._syringe_age_s(self.flow.now_s)
            self._settle(self._source)
        elif self._rows and self.stopped == "no space":
            self._rows.append((self.flow.now_s, self.delivered_mm3, *self._rows[-1][2:]))
        columns = np.array(self._rows, dtype=np.float64).reshape(-1, 5).T.copy()
        time, volume, tip, syringe, rate = columns
        return NeedleFlow(time, volume, tip, syringe, rate, self.delivered_mm3, self.stopped)

    def _settle(self, source: TipSource) -> bool:
        """Solve, at a rate that the syringe's limit allows; False where that is below the least."""
        feed, law = self.feed, self.flow.law
        for _ in range(_MOST_TRIES):
            state = self._solve(source)
            syringe = syringe_pressure_mpa(state, self._rate, feed, self._age_s, law)
            near = abs(syringe / feed.most_syringe_pressure_mpa - 1.0) <= _PRESSURE_RTOL
            if near or (
                self._rate >= feed.rate_mm3_per_s and syringe <= feed.most_syringe_pressure_mpa
            ):
                break
            rate = allowed_rate(state, feed, self._age_s, law)
            if rate <= feed.least_rate_mm3_per_s:
                self._note_stall()
                return False
            self.flow.filled.rescale(rate / self._rate, law.exponent)
            self._first = not law.is_newtonian
            self._rate = rate
        self._note(state, syringe)
        return True

    def _note(self, state: TipState, syringe_mpa: float) -> None:
        self._rows.append(
            (self.flow.now_s, self.delivered_mm3, state.pressure_mpa, syringe_mpa, self._rate)
        )

    def _note_stall(self) -> None:
        """The syringe is at its limit and nothing flows: the cannula holds by its yield stress."""
        most = self.feed.most_syringe_pressure_mpa
        holds = self.feed.cannula_mpa(0.0, self._age_s)
        tip = max(0.0, most - holds)
        self._rows.append((self.flow.now_s, self.delivered_mm3, tip, most, 0.0))

    def _solve(self, source: TipSource) -> TipState:
        fed = self.flow.solve(source, self._rate, self._first)
        self._first = False
        mean = float(source.shares @ fed)
        near, near_yield = source.opening_drop_mpa(self._rate, self._age_s, self.flow.law)
        filled = self.flow.filled
        pressure = max(0.0, mean + near)
        marrow = min(filled.marrow_mpa, pressure)
        yielding = filled.yielding * (mean - filled.marrow_mpa) + near_yield
        return TipState(self._rate, pressure, min(max(0.0, yielding), pressure - marrow), marrow)

    def _withdraw(self) -> None:
        back = self.back_mm
        if back - self._withdrawn_mm < 0.5 * self.flow.medium.grid.spacing_mm[0]:
            return
        self.tip.leave_tract(self.flow, self._withdrawn_mm, back)
        self._withdrawn_mm = back
        self._source = self.tip.source(self.flow, back) or self._source
        self._first = True
