"""RTK (`itk-rtk`): the nine numbers of `ThreeDCircularProjectionGeometry`, and its matrix.

RTK's fixed system is the CT's own (ITK's physical space, so LPS mm). Three angles turn it to the
detector: y' = R y with

    R = Rz(−InPlaneAngle) · Rx(−OutOfPlaneAngle) · Ry(−GantryAngle),

rows of which are the detector's u axis, its v axis, and the direction from the detector to the
source. The source stands at (SourceOffsetX, SourceOffsetY, SID), the detector's (0, 0) mm at
(ProjectionOffsetX, ProjectionOffsetY, SID − SDD). The matrix takes (x, y, z, 1) to (u, v, 1)
in mm, up to its last entry:

    M = T(SourceOffset − ProjectionOffset) · [[−SDD,0,0,0],[0,−SDD,0,0],[0,0,1,−SID]] · T(−SourceOffset) · R.

We take u along a row of the picture seen from the source, v **up**, and (u, v) = 0 at the middle of
the detector. Checked against itk-rtk 2.7 (tests/fluoroscopy_carm).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.drr_peers.principal_point import source_distance_mm
from sacroplasty.fluoroscopy import CArmPose, beam_direction

_POLE = 1.0 - 1e-12


@dataclass(frozen=True, slots=True)
class RtkProjection:
    """Arguments of ``AddProjection`` in its order: mm and degrees.

    For the stack of projections: first pixel at (`origin_u_mm`, `origin_v_mm`), steps of
    `step_u_mm` a column and `step_v_mm` a row (v runs up, rows run down, so it is negative).
    """

    sid_mm: float
    sdd_mm: float
    gantry_deg: float
    projection_offset_x_mm: float
    projection_offset_y_mm: float
    out_of_plane_deg: float
    in_plane_deg: float
    source_offset_x_mm: float
    source_offset_y_mm: float
    origin_u_mm: float
    origin_v_mm: float
    step_u_mm: float
    step_v_mm: float


def rtk_projection(pose: CArmPose) -> RtkProjection:
    """The pose as one projection of RTK's circular geometry."""
    axes = _detector_axes(pose)
    source, detector = axes @ pose.source.single, axes @ pose.detector_centre.single
    gantry, out_of_plane, in_plane = _angles_deg(axes)
    rows, columns = pose.shape
    step_u = pose.pixel_mm * math.copysign(1.0, float(axes[0] @ pose.right))
    return RtkProjection(
        sid_mm=float(source[2]),
        sdd_mm=source_distance_mm(pose),
        gantry_deg=gantry,
        projection_offset_x_mm=float(detector[0]),
        projection_offset_y_mm=float(detector[1]),
        out_of_plane_deg=out_of_plane,
        in_plane_deg=in_plane,
        source_offset_x_mm=float(source[0]),
        source_offset_y_mm=float(source[1]),
        origin_u_mm=-(columns - 1) / 2.0 * step_u,
        origin_v_mm=(rows - 1) / 2.0 * pose.pixel_mm,
        step_u_mm=step_u,
        step_v_mm=-pose.pixel_mm,
    )


def rtk_projection_matrix(pose: CArmPose) -> NDArray[np.float64]:
    """What RTK's ``GetMatrix`` gives for the pose: (3, 4), LPS mm to (u, v, 1) in mm."""
    shot = rtk_projection(pose)
    turn = np.eye(4)
    turn[:3, :3] = (
        _about(2, -shot.in_plane_deg)
        @ _about(0, -shot.out_of_plane_deg)
        @ _about(1, -shot.gantry_deg)
    )
    to_source, on_plane = np.eye(4), np.eye(3)
    to_source[:2, 3] = -shot.source_offset_x_mm, -shot.source_offset_y_mm
    on_plane[:2, 2] = (
        shot.source_offset_x_mm - shot.projection_offset_x_mm,
        shot.source_offset_y_mm - shot.projection_offset_y_mm,
    )
    cone = np.array(
        [[-shot.sdd_mm, 0, 0, 0], [0, -shot.sdd_mm, 0, 0], [0, 0, 1, -shot.sid_mm]], dtype=float
    )
    return np.asarray(on_plane @ cone @ to_source @ turn)


def _detector_axes(pose: CArmPose) -> NDArray[np.float64]:
    """Rows u, v, towards the source: right-handed."""
    towards_source = -beam_direction(pose)
    up = -pose.down
    return np.stack([np.cross(up, towards_source), up, towards_source])


def _angles_deg(axes: NDArray[np.float64]) -> tuple[float, float, float]:
    """Gantry, out-of-plane and in-plane angle of R = Rz(−ip) Rx(−oop) Ry(−g)."""
    # Third row of R: (sin g · cos oop, −sin oop, cos g · cos oop); second column: (sin ip …).
    out_of_plane = math.asin(float(np.clip(-axes[2, 1], -1.0, 1.0)))
    if abs(axes[2, 1]) < _POLE:
        gantry = math.atan2(axes[2, 0], axes[2, 2])
        in_plane = math.atan2(axes[0, 1], axes[1, 1])
    else:  # looking along y, gantry and in-plane turn about one axis: all is given to the latter
        gantry = 0.0
        in_plane = math.atan2(-axes[1, 0], axes[0, 0])
    return math.degrees(gantry), math.degrees(out_of_plane), math.degrees(in_plane)


def _about(axis: int, angle_deg: float) -> NDArray[np.float64]:
    """Rotation matrix about x, y or z."""
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn = np.eye(3)
    turn[first, first] = turn[second, second] = cosine
    turn[first, second], turn[second, first] = -sine, sine
    return turn
