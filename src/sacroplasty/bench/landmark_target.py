"""The usual target by fluoroscopy, built from the landmarks of a sacrum, and the bone ahead of it.

Jayaraman 2009: on a lateral view the lines from the corners of the first sacral segment cross over
the upper outer ala. From there the anterior cortex lies at a mean of 11.3 mm parallel to the L5–S1
disc, 11.2 mm in the patient's axial plane and 12.8 mm along the sacrum's long axis, and in 3 of 100
patients a needle there would have stood outside the bone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import (
    Level,
    SacralLandmarks,
    SacrumModel,
    Side,
    Structure,
    find_landmarks,
    foramen_structure,
    si_joint_structure,
)
from sacroplasty.geometry import Points

# Half thickness of the midsagittal slab and half height of the row that the lower corners are read in.
_SLAB_MM, _ROW_MM = 3.0, 1.5
# The joint's voxels about the target's height and depth.
_JOINT_ROW_MM = 6.0
_STEP_MM, _FARTHEST_MM = 0.25, 80.0
# A gap of bone no wider than this is a cleft or a pit, not the way out.
_GAP_MM = 2.0


@dataclass(frozen=True, slots=True)
class LandmarkTarget:
    """outside: the target is no sacral bone; the distances to where the bone ends are then 0.

    disc_mm, axial_mm, long_mm: forward parallel to the S1 endplate, forward in the scanner's axial
    plane, and cranial along the line through the bodies of S2 and S1.
    """

    side: str
    outside: bool
    disc_mm: float
    axial_mm: float
    long_mm: float


def landmark_targets(model: SacrumModel) -> tuple[LandmarkTarget, ...]:
    """The target on each side that has an S1 foramen and an SI joint; empty without S1 corners.

    On the lateral view: the diagonals promontory – lower dorsal corner and upper dorsal – lower
    ventral corner of S1, the lower corners being front and back of the body (the canal's front wall)
    in the midline at the height of the S1 foramina. Across: midway between the lateral border of
    the S1 foramen and the SI joint at that height and depth.
    """
    marks = find_landmarks(model)
    at = _crossing(model, marks)
    if at is None:
        return ()
    targets = []
    for side in Side:
        across = _across_mm(model, side, at)
        if across is not None:
            xyz = np.array([side.sign * across, *at])
            targets.append(_measured(model, marks, side, xyz))
    return tuple(targets)


def _crossing(model: SacrumModel, marks: SacralLandmarks) -> NDArray[np.float64] | None:
    """(y, z) of the crossing of the diagonals, sacral frame."""
    local = model.scanner_from_sacrum.inverse
    below = next((plane for plane in marks.planes if plane.segment == "S2"), None)
    if below is None or "promontory" not in marks.points:
        return None
    low = float(local(below.point).single[2])
    bone, canal = (_row(model, s, low) for s in (Structure.SACRUM, Structure.CANAL))
    if not len(bone) or not len(canal):
        return None
    front, back = np.array([bone.min(), low]), np.array([canal.min(), low])
    upper_front = local(marks.points["promontory"]).single[1:]
    upper_back = local(marks.points["S1_endplate_dorsal"]).single[1:]
    one, other = back - upper_front, front - upper_back
    share = np.linalg.solve(np.stack([one, -other], axis=1), upper_back - upper_front)[0]
    return np.asarray(upper_front + share * one)


def _row(model: SacrumModel, structure: Structure, z_mm: float) -> NDArray[np.float64]:
    """y of a structure's voxels in the midline at one height."""
    x, y, z = _voxels(model, structure).T
    return np.asarray(y[(np.abs(x) <= _SLAB_MM) & (np.abs(z - z_mm) <= _ROW_MM)])


def _voxels(model: SacrumModel, structure: Structure) -> NDArray[np.float64]:
    points = model.labels.grid.points_at(np.argwhere(model.mask(structure)))
    return np.asarray(model.scanner_from_sacrum.inverse(points).xyz)


def _across_mm(model: SacrumModel, side: Side, at: NDArray[np.float64]) -> float | None:
    foramen = np.abs(_voxels(model, foramen_structure(Level.S1, side))[:, 0])
    joint = _voxels(model, si_joint_structure(side))
    beside = joint[(np.abs(joint[:, 1:] - at) <= _JOINT_ROW_MM).all(axis=1)]
    if not len(foramen) or not len(joint):
        return None
    # In front of the joint its nearest edge stands for it.
    near = beside if len(beside) else joint[np.argsort(np.hypot(*(joint[:, 1:] - at).T))[:20]]
    return float(0.5 * (foramen.max() + np.abs(near[:, 0]).mean()))


def _measured(
    model: SacrumModel, marks: SacralLandmarks, side: Side, xyz: NDArray[np.float64]
) -> LandmarkTarget:
    frame = model.scanner_from_sacrum
    target = frame(Points(xyz[None], frame.source))
    left, back, up = frame.rotation.T
    plate = next(plane.normal for plane in marks.planes if plane.segment == "S1")
    along_disc = -back + (back @ plate) * plate
    axial = np.array([0.0, -1.0, 0.0])
    ways = [along_disc - (along_disc @ left) * left, axial - (axial @ left) * left, up]
    outside = int(model.labels.at(target, order=0)[0]) != Structure.SACRUM
    disc, level, long = (0.0 if outside else _bone_ahead_mm(model, target, way) for way in ways)
    return LandmarkTarget(side.value, outside, disc, level, long)


def _bone_ahead_mm(model: SacrumModel, start: Points, way: NDArray[np.float64]) -> float:
    """Length of bone from a point in it onward, mm."""
    steps = np.arange(0.0, _FARTHEST_MM, _STEP_MM)
    ray = Points(start.xyz + steps[:, None] * way / np.linalg.norm(way), start.frame)
    bone = np.flatnonzero(model.labels.at(ray, order=0) == Structure.SACRUM)
    ends = np.flatnonzero(np.diff(bone) > _GAP_MM / _STEP_MM)
    last = bone[ends[0]] if len(ends) else bone[-1]
    return float(steps[last] + 0.5 * _STEP_MM)
