"""The moments of an injection that are shown: equal steps of volume, whatever the clock does."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.injection import InjectionRun
from sacroplasty.units import ml_from_mm3


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment: seconds since the first drop, needle index, mL so far, pressures in MPa."""

    time_s: float
    needle: int
    volume_ml: float
    tip_mpa: float
    syringe_mpa: float


def growth_instants(run: InjectionRun, steps: int) -> list[Instant]:
    """From the first drop to the last in `steps` equal steps of volume; none where nothing flowed.

    A needle that injected ends on an instant of its own, so that its last drop is seen.
    """
    timeline = run.timeline
    if timeline.time_s.size < 2 or timeline.volume_mm3[-1] <= 0:
        return []
    wanted = np.linspace(0.0, timeline.volume_mm3[-1], steps + 1)
    rows = np.searchsorted(timeline.volume_mm3, wanted)
    last_rows = np.flatnonzero(np.diff(timeline.needle, append=timeline.needle[-1] + 1))
    rows = np.unique(np.clip(np.concatenate([rows, last_rows]), 0, timeline.time_s.size - 1))
    return [
        Instant(
            time_s=float(timeline.time_s[row]),
            needle=int(timeline.needle[row]),
            volume_ml=ml_from_mm3(float(timeline.volume_mm3[row])),
            tip_mpa=float(timeline.tip_pressure_mpa[row]),
            syringe_mpa=float(timeline.syringe_pressure_mpa[row]),
        )
        for row in rows
    ]
