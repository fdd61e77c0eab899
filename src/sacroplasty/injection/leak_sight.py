"""The port for pictures: who sees cement outside the bone, and in which view."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Points


class LeakSight(Protocol):
    """Tells in which views the cement outside the bone is visible.

    An implementation is a frozen dataclass, so that a rule that holds one stays a value.
    """

    def first_seen(self, where: Points, volume_mm3: NDArray[np.float64]) -> tuple[str, ...]:
        """Names of the views that show it; () for none.

        where (n): centres of the voxels outside the sacrum that are full of cement. volume_mm3
        (n,): the cement in each.
        """
        ...
