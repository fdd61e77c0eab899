"""One limb of a fracture: a sheet through the sacrum, and what can be read off the model there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Level, Side
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points

# A zone, or the other side, counts where at least this share of the limb lies in it.
_ZONE_SHARE, _SIDE_SHARE = 0.05, 0.25


@dataclass(frozen=True, eq=False, slots=True)
class FractureLimb:
    """One sheet of a fracture.

    cleft: points of the sheet about 1 mm apart, scanner frame (LPS mm). side: None where it
    crosses the midline. horizontal: it divides cranial from caudal bone (else left from right);
    level: the sacral segment that its middle lies in, by the foramina, or None.
    displacement_mm: shift of the cortex across the cleft, None where it could not be measured.
    """

    cleft: Points
    side: Side | None
    zones: tuple[int, ...]
    horizontal: bool
    level: Level | None
    displacement_mm: float | None = None

    def __post_init__(self) -> None:
        if not len(self.cleft):
            raise BadInput("A fracture limb without a point.")


def limb_at(
    cleft: Points, sacrum: SacrumModel, *, displacement_mm: float | None = None
) -> FractureLimb:
    """The limb through `cleft` (n, 3), with side, zones, direction and level read off the model."""
    own = sacrum.scanner_from_sacrum.inverse(cleft).xyz
    horizontal = _is_horizontal(own)
    return FractureLimb(
        cleft,
        _side(own),
        _zones(cleft, sacrum),
        horizontal,
        _level(float(np.median(own[:, 2])), sacrum),
        displacement_mm,
    )


def _is_horizontal(own: NDArray[np.float64]) -> bool:
    """Whether the sheet's normal, the direction of least spread, points up more than sideways."""
    if len(own) < 3:
        return False
    _, _, axes = np.linalg.svd(own - own.mean(axis=0), full_matrices=False)
    return bool(abs(axes[2, 2]) > abs(axes[2, 0]))


def _side(own: NDArray[np.float64]) -> Side | None:
    left = float(np.mean(own[:, 0] > 0.0))
    if left > 1.0 - _SIDE_SHARE:
        return Side.LEFT
    return Side.RIGHT if left < _SIDE_SHARE else None


def _zones(cleft: Points, sacrum: SacrumModel) -> tuple[int, ...]:
    """Zones of the nearest sacral voxel: a cleft that was segmented as a gap has none itself."""
    kji = np.rint(sacrum.zones.grid.kji_at(cleft)).astype(int)
    low, high = kji.min(axis=0) - 4, kji.max(axis=0) + 5
    low, high = np.maximum(low, 0), np.minimum(high, sacrum.zones.grid.shape)
    box = tuple(slice(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True))
    near = sacrum.zones.values[box]
    if not near.any():
        return ()
    nearest = ndimage.distance_transform_edt(near == 0, return_distances=False, return_indices=True)
    inside = np.clip(kji - low, 0, np.asarray(near.shape) - 1)
    found = near[tuple(nearest)][tuple(inside.T)]
    return tuple(z for z in (1, 2, 3) if np.mean(found == z) >= _ZONE_SHARE)


def _level(z_mm: float, sacrum: SacrumModel) -> Level | None:
    """The segment at a height: a foramen lies at the lower border of the body of its name."""
    heights = {}
    for level in Level:
        found = [f.centre for f in sacrum.foramina if f.level is level]
        if found:
            heights[level] = float(
                np.mean([sacrum.scanner_from_sacrum.inverse(c).single[2] for c in found])
            )
    for level, lower_border in heights.items():
        if z_mm > lower_border:
            return level
    return None
