"""What surrounds the sacrum: ilia, SI joints, L5 and its disc, painted on the working grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.bone_masks import BoneMasks
from sacroplasty.anatomy.disc import disc_between
from sacroplasty.anatomy.si_joints import PartedBones, part_at_joint
from sacroplasty.anatomy.structures import (
    Side,
    Structure,
    ilium_structure,
    si_joint_structure,
)
from sacroplasty.anatomy.working_grid import shaped_onto
from sacroplasty.geometry import Rigid, Volume

Labels = NDArray[np.uint8]
_OTHER_BONES = (Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5, Structure.COCCYX)


@dataclass(frozen=True, eq=False, slots=True)
class Neighbours:
    """Sacral bone after the joints were smoothed, other bone, and what is absent and why."""

    sacrum: NDArray[np.bool_]
    other_bone: NDArray[np.bool_]
    absent: dict[str, str]


def paint_neighbours(
    masks: BoneMasks, sacrum: Volume[np.float32], frame: Rigid, labels: Labels
) -> Neighbours:
    """Paints ILIUM, SI_JOINT, L5 and DISC into `labels` (k, j, i), on the grid of `sacrum`.

    `sacrum` is the signed distance to the bone (mm). Joints and disc named by the masks are
    painted as they are.
    """
    given = set(np.unique(masks.labels.values).tolist())
    bone = sacrum.values < 0
    absent: dict[str, str] = {}
    for side in Side:
        ilium, joint = ilium_structure(side), si_joint_structure(side)
        if ilium not in given:
            absent[ilium.label] = "not in the masks"
            if joint not in given:
                absent[joint.label] = "there is no ilium of this side in the masks"
        distance = shaped_onto(masks.labels, ilium, sacrum.grid)
        labels[distance < 0] = ilium
        if joint in given:
            labels[_given(masks, joint, sacrum)] = joint
        elif ilium in given:
            parted = part_at_joint(sacrum.values, distance)
            _paint_joint(parted, side, labels, bone)
            if not parted.joint.any():
                absent[joint.label] = "sacrum and ilium are nowhere within 5 mm of each other"
    if Structure.COCCYX in given:
        labels[_given(masks, Structure.COCCYX, sacrum)] = Structure.COCCYX
    _paint_l5(masks, sacrum, frame, labels, absent)
    bone &= labels != Structure.DISC_L5S1
    others = [int(s) for s in _OTHER_BONES]
    return Neighbours(bone, np.isin(labels, others), absent)


def _paint_joint(parted: PartedBones, side: Side, labels: Labels, bone: NDArray[np.bool_]) -> None:
    bone[parted.to_ilium] = False
    labels[parted.to_ilium] = ilium_structure(side)
    bone[parted.to_sacrum] = True
    labels[parted.to_sacrum] = Structure.SACRUM
    labels[parted.joint] = si_joint_structure(side)


def _given(masks: BoneMasks, structure: Structure, sacrum: Volume[np.float32]) -> NDArray[np.bool_]:
    mask = (masks.labels.values == structure).astype(np.uint8)
    return np.asarray(Volume(mask, masks.labels.grid).on(sacrum.grid, order=0).values > 0)


def _paint_l5(
    masks: BoneMasks,
    sacrum: Volume[np.float32],
    frame: Rigid,
    labels: Labels,
    absent: dict[str, str],
) -> None:
    l5, disc = Structure.L5, Structure.DISC_L5S1
    has_l5, has_disc = ((masks.labels.values == s).any() for s in (l5, disc))
    distance = shaped_onto(masks.labels, l5, sacrum.grid)
    if has_disc:
        space = _given(masks, disc, sacrum)
    elif has_l5:
        space = disc_between(sacrum.values, distance, sacrum.grid, frame)
        if not space.any():
            absent[disc.label] = "there is no space between the bodies of S1 and L5 in the masks"
    else:
        space = np.zeros(sacrum.grid.shape, dtype=bool)
        absent[disc.label] = "there is no L5 in the masks"
    if not has_l5:
        absent[l5.label] = "not in the masks"
    labels[distance < 0] = l5
    labels[space & ((labels != l5) | has_disc)] = disc
