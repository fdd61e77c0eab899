"""What a file said, before anyone judged it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import UnreadableInput

LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False, slots=True)
class RawVolume:
    """Array (…, k, j, i) and the 4×4 matrix from (i, j, k, 1) to LPS mm, as the file states it."""

    values: NDArray[Any]
    lps_from_ijk: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def refuse_too_many_voxels(shape: tuple[int, ...], most: int) -> None:
    """A header can claim anything; ask before memory is."""
    count = 1
    for length in shape:
        count *= int(length)
    if count > most:
        raise UnreadableInput(
            f"its header claims {count:,} voxels {shape}, more than the limit of {most:,}; "
            "crop it to the pelvis."
        )
