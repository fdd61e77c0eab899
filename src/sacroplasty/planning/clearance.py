"""How far a needle stays from everything that it must not touch.

`ClearanceFields` is built once per patient: one exact signed distance field per structure.
`measure_needle` then walks along the shaft and costs about a millisecond, so that a slider can
drive it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Side
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, require_same_frame
from sacroplasty.planning.clearance_fields import ANTERIOR, OBSTACLES, Bone, ClearanceFields
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.shaft import BONE_ENTRY, OUT_OF_BONE, SKIN, closest, reach

# Half a voxel of a 1 mm grid: less would sample what the labels do not hold.
_STEP_MM = 0.5
# A fracture cleft or a pit in the cortex is still "inside bone"; a foramen is wider.
_BONE_GAP_MM = 3.0
# Air nearer to the dorsal cortex than this is not skin but a mask: no patient is that thin.
_LEAST_SOFT_TISSUE_MM = 5.0
# Every eighth voxel along each axis shows some hundred bits of sacrum.
_SKIN_SAMPLE = 8
_SKIN_STEP_MM = 1.0
# A path leaves bone through the anterior cortex if that surface is this near to where it leaves.
_EXIT_TOLERANCE_MM = 2.0


@dataclass(frozen=True, slots=True)
class Passage:
    """What a way to the sacrum runs through on purpose: the bone it holds in, obstacles it crosses."""

    bone: Bone = Bone.SACRUM
    crosses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NeedleMeasurement:
    """What one needle passes, and at what distance.

    clearance_mm: surface to surface, negative is a breach; a structure that the model lacks on
    this side is not a key but stands in `absent` with the reason, and one that the passage
    crosses is in neither. For ``anterior_cortex`` it
    is the smaller of the nearest distance in 3-D and the way forward along the needle.
    bone_entry_depth_mm: from the needle's entry to the cortex where it enters bone; None if the
    tip is not in bone. in_bone_mm: length of the needle in bone. ahead_mm: from the tip
    forward to where the path would leave bone; None as above.
    skin_gap_mm: from the entry back along the needle to the skin, negative where the entry lies
    outside the patient; None where no skin is imaged on that line.
    """

    side: Side
    clearance_mm: dict[str, float]
    absent: dict[str, str]
    bone_entry_depth_mm: float | None
    in_bone_mm: float
    ahead_mm: float | None
    skin_gap_mm: float | None


@dataclass(frozen=True, eq=False, slots=True)
class PathReach:
    """Where n paths leave bone and body, walked back from their tips; (n,) mm, NaN for nowhere."""

    bone_entry_mm: NDArray[np.float64]
    skin_mm: NDArray[np.float64]
    forward_mm: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> "PathReach":
        """The chosen rows."""
        return PathReach(self.bone_entry_mm[rows], self.skin_mm[rows], self.forward_mm[rows])


def measure_needle(
    fields: ClearanceFields, needle: Needle, passage: Passage | None = None
) -> NeedleMeasurement:
    """Clearances of one needle along its whole shaft, its radius included.

    passage: what the needle may cross; nothing unless said.

    Accuracy: that of the fields (see `distance_field`), plus 0.1 mm for steps of 0.5 mm.
    Raises `BadInput` if an end of the needle lies outside the mapped box.
    """
    require_same_frame(fields, needle)
    through = passage or Passage()
    if not fields.grid.contains(needle.tip)[0]:
        raise BadInput(_outside("tip", needle.tip))
    if not fields.body_contains(needle.entry):
        raise BadInput(_outside("entry", needle.entry))
    tips, directions = needle.tip.xyz, needle.direction[None, :]
    lengths = np.array([needle.length_mm])
    found = find_reach(fields, tips, directions, _STEP_MM, through.bone)
    radius_mm = 0.5 * needle.gauge.outer_diameter_mm
    least = closest_mm(fields, tips, directions, lengths, radius_mm, found, step_mm=_STEP_MM)[0]
    side = fields.side_of(needle.tip)
    inside = bool(np.isfinite(found.bone_entry_mm[0]))
    in_bone = min(float(found.bone_entry_mm[0]), needle.length_mm) if inside else 0.0
    skin = float(found.skin_mm[0])
    known = fields.measurable(side)
    absent = {k: v for k, v in fields.absent[side].items() if k not in through.crosses}
    return NeedleMeasurement(
        side=side,
        clearance_mm={
            name: float(value)
            for name, value in zip(OBSTACLES, least, strict=True)
            if name in known and name not in through.crosses
        },
        absent=absent,
        bone_entry_depth_mm=needle.length_mm - in_bone if inside else None,
        in_bone_mm=in_bone,
        ahead_mm=float(found.forward_mm[0]) if inside else None,
        skin_gap_mm=skin - needle.length_mm if np.isfinite(skin) else None,
    )


def _outside(end: str, point: Points) -> str:
    x, y, z = point.single
    return (
        f"The needle's {end} ({x:.0f}, {y:.0f}, {z:.0f}) mm lies outside the region around the "
        "sacrum that was mapped; move it towards the sacrum."
    )


def skin_is_imaged(fields: ClearanceFields) -> bool:
    """Whether skin is seen behind the sacrum: straight behind its bone, in the scanner, comes air.

    Asked of a coarse sample of bone; half of the rays must find it, so that a scan cut through the
    skin, or masked to bone, counts as one without skin.
    """
    bone = fields.bone_of(Bone.SACRUM)[::_SKIN_SAMPLE, ::_SKIN_SAMPLE, ::_SKIN_SAMPLE] < 0.0
    points = fields.grid.points_at(np.argwhere(bone) * _SKIN_SAMPLE).xyz
    if not len(points):
        return False
    forward = np.tile([0.0, -1.0, 0.0], (len(points), 1))  # LPS: walked back from, to the back
    found = find_reach(fields, points, forward, _SKIN_STEP_MM)
    return bool(np.isfinite(found.skin_mm).mean() >= 0.5)


def find_reach(
    fields: ClearanceFields,
    tips_lps: NDArray[np.float64],
    directions: NDArray[np.float64],
    step_mm: float,
    bone: Bone = Bone.SACRUM,
) -> PathReach:
    """Bone entry, skin and forward exit of paths: tips (n, 3) LPS mm, unit directions (n, 3) LPS."""
    h = fields.voxel_mm
    tips, steps = _in_voxels(fields, tips_lps, directions)
    limits = (step_mm / h, _BONE_GAP_MM / h, _LEAST_SOFT_TISSUE_MM / h)
    found = reach(fields.bone_of(bone), fields.air, fields.air_start_kji, tips, steps, limits)
    found = np.where(found < 0.0, np.nan, found) * h
    return PathReach(found[:, BONE_ENTRY], found[:, SKIN], found[:, OUT_OF_BONE])


def depth_in_mm(fields: ClearanceFields, points_lps: NDArray[np.float64]) -> NDArray[np.float64]:
    """How deep points (n, 3) LPS mm lie in sacral bone, (n,) mm; negative outside it."""
    kji = fields.grid.kji_at(Points(points_lps, fields.frame))
    bone = fields.bone_of(Bone.SACRUM)
    return np.asarray(
        -fields.voxel_mm * ndimage.map_coordinates(bone, kji.T, order=1, mode="nearest")
    )


def closest_mm(
    fields: ClearanceFields,
    tips_lps: NDArray[np.float64],
    directions: NDArray[np.float64],
    lengths_mm: NDArray[np.float64],
    radius_mm: float,
    found: PathReach,
    step_mm: float,
    floors_mm: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Clearance of n needles to each of `OBSTACLES`, (n, 8) mm; the way forward included.

    Needles that come below one of `floors_mm` (8,) are given up: they are at least as bad as that.
    """
    h = fields.voxel_mm
    tips, steps = _in_voxels(fields, tips_lps, directions)
    floors = np.full(len(OBSTACLES), -np.inf) if floors_mm is None else floors_mm / h
    along = (lengths_mm / h, radius_mm / h, step_mm / h)
    least = closest(fields.obstacles, tips, steps, *along, floors) * h
    channel = OBSTACLES.index(ANTERIOR)
    forward = np.nan_to_num(found.forward_mm)
    exits = np.clip(tips + steps * (forward / h)[:, None], 0, np.asarray(fields.grid.shape) - 1)
    k, j, i = np.rint(exits).astype(np.int64).T
    anterior = fields.obstacles[k, j, i, channel] * h <= _EXIT_TOLERANCE_MM
    least[:, channel] = np.where(
        anterior, np.minimum(least[:, channel], forward), least[:, channel]
    )
    return least


def _in_voxels(
    fields: ClearanceFields, tips_lps: NDArray[np.float64], directions: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    tips = fields.grid.kji_at(Points(tips_lps, fields.frame))
    steps = (directions @ fields.grid.direction)[:, ::-1]
    return np.ascontiguousarray(tips), np.ascontiguousarray(steps)
