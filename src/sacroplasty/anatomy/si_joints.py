"""The SI joint spaces: a smooth thin sheet half way between sacrum and ilium."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# The joint is 1–5 mm wide; wider space between the bones is ligament.
_WIDEST_MM = 5.0
# Half the thickness of the sheet: where there is a gap at most, where the masks touch always.
_HALF_SHEET_MM = 1.5
_HALF_CONTACT_MM = 0.5
# Masks are ragged by about a voxel where bone meets bone; this much is smoothed and moved.
_SMOOTHING_MM = 1.5
_RAGGED_MM = 2.5
_NEAR_MM = 9.0


@dataclass(frozen=True, eq=False, slots=True)
class PartedBones:
    """One joint: its space, and bone (k, j, i) on the wrong side of a ragged boundary."""

    joint: NDArray[np.bool_]
    to_sacrum: NDArray[np.bool_]
    to_ilium: NDArray[np.bool_]


def part_at_joint(sacrum: NDArray[np.float32], ilium: NDArray[np.float32]) -> PartedBones:
    """The joint between two bones given by signed distances (mm) to their surfaces, 1 mm voxels.

    The joint is the medial surface, where both bones are equally far, smoothed (1.5 mm) because
    it is a cartilage and masks are ragged: half the difference of the distances is smoothed, so
    that neither bone gains. Where the bones lie up to 5 mm apart, the sheet fills the gap up to
    3 mm; where the masks touch it is one voxel thick: a joint without a voxel could not be
    guarded, and more would eat the ala.
    """
    joint = np.zeros(sacrum.shape, dtype=bool)
    to_sacrum, to_ilium = joint.copy(), joint.copy()
    found = ndimage.find_objects(((sacrum < _NEAR_MM) & (ilium < _NEAR_MM)).astype(np.uint8))
    if found and found[0] is not None:
        box = found[0]
        s, m = sacrum[box], ilium[box]
        half = ndimage.gaussian_filter((s - m) / 2, _SMOOTHING_MM, mode="nearest")
        gap = ndimage.gaussian_filter(s + m, _SMOOTHING_MM, mode="nearest")
        near = gap <= _WIDEST_MM
        between = (s > 0) & (m > 0) & (np.abs(half) <= _HALF_SHEET_MM)
        joint[box] = near & (between | (np.abs(half) <= _HALF_CONTACT_MM))
        ragged = near & ~joint[box] & (np.abs(half) <= _RAGGED_MM)
        to_ilium[box] = ragged & (s < 0) & (half > 0)
        to_sacrum[box] = ragged & (m < 0) & (half < 0)
    return PartedBones(joint, to_sacrum, to_ilium)
