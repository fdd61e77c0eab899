"""Where a needle's opening is, also while the needle is drawn back."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sacroplasty.geometry import Points
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.tip_source import TipSource, tip_source
from sacroplasty.planning import Needle
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3, mm2_from_m2


class TipPath(Protocol):
    """Where a course injects, by how far the needle has been drawn back."""

    def withdrawn_mm(self, delivered_mm3: float) -> float:
        """How far the tip has come back after this volume."""
        ...

    def source(self, flow: FrontFlow, withdrawn_mm: float) -> TipSource | None:
        """What is fed there; None where nothing is open."""
        ...

    def leave_tract(self, flow: FrontFlow, from_mm: float, to_mm: float) -> None:
        """Open what the needle leaves between two positions."""
        ...


@dataclass(frozen=True, slots=True)
class NeedleTip:
    """The tip of a needle that is drawn back by so many mm for every mL, at most `most_mm`."""

    needle: Needle
    withdraw_mm_per_ml: float = 0.0
    most_mm: float = 0.0

    def withdrawn_mm(self, delivered_mm3: float) -> float:
        """How far the tip has come back after this volume."""
        return min(self.withdraw_mm_per_ml * ml_from_mm3(delivered_mm3), self.most_mm)

    def at(self, withdrawn_mm: float) -> Points:
        """The tip after it has been drawn back along the shaft, at most by `most_mm`."""
        tip, entry = self.needle.tip, self.needle.entry
        shaft = entry.xyz - tip.xyz
        return Points(
            tip.xyz + min(withdrawn_mm, self.most_mm) * shaft / np.linalg.norm(shaft), tip.frame
        )

    def source(self, flow: FrontFlow, withdrawn_mm: float) -> TipSource | None:
        """What it feeds there; None where nothing around it is open."""
        opening = self.needle.gauge.inner_diameter_mm / 2.0
        return tip_source(flow.medium, flow.open_space, self.at(withdrawn_mm), opening)

    def leave_tract(self, flow: FrontFlow, from_mm: float, to_mm: float) -> None:
        """Open the voxels that the shaft leaves between two positions: the tract fills with cement.

        The bore is not resolved: its voxels become voids of the permeability of an open void.
        Voxels that are already full of cement stay as they are.
        """
        grid = flow.medium.grid
        radius = self.needle.gauge.outer_diameter_mm / 2.0
        start, end = self.at(from_mm).xyz[0], self.at(to_mm).xyz[0]
        steps = np.linspace(start, end, 1 + int(np.ceil((to_mm - from_mm) / (0.25 * radius))))
        reach = int(np.ceil(radius / grid.spacing_mm[0]))
        offset = np.arange(-reach, reach + 1)
        around = np.stack(np.meshgrid(offset, offset, offset, indexing="ij"), -1).reshape(-1, 3)
        middle = np.rint(grid.kji_at(Points(steps, self.needle.tip.frame))).astype(int)
        kji = np.unique((middle[:, None, :] + around).reshape(-1, 3), axis=0)
        kji = kji[((kji >= 0) & (kji < grid.shape)).all(axis=1)]
        gaps = grid.points_at(kji).xyz[:, None, :] - steps[None, :, :]
        inside = np.linalg.norm(gaps, axis=2).min(axis=1) <= radius
        cells = np.ravel_multi_index(tuple(kji[inside].T), grid.shape)
        flow.open_tract(
            np.asarray(cells, dtype=np.int64),
            mm2_from_m2(constant("permeability_open_void").value),
        )
