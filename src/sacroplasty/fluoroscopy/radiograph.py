"""A radiograph before anybody windows it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm_pose import CArmPose


@dataclass(frozen=True, eq=False, slots=True)
class Radiograph:
    """`line_integrals` (rows, columns) float32: ∫ μ dl along each ray, dimensionless, never normalised.

    Row 0 is the top, column 0 the left edge of the picture as the pose defines it.
    """

    line_integrals: NDArray[np.float32]
    pose: CArmPose

    def __post_init__(self) -> None:
        if self.line_integrals.shape != self.pose.shape:
            raise BadInput(
                f"A picture of {self.line_integrals.shape} does not fit a detector of {self.pose.shape}."
            )
        sealed = self.line_integrals.view()
        sealed.flags.writeable = False
        object.__setattr__(self, "line_integrals", sealed)
