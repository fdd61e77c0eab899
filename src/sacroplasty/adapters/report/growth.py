"""Cement growing in three cuts and in space, with clock, volume, pressure and leaks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.report.gif import encode_gif
from sacroplasty.adapters.report.growth_instants import Instant, growth_instants
from sacroplasty.adapters.report.growth_panels import PANEL_PIXELS, FrontView, tip_panels
from sacroplasty.adapters.report.growth_state import GrowingCement
from sacroplasty.adapters.report.lettering import write_lines
from sacroplasty.adapters.report.palette import CEMENT, LEAK
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import SITE_WORDS, side_phrase
from sacroplasty.pathway import CaseInjection
from sacroplasty.units import ml_from_mm3

RGB = NDArray[np.uint8]

_STEPS = 24
_STILLS = 3
_FRAME_MS, _FIRST_MS, _LAST_MS = 160, 900, 2600
_GAP = 4
_HEAD, _FOOT = 74, 20
_NAMED_LEAKS = 2


@dataclass(frozen=True, eq=False, slots=True)
class Growth:
    """The frames of one injection, RGB, and when they are."""

    instants: list[Instant]
    frames: list[RGB]

    @property
    def gif(self) -> bytes:
        """The moving picture; it rests on the last frame before it begins again."""
        times = [_FRAME_MS] * len(self.frames)
        times[0], times[-1] = _FIRST_MS, _LAST_MS
        return encode_gif(self.frames, times, (LEAK.colour, CEMENT.colour))

    @property
    def stills(self) -> list[tuple[Instant, RGB]]:
        """A few frames from early to the last, for paper."""
        if not self.frames:
            return []
        last = len(self.frames) - 1
        chosen = np.unique(np.linspace(last / _STILLS, last, _STILLS).round().astype(int))
        return [(self.instants[n], self.frames[n]) for n in chosen.tolist()]


def film_growth(case: CaseInjection, steps: int = _STEPS) -> Growth:
    """One frame per instant; no frame where no cement went in.

    The cuts go through the tip of the needle that injects at that moment.
    """
    scene = Scene.of_injection(case)
    instants = growth_instants(case.run, steps)
    if not instants:
        return Growth([], [])
    front, cement = FrontView(scene), GrowingCement(case.run, case.sacrum)
    panels = {n: tip_panels(scene, case.plan.needles[n]) for n in {i.needle for i in instants}}
    frames = []
    for instant in instants:
        growing = cement.at(instant.time_s)
        views = [
            *(p.with_cement(growing) for p in panels[instant.needle]),
            front.with_cement(growing),
        ]
        frames.append(_sheet(views, _head_lines(case, instant)))
    return Growth(instants, frames)


def _sheet(views: list[RGB], lines: list[str]) -> RGB:
    """Four square views in two rows, lines of text above and a sentence below."""
    second = PANEL_PIXELS + _GAP
    edge = second + PANEL_PIXELS
    sheet = np.zeros((_HEAD + edge + _FOOT, edge, 3), dtype=np.uint8)
    corners = [(0, 0), (0, second), (second, 0), (second, second)]
    for view, (row, column) in zip(views, corners, strict=True):
        top = _HEAD + row
        sheet[top : top + PANEL_PIXELS, column : column + PANEL_PIXELS] = view
    sheet = write_lines(sheet, lines, 14, 8)
    return write_lines(sheet, [f"Simulated. {NOT_A_DEVICE}"], 10, _HEAD + edge + 4)


def _head_lines(case: CaseInjection, instant: Instant) -> list[str]:
    minutes, seconds = divmod(int(instant.time_s), 60)
    planned, total = case.plan.needles[instant.needle], ml_from_mm3(sum(case.run.injected_mm3))
    return [
        f"{minutes:d}:{seconds:02d} min   {instant.volume_ml:.2f} of {total:.2f} mL   "
        f"needle {planned.name}",
        f"syringe {instant.syringe_mpa:.2f} MPa, needle tip {instant.tip_mpa:.2f} MPa",
        _leak_line(case, instant.time_s),
    ]


def _leak_line(case: CaseInjection, time_s: float) -> str:
    """The leaks that have begun by then, the largest first, as many as the line holds."""
    begun = [x for x in case.run.leaks.leaks if x.onset and x.onset.time_s <= time_s]
    if not begun:
        return "no leak so far"
    named = [
        " ".join(part for part in (SITE_WORDS[x.site], x.level, side_phrase(x.side)) if part)
        for x in begun
    ]
    more = f", and {len(named) - _NAMED_LEAKS} more" if len(named) > _NAMED_LEAKS else ""
    return f"leak: {', '.join(named[:_NAMED_LEAKS])}{more}"
