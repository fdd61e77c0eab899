"""A pose as transforms, named by direction, and as a projection matrix.

* **carm**: the machine's frame. Origin at the source, +z along the beam to the detector's plane,
  +y down the picture, +x across it. Always right-handed, however the picture is hung.
* **view**: the picture as it is looked at. Origin at the centre of its first pixel, +x along a row,
  +y down a column, in mm on the detector; +z into the picture, away from the viewer.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.carm_poses import beam_direction
from sacroplasty.fluoroscopy.rays import pixel_points
from sacroplasty.geometry import Rigid


def carm_from_scanner(pose: CArmPose) -> Rigid:
    """Scanner points (LPS mm) to the machine's frame: z is the depth before the source."""
    beam = beam_direction(pose)
    axes = np.stack([np.cross(pose.down, beam), pose.down, beam])
    return Rigid(
        axes, -axes @ pose.source.single, to=pose.frame.attached("carm"), source=pose.frame
    )


def view_from_scanner(pose: CArmPose) -> Rigid:
    """Scanner points (LPS mm) to the picture's frame: x and y are pixels × pixel size at z = 0."""
    axes = np.stack([pose.right, pose.down, np.cross(pose.right, pose.down)])
    first = pixel_points(pose, np.zeros((1, 2))).single
    return Rigid(axes, -axes @ first, to=pose.frame.attached("view"), source=pose.frame)


def projection_matrix(pose: CArmPose) -> NDArray[np.float64]:
    """P (3, 4): P · (x, y, z, 1) ~ (column, row, 1) of a point in LPS mm, up to its last entry.

    Central projection from the source S onto the detector's plane at distance D. With depth
    d = (X − S)·n and first pixel F, the picture's mm are u = (S − F)·r + (X − S)·r · D/d, so that

        column · d = ((S − F)·r · (X − S)·n + D · (X − S)·r) / pixel,

    and the same with the row and the down axis. The last entry is d, the depth before the source.
    """
    beam = beam_direction(pose)
    source = pose.source.single
    first = pixel_points(pose, np.zeros((1, 2))).single
    distance = float((pose.detector_centre.single - source) @ beam)
    rows = []
    for axis in (pose.right, pose.down):
        along = (float((source - first) @ axis) * beam + distance * axis) / pose.pixel_mm
        rows.append([*along, -float(along @ source)])
    rows.append([*beam, -float(beam @ source)])
    return np.asarray(rows)
