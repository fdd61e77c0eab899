"""Millimetres of something along every ray of a view: the door to the fast projectors."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.joseph import joseph_projection
from sacroplasty.fluoroscopy.shear_warp import (
    principal_axis,
    shear_warp_applies,
    shear_warp_projection,
)
from sacroplasty.fluoroscopy.stacked import StackedVolume, unstacked
from sacroplasty.geometry import Grid, require_same_frame

_CENTRAL_STEPS = 2001  # the central ray is sampled this often to see whether it meets the scan


def project(volume: StackedVolume, pose: CArmPose) -> NDArray[np.float32]:
    """∫ value dl in (the volume's unit × mm), (rows, columns) float32; between source and detector.

    By shear-warp; ray by ray where source or detector stands in the scan. Linear interpolation
    between voxel centres, zero outside. Agrees with `reference_projection` to 0.5 % RMS of the
    peak. Raises `FrameMismatch` for another patient's pose, `BadInput` for a central ray that
    misses the scan.
    """
    require_same_frame(volume.grid, pose)
    require_in_beam(volume.grid, pose)
    stack = volume.along(principal_axis(volume.grid, pose))
    if shear_warp_applies(stack, pose):
        return shear_warp_projection(stack, pose)
    everywhere = (0, pose.shape[0], 0, pose.shape[1])
    return joseph_projection(unstacked(stack), stack.grid, pose, everywhere)


def require_in_beam(grid: Grid, pose: CArmPose) -> None:
    """The central ray must meet the scan, or the picture would be empty without a word."""
    source = grid.kji_at(pose.source)
    detector = grid.kji_at(pose.detector_centre)
    t = np.linspace(0.0, 1.0, _CENTRAL_STEPS)[:, None]
    along = source * (1 - t) + detector * t
    if not ((along >= -0.5) & (along <= np.asarray(grid.shape) - 0.5)).all(axis=1).any():
        raise BadInput(
            f"View {pose.name!r}: the central ray misses the CT; its isocentre lies outside the "
            "volume, or the detector stands on the wrong side of the source."
        )
