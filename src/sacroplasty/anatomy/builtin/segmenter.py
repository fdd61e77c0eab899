"""The built-in engine: pose, solid bone, joints, disc, labels, checks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.bone_masks import BoneMasks
from sacroplasty.anatomy.builtin.canal_course import open_canal
from sacroplasty.anatomy.builtin.checks import Evidence, require_pelvis, require_trust
from sacroplasty.anatomy.builtin.coarse_bone import coarse_bone_map
from sacroplasty.anatomy.builtin.cut_out_bone import cut_out_bone
from sacroplasty.anatomy.builtin.disc import DiscPlane, find_disc
from sacroplasty.anatomy.builtin.disc_surface import below_disc
from sacroplasty.anatomy.builtin.engine_findings import findings_of
from sacroplasty.anatomy.builtin.half_maximum import peeled
from sacroplasty.anatomy.builtin.hip_joint import beyond_hip, femoral_head
from sacroplasty.anatomy.builtin.joints import joint_surface
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.pose import PelvisPose, find_pose
from sacroplasty.anatomy.builtin.solid_bone import box_around, cortex_of, filled_bone, largest_solid
from sacroplasty.anatomy.builtin.template_place import TemplatePlace
from sacroplasty.anatomy.builtin.territories import territories
from sacroplasty.anatomy.structures import Side, Structure
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume

_AIR_HU = -1024
_LABEL_STEP_MM = 1.25
_FORAMINA_MM = 30.0  # sacral foramina lie nearer to the midline
_BONES = (Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5)


@dataclass(frozen=True, slots=True)
class BuiltinSegmenter:
    """Finds sacrum, ilia and L5 by image analysis and general anatomy; no network, no training.

    A coarse pelvis template is fitted in any ±35° turn; the SI joints and the L5/S1 disc are the
    cheapest smooth surfaces through dark gaps; marrow is filled from the cortex.
    """

    @property
    def name(self) -> str:
        """Who made the masks."""
        return "built-in 1"

    def segment(self, ct: CTVolume) -> BoneMasks:
        """Labels SACRUM, ILIUM_LEFT, ILIUM_RIGHT and L5 on a 1.25 mm axis-aligned grid.

        Raises `AnatomyNotTrusted`, saying what was found instead, where there is no whole sacrum.
        """
        place = _placed(ct, find_pose(coarse_bone_map(ct.volume)))
        require_pelvis(place)
        evidence = _labelled(place)
        require_trust(evidence)
        return BoneMasks(_in_patient_axes(evidence.labels, ct), self.name, findings_of(evidence))


def _placed(ct: CTVolume, pose: PelvisPose) -> TemplatePlace:
    """The scan along the axes of a template's place."""
    axes = PelvisAxes.around(pose, ct.frame)
    hu = ct.volume.on(axes.grid, order=1, outside=_AIR_HU).values.astype(np.float32)
    return TemplatePlace(ct, Volume(hu, axes.grid), axes, pose)


def _labelled(place: TemplatePlace) -> Evidence:
    """Labels along the pelvis's axes, with what the checks look at."""
    hu, axes = place.hu, place.axes
    plane = find_disc(hu, axes)
    drawn = cut_out_bone(place.ct, hu, axes)
    solid = _filled(place, plane) if drawn is None else drawn
    joints = {side: joint_surface(hu, solid, axes, side) for side in Side}
    owner = territories(axes, joints, below_disc(hu, solid, axes, plane), plane)
    values: NDArray[np.uint8] = np.zeros(axes.grid.shape, dtype=np.uint8)
    for bone in _BONES:
        values[largest_solid(solid, owner == bone, axes.step_mm)] = bone
    if drawn is None:
        _peel(values, hu)
    return Evidence(place, Volume(values, axes.grid), plane, joints)


def _peel(values: NDArray[np.uint8], hu: Volume[np.float32]) -> None:
    """The blurred rim of every bone is let go, in place; sacrum and L5 keep the seam they share."""
    for bones in (
        (Structure.ILIUM_LEFT,),
        (Structure.ILIUM_RIGHT,),
        (Structure.SACRUM, Structure.L5),
    ):
        found = np.isin(values, bones)
        if found.any():
            box = box_around(found, margin=2)
            kept = peeled(found[box], hu.values[box], hu.grid.spacing_mm[0])
            values[box][found[box] & ~kept] = 0


def _filled(place: TemplatePlace, plane: DiscPlane) -> NDArray[np.bool_]:
    """Bone with its marrow, without the canal and the femora."""
    hu, axes = place.hu, place.axes
    spacing = place.ct.grid.spacing_mm
    in_plane = float(np.median(spacing))
    both = (in_plane + max(spacing)) / 2  # thick slices open the thin cortex of the alae
    medial = slice(axes.index("x", -_FORAMINA_MM), axes.index("x", _FORAMINA_MM))
    cortex = cortex_of(hu.values, in_plane)
    filled = filled_bone(cortex, axes.step_mm, in_plane, both, medial)
    filled &= ~open_canal(hu, axes, plane)
    for side in Side:
        filled &= ~beyond_hip(femoral_head(hu, axes, side), axes)
    return filled


def _in_patient_axes(labels: Volume[np.uint8], ct: CTVolume) -> Volume[np.uint8]:
    """The labels on an axis-aligned grid around the bones, inside the CT."""
    marked = labels.grid.points_at(np.argwhere(labels.values > 0))
    grid = ct.grid.aligned_box(marked, 10.0, _LABEL_STEP_MM)
    return labels.on(grid, order=0)
