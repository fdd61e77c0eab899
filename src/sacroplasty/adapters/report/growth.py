"""Cement growing in three cuts and in space, with clock, volume, pressure and leaks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.report.gif import encode_gif
from sacroplasty.adapters.report.growth_instants import Instant, growth_instants
from sacroplasty.adapters.report.growth_panels import PANEL_PIXELS, FrontView, Panel, tip_panels
from sacroplasty.adapters.report.lettering import write_lines
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.geometry import Volume
from sacroplasty.injection import InjectionRun
from sacroplasty.pathway import CaseInjection
from sacroplasty.units import ml_from_mm3

RGB = NDArray[np.uint8]

_STEPS = 32
_STILLS = 3
_FRAME_MS, _FIRST_MS, _LAST_MS = 160, 900, 2600
_GAP = 4
_HEAD, _FOOT = 62, 20


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
        return encode_gif(self.frames, times)

    @property
    def stills(self) -> list[tuple[Instant, RGB]]:
        """A few frames from early to the last, for paper."""
        last = len(self.frames) - 1
        chosen = np.unique(np.linspace(last / _STILLS, last, _STILLS).round().astype(int))
        return [(self.instants[n], self.frames[n]) for n in chosen.tolist()]


def film_growth(case: CaseInjection) -> Growth:
    """One frame per instant; no frame where no cement went in.

    The cuts go through the tip of the needle that injects at that moment.
    """
    scene = Scene.of_injection(case)
    instants = growth_instants(case.run, _STEPS)
    if not instants:
        return Growth([], [])
    front = FrontView(scene)
    panels = {n: tip_panels(scene, case.plan.needles[n]) for n in {i.needle for i in instants}}
    frames = []
    for instant in instants:
        cement = saturation_at(case.run, instant.time_s)
        frames.append(_frame(case, instant, panels[instant.needle], front, cement))
    return Growth(instants, frames)


def saturation_at(run: InjectionRun, time_s: float) -> Volume[np.float32]:
    """1 in every voxel that was full by then, 0 elsewhere."""
    arrival = run.arrival_time_s
    return Volume((arrival.values <= time_s).astype(np.float32), arrival.grid)


def _frame(
    case: CaseInjection,
    instant: Instant,
    panels: list[Panel],
    front: FrontView,
    cement: Volume[np.float32],
) -> RGB:
    axial, coronal, sagittal = (panel.with_cement(cement) for panel in panels)
    bone = front.with_cement(cement)
    width, height = 2 * PANEL_PIXELS + _GAP, 2 * PANEL_PIXELS + _GAP
    sheet = np.zeros((_HEAD + height + _FOOT, width, 3), dtype=np.uint8)
    second = PANEL_PIXELS + _GAP
    for panel, row, column in (
        (axial, 0, 0),
        (coronal, 0, second),
        (sagittal, second, 0),
        (bone, second, second),
    ):
        top = _HEAD + row
        sheet[top : top + PANEL_PIXELS, column : column + PANEL_PIXELS] = panel
    sheet = write_lines(sheet, _head_lines(case, instant), 14, 8)
    return write_lines_small(sheet, _HEAD + height + 4)


def write_lines_small(sheet: RGB, top: int) -> RGB:
    """The sheet with the sentence that every picture of a simulation carries."""
    return write_lines(sheet, [f"Simulated. {NOT_A_DEVICE}"], 10, top)


def _head_lines(case: CaseInjection, instant: Instant) -> list[str]:
    minutes, seconds = divmod(int(instant.time_s), 60)
    planned = case.plan.needles[instant.needle]
    total = sum(case.run.injected_mm3)
    return [
        f"{minutes:d}:{seconds:02d} min   {instant.volume_ml:.2f} of {ml_from_mm3(total):.2f} mL"
        f"   needle {planned.name}",
        f"syringe {instant.syringe_mpa:.2f} MPa, needle tip {instant.tip_mpa:.2f} MPa",
    ]
