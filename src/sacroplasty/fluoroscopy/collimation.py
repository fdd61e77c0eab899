"""Shutters and iris: where the beam is let through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm_pose import CArmPose


@dataclass(frozen=True, slots=True)
class Collimation:
    """A rectangle and a disc around the picture's middle, both in mm on the detector.

    half_rows_mm, half_columns_mm: from the middle to the shutters along rows' and columns'
    index. iris_mm: radius of the iris. Infinite means open.
    """

    half_rows_mm: float = np.inf
    half_columns_mm: float = np.inf
    iris_mm: float = np.inf

    def __post_init__(self) -> None:
        for name in ("half_rows_mm", "half_columns_mm", "iris_mm"):
            if not getattr(self, name) > 0:
                raise BadInput(
                    f"Collimation: {name} is {getattr(self, name)}; closed shutters show nothing."
                )

    def open_part(self, pose: CArmPose) -> NDArray[np.bool_]:
        """Pixels whose centres the beam reaches, (rows, columns)."""
        down, right = ((np.arange(n) - (n - 1) / 2.0) * pose.pixel_mm for n in pose.shape)
        within = (np.abs(down) <= self.half_rows_mm)[:, None] & (
            np.abs(right) <= self.half_columns_mm
        )[None, :]
        return np.asarray(within & (np.hypot(down[:, None], right[None, :]) <= self.iris_mm))
