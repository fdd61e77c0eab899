"""An injection in the operator's hands: one command after the other, as in a rehearsal.

The same parts as `inject`, which is a session that pushes every needle to its end. A session holds
nothing that its commands and inputs do not determine: the same commands give the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.cement import CementField, CementRecipe, PreparedCement
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.injection_record import injection_record
from sacroplasty.injection.injection_run import InjectionRun
from sacroplasty.injection.needle_course import NeedleCourse, NeedleFlow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.injection.stop_event import StopEvent
from sacroplasty.injection.syringe import (
    feed_of,
    least_rate_mm3_per_s,
    needle_tip,
    syringe_age_s,
)
from sacroplasty.injection.wall import Wall
from sacroplasty.injection.wall_gaps import WallGaps
from sacroplasty.injection.watch import MOMENT_S, Watch
from sacroplasty.leaks import LeakReport, LeakSite, classify_leaks
from sacroplasty.planning import TrajectoryPlan
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3, mm3_from_ml

_LONGEST_COMMAND_S = 7200.0
_MOST_PRESSURE_MPA = 50.0


@dataclass(frozen=True, slots=True)
class Moment:
    """What the operator feels and reads: after a command, at `time_s` since the first drop.

    delivered_ml: by the open needle. stopped: "" while it can go on, else why it has ended.
    """

    time_s: float
    delivered_ml: float
    rate_ml_per_s: float
    tip_pressure_mpa: float
    syringe_pressure_mpa: float
    stopped: str


class InjectionSession:
    """One plan, injected step by step. With a stop rule the session also looks and reacts by it.

    walls: distances on the medium's grid, where a caller has them already.
    """

    def __init__(
        self, medium: BoneMedium, sacrum: SacrumModel, plan: TrajectoryPlan, recipe: CementRecipe,
        settings: InjectionSettings, walls: WallGaps | None = None,
    ) -> None:  # fmt: skip
        require_same_frame(medium, sacrum)
        room_c = settings.room_temperature_c
        waited_s = recipe.usual_wait_at(room_c) if settings.waited_s is None else settings.waited_s
        self._cement = PreparedCement(recipe, waited_s, room_c)
        self._sacrum, self._plan, self._settings = sacrum, plan, settings
        ageing = float(recipe.rheology.ageing_rate(constant("body_temperature").value))
        law = PoreLaw.of(recipe.rheology, settings.pore_shear_factor, settings.pore_exponent)
        self._flow = FrontFlow(medium, law, ageing, settings.accuracy)
        self._walls = walls or WallGaps(sacrum, medium.grid)
        self._index = -1
        self._course: NeedleCourse | None = None
        self._watch: Watch | None = None
        self._results: list[NeedleFlow] = []
        self._opened: list[int] = []
        self._events: list[StopEvent] = []
        self._least_gap: dict[LeakSite, tuple[float, Wall | None, int]] = {}
        self._finished = False

    def start(self, needle: int, volume_ml: float | None = None) -> None:
        """Open needle `needle` of the plan (from 0), for its planned volume unless told otherwise.

        The needle before it is done: its cement stands still from now on. Each is opened once.
        """
        if self._finished or needle in self._opened:
            raise BadUsage(f"Needle {needle} cannot be opened: it, or the session, is done.")
        if not 0 <= needle < len(self._plan.needles):
            raise BadUsage(
                f"There is no needle {needle}; the plan has {len(self._plan.needles)}, from 0."
            )
        self._close()
        planned = self._plan.needles[needle]
        volume = planned.cement_ml if volume_ml is None else volume_ml
        self._index = needle
        self._opened.append(needle)
        self._course = NeedleCourse(
            self._flow,
            needle_tip(planned, self._settings.withdraw_mm_per_ml),
            feed_of(planned, self._cement, self._settings, volume),
            partial(syringe_age_s, self._cement),
        )
        order = len(self._opened) - 1
        self._watch = Watch(self._settings.stop_rule, self._walls, order, self._flow.now_s)

    def run(self, told: Callable[[float], None]) -> None:
        """Push the open needle to its end; `told` hears its delivered volume (mm³)."""
        course, watch = self._open
        while not course.is_over:
            watch.advance(course)
            told(course.delivered_mm3)

    def step(self, seconds: float, rate_ml_per_s: float | None = None) -> Moment:
        """Go on for so long, at this rate from now on (None: as before; 0: the plunger is let go).

        A needle that stalled is pushed again. Where a needle has ended, only time passes.
        """
        self._require_seconds(seconds)
        course, watch = self._open
        if rate_ml_per_s is not None and rate_ml_per_s != 0.0:
            self._set_rate(course, rate_ml_per_s)
        flow = self._flow
        end_s = flow.now_s + seconds
        if rate_ml_per_s != 0.0:
            course.push_again()
            while end_s - flow.now_s > MOMENT_S and not course.is_over:
                watch.advance(course, end_s - flow.now_s)
        if end_s - flow.now_s > MOMENT_S:
            course.rest(end_s - flow.now_s)
        return self.moment

    def pause(self, seconds: float) -> Moment:
        """Wait: nothing flows and the cement thickens."""
        self._require_seconds(seconds)
        self._open[0].rest(seconds)
        return self.moment

    def press_at_most(self, syringe_pressure_mpa: float) -> None:
        """Push with this pressure at most from now on."""
        if not 0.0 < syringe_pressure_mpa <= _MOST_PRESSURE_MPA:
            raise BadUsage(
                f"A syringe pressure limit of {syringe_pressure_mpa} MPa is outside "
                f"0–{_MOST_PRESSURE_MPA:g}."
            )
        course = self._open[0]
        course.change(replace(course.feed, most_syringe_pressure_mpa=syringe_pressure_mpa))

    def withdraw(self, mm: float) -> None:
        """Draw the needle back by so much more, at most to where it enters the bone."""
        course = self._open[0]
        planned = self._plan.needles[self._index]
        tip = needle_tip(planned, self._settings.withdraw_mm_per_ml)
        left = tip.most_mm - course.back_mm
        if not 0.0 <= mm <= left:
            raise BadUsage(
                f"Drawing the needle back by {mm} mm is outside 0–{left:.1f} mm, "
                "where it enters the bone."
            )
        course.draw_back(mm)

    @property
    def moment(self) -> Moment:
        """Where the injection stands."""
        course = self._open[0]
        tip, syringe, rate = course.now
        delivered = ml_from_mm3(course.delivered_mm3)
        return Moment(self._flow.now_s, delivered, ml_from_mm3(rate), tip, syringe, course.stopped)

    @property
    def events(self) -> tuple[StopEvent, ...]:
        """What the stop rule has met so far, as far as the operator has reacted."""
        return (*self._events, *(self._watch.events if self._watch else ()))

    @property
    def cement(self) -> CementField:
        """The cement as it is now."""
        grid = self._flow.medium.grid
        return CementField(
            Volume((self._flow.cement_mm3 / grid.voxel_mm3).astype(np.float32), grid)
        )

    @property
    def leaks(self) -> LeakReport:
        """The leaks as they are now, without onsets; `finish` dates them."""
        medium = self._flow.medium
        return classify_leaks(self.cement, self._sacrum, vein=medium.vein, tract=medium.tract)

    def nearest(self, site: LeakSite) -> tuple[float, Wall | None]:
        """Least gap (mm) of the open needle's front to a site so far, and the wall.

        Negative where cement is inside; inf before anything has filled.
        """
        gap, wall, seen = self._least_gap.get(site, (float("inf"), None, 0))
        new, _ = self._flow.filled_since(seen)
        if new.size:
            gaps = self._walls.gap_mm(site)[new]
            least = int(gaps.argmin())
            if gaps[least] < gap:
                gap, wall = float(gaps[least]), self._walls.wall_at(site, int(new[least]))
            self._least_gap[site] = (gap, wall, seen + new.size)
        return gap, wall

    def finish(self) -> InjectionRun:
        """End the session and write down what happened."""
        if self._finished or not self._opened:
            raise BadUsage(
                "There is nothing to write down: no needle was opened, or it is written."
            )
        self._close()
        self._finished = True
        plan = replace(self._plan, needles=tuple(self._plan.needles[n] for n in self._opened))
        return injection_record(
            self._flow, self._sacrum, plan, self._settings, self._results, self._walls.labels,
            tuple(self._events),
        )  # fmt: skip

    @property
    def _open(self) -> tuple[NeedleCourse, Watch]:
        if self._course is None or self._watch is None:
            raise BadUsage("No needle is open; start one first.")
        return self._course, self._watch

    def _close(self) -> None:
        if self._course is None or self._watch is None:
            return
        self._results.append(self._course.record())
        self._events += self._watch.events
        self._course = self._watch = None
        self._least_gap = {}
        self._flow.let_set()
        self._flow.rest(self._settings.pause_between_needles_s)

    def _set_rate(self, course: NeedleCourse, rate_ml_per_s: float) -> None:
        least, most = (
            constant("least_injection_rate").value,
            constant("fastest_injection_rate").value,
        )
        if not least <= rate_ml_per_s <= most:
            raise BadUsage(
                f"An injection rate of {rate_ml_per_s} mL/s is outside {least:g}–{most:g}; "
                "0 lets the plunger go."
            )
        rate = mm3_from_ml(rate_ml_per_s)
        if rate != course.feed.rate_mm3_per_s:
            least_rate = least_rate_mm3_per_s(rate)
            course.change(
                replace(course.feed, rate_mm3_per_s=rate, least_rate_mm3_per_s=least_rate)
            )

    @staticmethod
    def _require_seconds(seconds: float) -> None:
        if not 0.0 < seconds <= _LONGEST_COMMAND_S:
            raise BadInput(
                f"A command of {seconds} s is outside 0–{_LONGEST_COMMAND_S:g} s; time goes on."
            )
