"""What an approach says to the search: which paths it considers, admits and prefers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.planning.approaches.target_zone import TargetZone
from sacroplasty.planning.clearance import Passage
from sacroplasty.planning.clearance_fields import OBSTACLES
from sacroplasty.planning.paths import Paths, angles_of

# A path turned this far from the textbook costs as much as one whole weight.
_CLUMSY_RAD = np.deg2rad(30.0)


@dataclass(frozen=True, eq=False, slots=True)
class MeasuredPaths:
    """n paths and what was measured on them, for an approach to judge.

    entries: (n, 3) mm, where they enter bone, sacral frame; forward_mm (n,): from the tip on to
    where they would leave bone; clearance_mm (n, 8) as `OBSTACLES`.
    """

    paths: Paths
    entries: NDArray[np.float64]
    forward_mm: NDArray[np.float64]
    clearance_mm: NDArray[np.float64]

    def off_centre(self, medial: str, lateral: str) -> NDArray[np.float64]:
        """0 midway between two obstacles, 1 at one of them, (n,)."""
        one = self.clearance_mm[:, OBSTACLES.index(medial)]
        other = self.clearance_mm[:, OBSTACLES.index(lateral)]
        return np.asarray(np.abs(one - other) / np.maximum(one + other, 1.0))

    def off_depth(self, goal_mm: float) -> NDArray[np.float64]:
        """How far the bone ahead of the tip is from `goal_mm`, as a share of it, (n,)."""
        return np.asarray(np.abs(self.forward_mm - goal_mm) / goal_mm)

    def turned(
        self, sign: int, lateral_rad: tuple[float, float], cranial_rad: tuple[float, float]
    ) -> NDArray[np.float64]:
        """How far directions lie outside a fan, in units of 30 degrees, (n,); 0 inside it."""
        lateral, cranial = angles_of(self.paths.directions, sign)
        return np.asarray(
            np.hypot(_outside(lateral, lateral_rad), _outside(cranial, cranial_rad)) / _CLUMSY_RAD
        )


def _outside(values: NDArray[np.float64], span: tuple[float, float]) -> NDArray[np.float64]:
    low, high = span
    return np.asarray(np.maximum(np.maximum(low - values, values - high), 0.0))


@dataclass(frozen=True, eq=False)
class Approach(ABC):
    """One way to one side of one sacrum. All positions are in the sacral frame, mm.

    target: where tips may end. lacking: why the way cannot be tried on this model, or None.
    Of the class: passage, the bone that the shaft holds in and the obstacles that it crosses on
    purpose; tilt_limit, the constant with the greatest angle between needle and vertical over a
    prone patient; lateral_deg and cranial_deg, the fan of directions to consider.
    """

    target: TargetZone
    level: Level
    lacking: str | None

    name: ClassVar[str]
    passage: ClassVar[Passage] = Passage()
    tilt_limit: ClassVar[str] = "needle_tilt_limit"
    lateral_deg: ClassVar[NDArray[np.int64]]
    cranial_deg: ClassVar[NDArray[np.int64]]

    @property
    def sacrum(self) -> SacrumModel:
        """The model that it is fitted to."""
        return self.target.sacrum

    @property
    def side(self) -> Side:
        """The patient's side that the needle comes from."""
        return self.target.side

    def paths(self) -> Paths:
        """All paths to consider."""
        return self.target.paths(np.deg2rad(self.lateral_deg), np.deg2rad(self.cranial_deg))

    def admits(self, tips: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether tips (n, 3) lie where this approach may end."""
        return self.target.admits(tips)

    def admits_entries(self, entries: Paths) -> NDArray[np.bool_]:
        """Whether paths that begin at their bone entries, here the `tips`, may: anywhere unless said."""
        return np.ones(len(entries), dtype=bool)

    @abstractmethod
    def misfit(self, measured: MeasuredPaths) -> NDArray[np.float64]:
        """How far paths are from the textbook path, (n,); 0 is the textbook."""
