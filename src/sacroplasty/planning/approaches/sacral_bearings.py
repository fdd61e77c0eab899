"""Heights, depths and angles of one sacrum that approaches steer by, in the sacral frame."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.planning.paths import angles_of

# Fewer voxels than this are a speck, not a joint that a plane can be fitted to.
_LEAST_JOINT_VOXELS = 50


def foramen_at(
    sacrum: SacrumModel, level: Level, side: Side
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Centre and dorsal mouth (3,) of one foramen, or None where it is absent."""
    foramen = sacrum.foramen(level, side)
    if foramen is None:
        return None
    local = sacrum.scanner_from_sacrum.inverse
    return local(foramen.centre).single, local(foramen.dorsal_mouth).single


def joint_points(sacrum: SacrumModel, side: Side) -> NDArray[np.float64] | None:
    """Voxels (n, 3) of the SI joint space of a side, or None where there is no joint to speak of."""
    kji = np.argwhere(sacrum.mask(Structure[f"SI_JOINT_{side.name}"]))
    if len(kji) < _LEAST_JOINT_VOXELS:
        return None
    return np.asarray(sacrum.scanner_from_sacrum.inverse(sacrum.labels.grid.points_at(kji)).xyz)


def joint_angle_rad(sacrum: SacrumModel, side: Side) -> float | None:
    """How far the SI joint opens laterally on its way ventral; None where none is labelled.

    From the plane fitted (least squares) to the upper half of the joint space.
    """
    xyz = joint_points(sacrum, side)
    if xyz is None:
        return None
    upper = xyz[xyz[:, 2] >= np.median(xyz[:, 2])]
    normal = np.linalg.eigh(np.cov(upper.T))[1][:, 0]
    outward = normal * np.sign(normal[0] * side.sign or 1.0)
    return float(np.arctan2(outward[1], outward[0] * side.sign))


def upright_rad(sacrum: SacrumModel, side: Side) -> float:
    """Cranial tilt, in the sacral frame, of a needle straight down onto a prone patient."""
    down = sacrum.scanner_from_sacrum.inverse.turn(np.array([[0.0, -1.0, 0.0]]))
    return float(angles_of(down, side.sign)[1][0])


def canal_front_mm(sacrum: SacrumModel) -> float | None:
    """y of the front wall of the sacral canal at S1; None where the canal is not known."""
    xyz = sacrum.scanner_from_sacrum.inverse(
        sacrum.labels.grid.points_at(np.argwhere(sacrum.mask(Structure.CANAL)))
    ).xyz
    at_s1 = xyz[(xyz[:, 2] > -25.0) & (xyz[:, 2] < -5.0)]
    return float(at_s1[:, 1].min()) if len(at_s1) else None
