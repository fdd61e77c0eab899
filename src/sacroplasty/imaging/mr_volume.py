"""An MRI as read: signal without a unit on a grid in patient axes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import UnreadableInput
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging.ct_volume import Acquisition

_MOST_SIGNAL = 32767
_FEWEST = 3
_MOST_NEGATIVE = 0.05  # interpolation rings below zero at edges, no further


@dataclass(frozen=True, eq=False, slots=True)
class MRVolume:
    """`signal` (k, j, i) int16 on `grid` (LPS mm), often oblique and of thick slices.

    Signal is relative: larger is brighter, and only comparisons within one image mean anything.
    The frame of reference is the MRI scanner's own; a `register_rigid` brings it to the CT's.
    """

    signal: NDArray[np.int16]
    grid: Grid
    acquisition: Acquisition

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "signal", Volume(self.signal.astype(np.int16, copy=False), self.grid).values
        )

    @property
    def volume(self) -> Volume[np.int16]:
        """The same voxels as a plain volume."""
        return Volume(self.signal, self.grid)

    @property
    def frame(self) -> Frame:
        """The MRI scanner's frame of reference."""
        return self.grid.frame


def whole_signal(values: NDArray[Any]) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """Signal (k, j, i) as int16; fractions and large numbers are scaled as a whole, and noted.

    Raises `UnreadableInput` for numbers that are not finite, an image of one value, fewer than
    three voxels along an axis, or many negative voxels: brightness is judged as a multiple of the
    patient's own, which only signal above zero has.
    """
    if values.dtype.kind == "f" and (bad := int(np.count_nonzero(~np.isfinite(values)))):
        raise UnreadableInput(
            f"{bad:,} of {values.size:,} voxels are not finite numbers; replace them by 0 if they "
            "are background, or export the MRI again."
        )
    low, high = float(values.min()), float(values.max())
    if low == high:
        raise UnreadableInput(f"every voxel reads {low:g}; there is no image in it.")
    if min(values.shape) < _FEWEST:
        raise UnreadableInput(f"it is {values.shape} voxels: too few slices to be a volume.")
    negative = np.count_nonzero(values < 0) / values.size
    if negative > _MOST_NEGATIVE:
        raise UnreadableInput(
            f"{negative:.0%} of its voxels are negative: it looks like a CT or a normalised image; "
            "give the MRI as the scanner made it."
        )
    fractions = values.dtype.kind == "f" and not np.array_equal(values, np.rint(values))
    if not fractions and high <= _MOST_SIGNAL and low >= -_MOST_SIGNAL:
        return values.astype(np.int16), ()
    factor = _MOST_SIGNAL / max(abs(low), abs(high))
    scaled = np.rint(values * factor).astype(np.int16)
    return scaled, (f"signal multiplied by {factor:g} to fit 16 bits",)
