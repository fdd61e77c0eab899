"""Where cement is: the same type whether it was simulated or found on a CT."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Volume


@dataclass(frozen=True, eq=False, slots=True)
class CementField:
    """`fraction`: cement volume per voxel volume, 0…1 (float32).

    In bone it is pore fraction × saturation, so that ``fraction.sum() × voxel volume`` is the
    cement volume; an open void reaches 1.
    """

    fraction: Volume[np.float32]

    def __post_init__(self) -> None:
        values = self.fraction.values
        if not np.isfinite(values).all() or values.min() < -1e-6 or values.max() > 1 + 1e-6:
            raise BadInput("A cement field must hold fractions between 0 and 1.")

    @property
    def frame(self) -> Frame:
        """The frame that the field lies in."""
        return self.fraction.frame

    @property
    def volume_mm3(self) -> float:
        """Total cement volume."""
        return float(self.fraction.values.sum(dtype=np.float64)) * self.fraction.grid.voxel_mm3
