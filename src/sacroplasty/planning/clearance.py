"""How far a needle stays from everything that it must not touch.

`ClearanceFields` is built once per patient: one exact signed distance field per structure.
`measure_needle` then walks along the shaft and costs about a millisecond, so that a slider can
drive it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure, foramen_structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Points, Rigid, require_same_frame
from sacroplasty.planning.distance_field import signed_distance_mm
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.sacral_surface import sacral_surfaces
from sacroplasty.planning.shaft import BONE_ENTRY, OUT_OF_BONE, SKIN, closest, reach

# The keys of `clearance_mm`, in the order of the channels of `ClearanceFields.obstacles`.
FORAMINA, CANAL, SI_JOINT, ANTERIOR, CRANIAL, DISC, ILIUM = (
    "foramina",
    "canal",
    "si_joint",
    "anterior_cortex",
    "cranial_ala_cortex",
    "disc",
    "ilium",
)
OBSTACLES = (FORAMINA, CANAL, SI_JOINT, ANTERIOR, CRANIAL, DISC, ILIUM)

# The foramina that a needle in the S1 ala can meet; without them no foraminal clearance is claimed.
_NEARBY_LEVELS = (Level.S1, Level.S2)
# Room around the sacrum, so that the walls of joint and ilium are in the box.
_BOX_MARGIN_MM = 25.0
# Room behind it, for the whole shaft up to the skin of a large patient.
_BOX_DORSAL_MM = 110.0
# Half a voxel of a 1 mm grid: less would sample what the labels do not hold.
_STEP_MM = 0.5
# A fracture cleft or a pit in the cortex is still "inside bone"; a foramen is wider.
_BONE_GAP_MM = 3.0
# Air nearer to the dorsal cortex than this is not skin but a mask: no patient is that thin.
_LEAST_SOFT_TISSUE_MM = 5.0
# Every eighth voxel along each axis shows some hundred bits of sacrum.
_SKIN_SAMPLE = 8
# A path leaves bone through the anterior cortex if that surface is this near to where it leaves.
_EXIT_TOLERANCE_MM = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class ClearanceFields:
    """Signed distances to every obstacle, to sacral bone and to air, on one isotropic box.

    obstacles: float32 (k, j, i, 7), channels as `OBSTACLES`; tissue: float32 (k, j, i, 2), sacral
        bone and air. Both in **voxels** of `grid`, negative inside the structure.
    absent: per side, the keys of `OBSTACLES` that cannot be measured, each with the reason.
    """

    obstacles: NDArray[np.float32]
    tissue: NDArray[np.float32]
    grid: Grid
    scanner_from_sacrum: Rigid
    absent: dict[Side, dict[str, str]]

    def __post_init__(self) -> None:
        for name in ("obstacles", "tissue"):
            sealed = getattr(self, name).view()
            sealed.flags.writeable = False
            object.__setattr__(self, name, sealed)

    @property
    def frame(self) -> Frame:
        """The scanner frame."""
        return self.grid.frame

    @property
    def voxel_mm(self) -> float:
        """Edge of a voxel."""
        return self.grid.spacing_mm[0]

    @property
    def skin_is_imaged(self) -> bool:
        """Whether skin is seen behind the sacrum: straight dorsal of its bone there comes air.

        Asked of a coarse sample of bone; half of the rays must find it, so that a scan cut through
        the skin, or masked to bone, counts as one without skin.
        """
        k, j, i = np.nonzero(self.tissue[::_SKIN_SAMPLE, ::_SKIN_SAMPLE, ::_SKIN_SAMPLE, 0] < 0.0)
        kji = np.stack([k, j, i], axis=1) * _SKIN_SAMPLE
        ventral = self.scanner_from_sacrum.turn(np.array([[0.0, -1.0, 0.0]]))
        points = self.grid.points_at(kji).xyz
        found = find_reach(self, points, np.repeat(ventral, len(points), axis=0), 1.0)
        return bool(np.isfinite(found.skin_mm).mean() >= 0.5)

    def side_of(self, point: Points) -> Side:
        """The patient's side that a point (scanner frame) lies on, by the sacral frame."""
        x = self.scanner_from_sacrum.inverse(point).single[0]
        return Side.LEFT if x > 0 else Side.RIGHT


@dataclass(frozen=True, slots=True)
class NeedleMeasurement:
    """What one needle passes, and at what distance.

    clearance_mm: surface to surface, negative is a breach; a structure that the model lacks on
        this side is not a key but stands in `absent` with the reason. For ``anterior_cortex`` it
        is the smaller of the nearest distance in 3-D and the way forward along the needle.
    bone_entry_depth_mm: from the needle's entry to the dorsal cortex; None if the tip is not in
        sacral bone. in_bone_mm: length of the needle in bone.
    """

    side: Side
    clearance_mm: dict[str, float]
    absent: dict[str, str]
    bone_entry_depth_mm: float | None
    in_bone_mm: float


@dataclass(frozen=True, eq=False, slots=True)
class PathReach:
    """Where n paths leave bone and body, walked back from their tips; (n,) mm, NaN for nowhere."""

    bone_entry_mm: NDArray[np.float64]
    skin_mm: NDArray[np.float64]
    forward_mm: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> "PathReach":
        """The chosen rows."""
        return PathReach(self.bone_entry_mm[rows], self.skin_mm[rows], self.forward_mm[rows])


def build_clearance_fields(sacrum: SacrumModel) -> ClearanceFields:
    """Distance fields around the sacrum; the box may reach beyond the image, where nothing is known.

    Raises `BadInput` if the working grid is not isotropic.
    """
    grid = _box(sacrum)
    labels = _padded_labels(sacrum, grid)
    spacing = grid.spacing_mm[0]
    anterior, cranial = sacral_surfaces(labels, grid, sacrum.scanner_from_sacrum)
    masks = {
        FORAMINA: np.isin(labels, [s for s in Structure if s.is_foramen]),
        CANAL: labels == Structure.CANAL,
        SI_JOINT: np.isin(labels, [Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT]),
        ANTERIOR: anterior,
        CRANIAL: cranial,
        # Above the disc stands L5 with its facets and transverse processes: the same obstacle.
        DISC: np.isin(labels, [Structure.DISC_L5S1, Structure.L5]),
        ILIUM: np.isin(labels, [Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT]),
    }
    obstacles = np.empty((*grid.shape, len(OBSTACLES)), dtype=np.float32)
    for channel, name in enumerate(OBSTACLES):
        obstacles[..., channel] = signed_distance_mm(masks[name], spacing) / spacing
    tissue = np.empty((*grid.shape, 2), dtype=np.float32)
    tissue[..., 0] = signed_distance_mm(labels == Structure.SACRUM, spacing) / spacing
    tissue[..., 1] = signed_distance_mm(labels == Structure.OUTSIDE, spacing) / spacing
    absent = {side: _absent(sacrum, masks, side) for side in Side}
    return ClearanceFields(obstacles, tissue, grid, sacrum.scanner_from_sacrum, absent)


def measure_needle(fields: ClearanceFields, needle: Needle) -> NeedleMeasurement:
    """Clearances of one needle along its whole shaft, its radius included.

    Accuracy: that of the fields (see `distance_field`), plus 0.1 mm for steps of 0.5 mm.
    Raises `BadInput` if an end of the needle lies outside the mapped box.
    """
    require_same_frame(fields, needle)
    for name, end in (("entry", needle.entry), ("tip", needle.tip)):
        if not fields.grid.contains(end)[0]:
            x, y, z = end.single
            raise BadInput(
                f"The needle's {name} ({x:.0f}, {y:.0f}, {z:.0f}) mm lies outside the region around "
                "the sacrum that was mapped; move it towards the sacrum."
            )
    tips, directions = needle.tip.xyz, needle.direction[None, :]
    lengths = np.array([needle.length_mm])
    found = find_reach(fields, tips, directions, _STEP_MM)
    radius_mm = 0.5 * needle.gauge.outer_diameter_mm
    least = closest_mm(fields, tips, directions, lengths, radius_mm, found, step_mm=_STEP_MM)[0]
    side = fields.side_of(needle.tip)
    in_bone = min(float(np.nan_to_num(found.bone_entry_mm[0])), needle.length_mm)
    return NeedleMeasurement(
        side=side,
        clearance_mm={
            name: float(value)
            for name, value in zip(OBSTACLES, least, strict=True)
            if name not in fields.absent[side]
        },
        absent=dict(fields.absent[side]),
        bone_entry_depth_mm=None if in_bone <= 0.0 else needle.length_mm - in_bone,
        in_bone_mm=in_bone,
    )


def find_reach(
    fields: ClearanceFields,
    tips_lps: NDArray[np.float64],
    directions: NDArray[np.float64],
    step_mm: float,
) -> PathReach:
    """Bone entry, skin and forward exit of paths: tips (n, 3) LPS mm, unit directions (n, 3) LPS."""
    h = fields.voxel_mm
    tips, steps = _in_voxels(fields, tips_lps, directions)
    found = reach(
        fields.tissue, tips, steps, step_mm / h, _BONE_GAP_MM / h, _LEAST_SOFT_TISSUE_MM / h
    )
    found = np.where(found < 0.0, np.nan, found) * h
    return PathReach(found[:, BONE_ENTRY], found[:, SKIN], found[:, OUT_OF_BONE])


def closest_mm(
    fields: ClearanceFields,
    tips_lps: NDArray[np.float64],
    directions: NDArray[np.float64],
    lengths_mm: NDArray[np.float64],
    radius_mm: float,
    found: PathReach,
    step_mm: float,
) -> NDArray[np.float64]:
    """Clearance of n needles to each of `OBSTACLES`, (n, 7) mm; the way forward included."""
    h = fields.voxel_mm
    tips, steps = _in_voxels(fields, tips_lps, directions)
    least = closest(fields.obstacles, tips, steps, lengths_mm / h, radius_mm / h, step_mm / h) * h
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


def _box(sacrum: SacrumModel) -> Grid:
    """The region to map: around the sacrum and behind it; voxels coincide with the working grid."""
    grid = sacrum.labels.grid
    if max(grid.spacing_mm) - min(grid.spacing_mm) > 1e-3:
        raise BadInput(
            f"Needle planning needs a working grid with equal spacing; got {grid.spacing_mm} mm."
        )
    kji = np.argwhere(sacrum.mask(Structure.SACRUM))
    low, high = kji.min(axis=0), kji.max(axis=0)
    dorsal = sacrum.scanner_from_sacrum.turn(np.array([0.0, 1.0, 0.0])) @ grid.direction
    shift = np.rint(dorsal[::-1] * _BOX_DORSAL_MM / grid.spacing_mm[0]).astype(int)
    margin = round(_BOX_MARGIN_MM / grid.spacing_mm[0])
    low = np.minimum(low, low + shift) - margin
    high = np.maximum(high, high + shift) + margin + 1
    origin = grid.points_at(low).single
    k, j, i = (high - low).tolist()
    return Grid((k, j, i), tuple(origin.tolist()), grid.spacing_mm, grid.direction, grid.frame)


def _start(sacrum: SacrumModel, grid: Grid) -> NDArray[np.int64]:
    """Index of the box's first voxel in the working grid."""
    corner = grid.points_at(np.zeros(3))
    return np.rint(sacrum.labels.grid.kji_at(corner)[0]).astype(np.int64)


def _overlap(sacrum: SacrumModel, grid: Grid) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """The part that both grids share, as slices of the working grid and of the box."""
    source, target = [], []
    for start, n, limit in zip(
        _start(sacrum, grid), grid.shape, sacrum.labels.grid.shape, strict=True
    ):
        first, last = max(int(start), 0), min(int(start) + n, limit)
        source.append(slice(first, last))
        target.append(slice(first - int(start), last - int(start)))
    return tuple(source), tuple(target)


def _padded_labels(sacrum: SacrumModel, grid: Grid) -> NDArray[np.uint8]:
    """Labels on the box; beyond the image they read SOFT_TISSUE: body, and nothing known of it."""
    source, target = _overlap(sacrum, grid)
    labels = np.full(grid.shape, int(Structure.SOFT_TISSUE), dtype=np.uint8)
    labels[target] = sacrum.labels.values[source]
    return labels


def _absent(sacrum: SacrumModel, masks: dict[str, NDArray[np.bool_]], side: Side) -> dict[str, str]:
    """Keys that cannot be measured on a side, with the reason that the model gives."""
    needed = {
        FORAMINA: [foramen_structure(level, side) for level in _NEARBY_LEVELS],
        CANAL: [Structure.CANAL],
        SI_JOINT: [Structure[f"SI_JOINT_{side.name}"]],
        DISC: [Structure.DISC_L5S1],
        ILIUM: [Structure[f"ILIUM_{side.name}"]],
    }
    present = set(np.unique(sacrum.labels.values).tolist())
    absent = {}
    for key, structures in needed.items():
        lacking = [s.label for s in structures if int(s) not in present]
        if lacking:
            reasons = [sacrum.absent.get(label, "not in the label map") for label in lacking]
            absent[key] = "; ".join(
                f"{label}: {reason}" for label, reason in zip(lacking, reasons, strict=True)
            )
    for key in (ANTERIOR, CRANIAL):
        if not masks[key].any():
            absent[key] = "no such surface was found on the sacrum"
    return absent
