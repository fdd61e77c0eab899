"""The operator at one needle: he looks, and his hand follows a moment later.

A look costs as much as what has filled since the last one, so that it can be made while a trainee
injects. Whoever goes on after a pause has accepted what he saw: a wall meets the rule again once
cement comes nearer to it than it was, or deeper into it, and of a leak only what has come out since
counts, as against a subtracted picture.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Points
from sacroplasty.injection.needle_course import NeedleCourse
from sacroplasty.injection.stop_event import Deed, StopCause, StopEvent
from sacroplasty.injection.stop_rule import Pause, StopRule
from sacroplasty.injection.wall import Wall
from sacroplasty.injection.wall_gaps import WallGaps
from sacroplasty.units import ml_from_mm3

# Times that differ by less are the same moment.
MOMENT_S = 1e-9
# The cap counts as passed from this share over it: the planned volume may be the cap.
_CAP_RTOL = 1e-6


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A limit that was just met, and what was in by then."""

    time_s: float
    delivered_mm3: float
    cause: StopCause
    value: float
    limit: float | None
    wall: Wall | None = None
    views: tuple[str, ...] = ()


class Watch:
    """Watches one course by a rule (None: nobody watches) and acts on it. `events` is what happened."""

    def __init__(self, rule: StopRule | None, walls: WallGaps, needle: int, now_s: float) -> None:
        self._rule = rule
        self._walls = walls
        self._needle = needle
        self.events: list[StopEvent] = []
        self._due_s = math.inf if rule is None else now_s + rule.look_every_s
        self._hand_s = math.inf
        self._waits_until_s = -math.inf
        self._pauses = 0
        self._seen = 0
        self._pending: list[_Sighting] = []
        self._least: dict[Wall, float] = {}
        self._accepted: dict[Wall, float] = {}
        self._outside: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._outside_mm3: NDArray[np.float64] = np.zeros(0)

    def advance(self, course: NeedleCourse, most_s: float = math.inf) -> None:
        """One step of the course or one wait of at most `most_s`, and a look where one is due."""
        flow = course.flow
        wait = min(self._waits_until_s, course.feed.most_time_s) - flow.now_s
        if wait > MOMENT_S:
            course.rest(min(most_s, wait))
            return
        course.step(min(most_s, min(self._due_s, self._hand_s) - flow.now_s))
        if self._rule is None:
            return
        if course.is_over or flow.now_s >= self._due_s - MOMENT_S:
            self._look(course, self._rule)
            self._due_s = flow.now_s + self._rule.look_every_s
        if course.is_over:
            self._settle(course, Deed.TOO_LATE, 0.0)
        elif flow.now_s >= self._hand_s - MOMENT_S:
            self._look(course, self._rule)
            self._act(course, self._rule)

    def _look(self, course: NeedleCourse, rule: StopRule) -> None:
        known = {(s.cause, s.wall) for s in self._pending}
        self._pending += [
            s for s in self._sightings(course, rule) if (s.cause, s.wall) not in known
        ]
        if self._pending and math.isinf(self._hand_s):
            self._hand_s = course.flow.now_s + rule.reaction_s

    def _act(self, course: NeedleCourse, rule: StopRule) -> None:
        capped = any(s.cause is StopCause.VOLUME for s in self._pending)
        then = rule.then
        if isinstance(then, Pause) and self._pauses < then.at_most and not capped:
            self._pauses += 1
            self._accept()
            self._settle(course, Deed.PAUSED, then.seconds)
            self._waits_until_s = course.flow.now_s + then.seconds
            self._due_s = self._waits_until_s + rule.look_every_s
            return
        self._settle(course, Deed.STOPPED, 0.0)
        course.stop("stop rule")

    def _accept(self) -> None:
        """What was seen up to a pause."""
        self._accepted = dict(self._least)
        if any(s.cause is StopCause.SEEN_LEAK for s in self._pending):
            self._outside, self._outside_mm3 = self._outside[:0], self._outside_mm3[:0]

    def _settle(self, course: NeedleCourse, deed: Deed, paused_s: float) -> None:
        """The sightings become events."""
        for s in self._pending:
            more_ml = ml_from_mm3(course.delivered_mm3 - s.delivered_mm3)
            self.events.append(
                StopEvent(s.time_s, self._needle, s.cause, s.value, s.limit, s.wall, s.views,
                          deed, paused_s, more_ml)
            )  # fmt: skip
        self._pending = []
        self._hand_s = math.inf

    def _sightings(self, course: NeedleCourse, rule: StopRule) -> Iterator[_Sighting]:
        moment = course.flow.now_s, course.delivered_mm3
        ml = ml_from_mm3(course.delivered_mm3)
        if rule.most_ml is not None and ml > rule.most_ml * (1.0 + _CAP_RTOL):
            yield _Sighting(*moment, StopCause.VOLUME, ml, rule.most_ml)
        syringe_mpa, most_mpa = course.now[1], rule.most_syringe_pressure_mpa
        if most_mpa is not None and syringe_mpa > most_mpa:
            yield _Sighting(*moment, StopCause.SYRINGE_PRESSURE, syringe_mpa, most_mpa)
        new, volume_mm3 = course.flow.filled_since(self._seen)
        self._seen += new.size
        if new.size:
            yield from self._near_walls(moment, new, rule)
            yield from self._seen_outside(moment, new, volume_mm3, rule)

    def _near_walls(
        self, moment: tuple[float, float], new: NDArray[np.int64], rule: StopRule
    ) -> Iterator[_Sighting]:
        for site, least_mm in rule.keep_off.watched():
            gaps = self._walls.gap_mm(site)[new]
            near: dict[Wall, float] = {}
            for n in np.flatnonzero(gaps <= least_mm).tolist():
                wall = self._walls.wall_at(site, int(new[n]))
                near[wall] = min(float(gaps[n]), near.get(wall, math.inf))
            for wall, gap in near.items():
                self._least[wall] = min(gap, self._least.get(wall, math.inf))
                if gap < self._accepted.get(wall, math.inf):
                    yield _Sighting(*moment, StopCause.WALL, gap, least_mm, wall)

    def _seen_outside(
        self, moment: tuple[float, float], new: NDArray[np.int64],
        volume_mm3: NDArray[np.float64], rule: StopRule,
    ) -> Iterator[_Sighting]:  # fmt: skip
        out = self._walls.outside_bone[new]
        if rule.sight is None or not out.any():
            return
        self._outside = np.concatenate([self._outside, new[out]])
        self._outside_mm3 = np.concatenate([self._outside_mm3, volume_mm3[out]])
        grid = self._walls.grid
        kji = np.stack(np.unravel_index(self._outside, grid.shape), axis=-1)
        where = Points(grid.points_at(kji).xyz, grid.frame)
        views = rule.sight.first_seen(where, self._outside_mm3)
        if views:
            leaked = ml_from_mm3(float(self._outside_mm3.sum()))
            yield _Sighting(*moment, StopCause.SEEN_LEAK, leaked, None, None, tuple(views))
