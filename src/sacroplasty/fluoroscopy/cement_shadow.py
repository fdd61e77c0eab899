"""The shadow of cement, and of what was added to it: projected over its own box only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.joseph import Window, joseph_projection, shadow_of
from sacroplasty.geometry import Volume, require_same_frame


@dataclass(frozen=True, eq=False, slots=True)
class Shadow:
    """`path_mm` (float32) on rows [r0, r1) and columns [c0, c1) of a picture; none elsewhere."""

    window: Window
    path_mm: NDArray[np.float32]

    def add_to(self, picture: NDArray[np.floating]) -> None:
        """Add the path where it falls; every other pixel keeps its bits."""
        r0, r1, c0, c1 = self.window
        picture[r0:r1, c0:c1] += self.path_mm


def cement_shadow(fraction: Volume[np.float32], pose: CArmPose) -> Shadow | None:
    """∫ fraction dl in mm of a cement fraction, or of a change of it; None for none at all."""
    require_same_frame(fraction, pose)
    box = filled_box(fraction)
    if box is None:
        return None
    window = shadow_of(box.grid, pose)
    return Shadow(window, joseph_projection(box.values, box.grid, pose, window))


def filled_box(fraction: Volume[np.float32]) -> Volume[np.float32] | None:
    """The volume cropped to where it is not zero, or None for nowhere."""
    filled = fraction.values != 0
    slices = np.flatnonzero(filled.any(axis=(1, 2)))
    if not len(slices):
        return None
    k = int(slices[0]), int(slices[-1]) + 1
    flat = filled[k[0] : k[1]].any(axis=0)
    spans = [np.flatnonzero(flat.any(axis=axis)) for axis in (1, 0)]
    j, i = ((int(s[0]), int(s[-1]) + 1) for s in spans)
    return fraction.cropped((k[0], j[0], i[0]), (k[1], j[1], i[1]))
