"""A needle as it is seen in a scan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Points, Rigid, require_same_frame


@dataclass(frozen=True, eq=False, slots=True)
class FoundNeedle:
    """A straight tube of metal from `outer` (outside the body or at the edge of the field) to `tip`.

    Single points in one frame (LPS mm). residual_hu: what the model of a blurred tube left
    unexplained (median over its voxels); blur_mm: SD of the blur that the scan shows in its plane.
    """

    tip: Points
    outer: Points
    residual_hu: float
    blur_mm: float

    def __post_init__(self) -> None:
        require_same_frame(self.tip, self.outer)
        if not self.length_mm > 1.0:
            raise BadInput(f"A needle of {self.length_mm:.1f} mm has no direction.")

    @property
    def frame(self) -> Frame:
        """The frame that the needle lies in."""
        return self.tip.frame

    @property
    def length_mm(self) -> float:
        """How much of it the scan shows."""
        return float(np.linalg.norm(self.tip.single - self.outer.single))

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vector (3,) LPS from outside to the tip."""
        return np.asarray((self.tip.single - self.outer.single) / self.length_mm)

    def carried(self, to_from_here: Rigid) -> "FoundNeedle":
        """The same needle in another frame."""
        return FoundNeedle(
            to_from_here(self.tip), to_from_here(self.outer), self.residual_hu, self.blur_mm
        )

    def from_axis_mm(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance (n,) of points (n, 3) of the same frame from the axis, endless."""
        rest = xyz - self.tip.single
        along = rest @ self.direction
        return np.asarray(np.linalg.norm(rest - along[:, None] * self.direction, axis=1))
