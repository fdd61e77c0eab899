"""Rays of a pose: from pixel to point and back."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.geometry import Points, require_same_frame


def pixel_points(pose: CArmPose, row_column: NDArray[np.generic]) -> Points:
    """Centres of detector pixels (n, 2), order (row, column), fractions allowed."""
    at = np.asarray(row_column, dtype=np.float64).reshape(-1, 2)
    middle = (np.asarray(pose.shape) - 1) / 2.0
    down, right = ((at - middle) * pose.pixel_mm).T
    xyz = pose.detector_centre.single + np.outer(down, pose.down) + np.outer(right, pose.right)
    return Points(xyz, pose.frame)


def project_points(pose: CArmPose, points: Points) -> NDArray[np.float64]:
    """Where points appear in the picture: (n, 2), order (row, column), in pixels.

    Central projection from the source onto the detector plane; (0, 0) is the centre of the first
    pixel. Raises `BadInput` for a point at or behind the source.
    """
    require_same_frame(pose.source, points)
    source = pose.source.single
    normal = np.cross(pose.right, pose.down)
    distance = float((pose.detector_centre.single - source) @ normal)
    depth = (points.xyz - source) @ normal / distance
    if (depth <= 0).any():
        raise BadInput(
            f"View {pose.name!r}: a point lies at or behind the X-ray source and casts no shadow."
        )
    on_plane = source + (points.xyz - source) / depth[:, None]
    offset = (on_plane - pose.detector_centre.single) / pose.pixel_mm
    middle = (np.asarray(pose.shape) - 1) / 2.0
    return np.asarray(np.stack([offset @ pose.down, offset @ pose.right], axis=1) + middle)
