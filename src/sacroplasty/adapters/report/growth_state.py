"""The cement at one moment of a run, and the leaks that have begun by then."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.geometry import Points, Volume
from sacroplasty.injection import InjectionRun
from sacroplasty.leaks import locate_leaks


@dataclass(frozen=True, eq=False, slots=True)
class Growing:
    """saturation: 1 in every voxel that is full, else 0. leaked: voxels of all leaks of the run.

    places: the middle of each leak that has begun.
    """

    saturation: Volume[np.float32]
    leaked: Volume[np.uint8]
    places: tuple[Points, ...]


class GrowingCement:
    """A run, ready to be looked at in any moment of it."""

    def __init__(self, run: InjectionRun, sacrum: SacrumModel) -> None:
        located = locate_leaks(run.cement, sacrum)
        self._run = run
        grid = run.cement.fraction.grid
        leaked = np.zeros(grid.shape, dtype=np.uint8)
        self._begun: list[tuple[float, Points]] = []
        for voxels in located.voxels:
            leaked[voxels.values] = 1
            times = run.arrival_time_s.values[voxels.values]
            centre = grid.points_at(np.argwhere(voxels.values)).xyz.mean(axis=0)
            known = times[np.isfinite(times)]
            first_s = float(known.min()) if known.size else float(run.timeline.time_s[-1])
            self._begun.append((first_s, Points(centre, grid.frame)))
        self._leaked = Volume(leaked, grid)

    def at(self, time_s: float) -> Growing:
        """The state at a time."""
        arrival = self._run.arrival_time_s
        full = Volume((arrival.values <= time_s).astype(np.float32), arrival.grid)
        places = tuple(place for begun_s, place in self._begun if begun_s <= time_s)
        return Growing(full, self._leaked, places)
