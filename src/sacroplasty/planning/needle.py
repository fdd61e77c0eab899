"""A hollow needle on a straight path."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.geometry import Frame, Points, require_same_frame
from sacroplasty.reference import constant

KNOWN_GAUGES = (10, 11, 13)


@dataclass(frozen=True, slots=True)
class NeedleGauge:
    """A gauge with its diameters in mm."""

    gauge: int
    outer_diameter_mm: float
    inner_diameter_mm: float

    @classmethod
    def of(cls, gauge: int) -> "NeedleGauge":
        """The needle of a gauge; raises `BadUsage` for one that the tables do not hold."""
        if gauge not in KNOWN_GAUGES:
            known = ", ".join(f"{g} G" for g in KNOWN_GAUGES)
            raise BadUsage(f"There is no {gauge} G needle here; known are {known}.")
        return cls(
            gauge,
            constant(f"needle_outer_diameter_{gauge}g").value,
            constant(f"needle_inner_diameter_{gauge}g").value,
        )


@dataclass(frozen=True, eq=False, slots=True)
class Needle:
    """A straight needle from `entry` (skin, or dorsal cortex where no skin is imaged) to `tip`.

    Both are single points in the scanner frame (LPS mm). Cement leaves at the tip.
    """

    entry: Points
    tip: Points
    gauge: NeedleGauge

    def __post_init__(self) -> None:
        require_same_frame(self.entry, self.tip)
        if not self.length_mm > 1.0:
            raise BadInput(
                f"A needle of {self.length_mm:.1f} mm has no direction; move entry or target."
            )

    @property
    def frame(self) -> Frame:
        """The frame that the needle lies in."""
        return self.entry.frame

    @property
    def length_mm(self) -> float:
        """From entry to tip."""
        return float(np.linalg.norm(self.tip.single - self.entry.single))

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vector from entry to tip, shape (3,), LPS."""
        return np.asarray((self.tip.single - self.entry.single) / self.length_mm)

    def along(self, step_mm: float) -> Points:
        """Points on the axis from entry to tip, both included, at most `step_mm` apart."""
        n = int(np.ceil(self.length_mm / step_mm)) + 1
        t = np.linspace(0.0, 1.0, n)[:, None]
        return Points(self.entry.single * (1 - t) + self.tip.single * t, self.frame)
