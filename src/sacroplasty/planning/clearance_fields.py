"""One signed distance field per structure that a needle must not touch, built once per patient."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure, foramen_structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.planning.body_air import air_around
from sacroplasty.planning.distance_field import signed_distance_mm
from sacroplasty.planning.sacral_surface import sacral_surfaces

# The keys of `clearance_mm`, in the order of the channels of `ClearanceFields.obstacles`.
FORAMINA, CANAL, SI_JOINT, ANTERIOR, CRANIAL, DISC, ILIUM, VESSELS = (
    "foramina",
    "canal",
    "si_joint",
    "anterior_cortex",
    "cranial_ala_cortex",
    "disc",
    "ilium",
    "vessels",
)
OBSTACLES = (FORAMINA, CANAL, SI_JOINT, ANTERIOR, CRANIAL, DISC, ILIUM, VESSELS)

_JOINTS = (Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT)
_ILIA = (Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT)

# The foramina that a needle in the S1 ala can meet; without them no foraminal clearance is claimed.
_NEARBY_LEVELS = (Level.S1, Level.S2)
# Room around the sacrum in the box of distances, so that the walls of joint and ilium are in it;
# behind and beside it reach the iliac spines and the lateral cortex of the iliac bones.
_BOX_MARGIN_MM, _BOX_DORSAL_MM, _BOX_LATERAL_MM = 25.0, 45.0, 45.0
# Room for the whole shaft up to the skin of a large patient: behind, beside and below the sacrum.
_BODY_DORSAL_MM, _BODY_LATERAL_MM, _BODY_CAUDAL_MM = 130.0, 130.0, 60.0


class Bone(StrEnum):
    """The bone that a shaft runs in: the sacrum, or iliac bone, SI joint and sacrum as one."""

    SACRUM = "sacrum"
    PELVIC_RING = "pelvic ring"


@dataclass(frozen=True, eq=False, slots=True)
class ClearanceFields:
    """Signed distances to every obstacle and to bone, on one isotropic box; and where air is.

    obstacles: float32 (k, j, i, 8), channels as `OBSTACLES`; bone: float32 (2, k, j, i), one for
    each `Bone`. Both in **voxels** of `grid`, negative inside the structure.
    air: uint8 (k, j, i), 1 outside the patient, in a wider box of the same voxels whose first voxel
    is voxel `air_start_kji` of `grid`.
    absent: per side, the keys of `OBSTACLES` that cannot be measured, each with the reason.
    unlabelled: keys of what no model has and the user may label; of those nothing is said.
    """

    obstacles: NDArray[np.float32]
    bone: NDArray[np.float32]
    air: NDArray[np.uint8]
    air_start_kji: NDArray[np.int64]
    grid: Grid
    scanner_from_sacrum: Rigid
    absent: dict[Side, dict[str, str]]
    unlabelled: frozenset[str]

    def __post_init__(self) -> None:
        for name in ("obstacles", "bone", "air", "air_start_kji"):
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

    def measurable(self, side: Side) -> tuple[str, ...]:
        """The keys of `OBSTACLES` that have a distance on a side."""
        unknown = self.unlabelled | self.absent[side].keys()
        return tuple(key for key in OBSTACLES if key not in unknown)

    def bone_of(self, bone: Bone) -> NDArray[np.float32]:
        """The signed distance to one `Bone`, (k, j, i) voxels."""
        return self.bone[list(Bone).index(bone)]

    def body_contains(self, point: Points) -> bool:
        """Whether a single point lies in the wider box, where skin is looked for."""
        kji = self.grid.kji_at(point)[0] - self.air_start_kji
        return bool(((kji >= 0) & (kji <= np.asarray(self.air.shape) - 1)).all())

    def side_of(self, point: Points) -> Side:
        """The patient's side that a point (scanner frame) lies on, by the sacral frame."""
        x = self.scanner_from_sacrum.inverse(point).single[0]
        return Side.LEFT if x > 0 else Side.RIGHT


def build_clearance_fields(
    sacrum: SacrumModel, ct: CTVolume | None = None, vessels: Volume[np.uint8] | None = None
) -> ClearanceFields:
    """Distance fields around the sacrum; the box may reach beyond the image, where nothing is known.

    ct: of the same scan; it shows the skin beyond the model's working grid. vessels: what else is
    to be kept clear of, not 0 where the user labelled it, on any grid of the scan's frame.

    Raises `BadInput` if the working grid is not isotropic.
    """
    box = _Room(_BOX_MARGIN_MM, _BOX_DORSAL_MM, _BOX_LATERAL_MM, _BOX_MARGIN_MM)
    body = _Room(_BOX_MARGIN_MM, _BODY_DORSAL_MM, _BODY_LATERAL_MM, _BODY_CAUDAL_MM)
    grid, body_grid = _around(sacrum, box), _around(sacrum, body)
    labels = _padded_labels(sacrum, grid)
    spacing = grid.spacing_mm[0]
    anterior, cranial = sacral_surfaces(labels, grid, sacrum.scanner_from_sacrum)
    masks = {
        FORAMINA: np.isin(labels, [s for s in Structure if s.is_foramen]),
        CANAL: labels == Structure.CANAL,
        SI_JOINT: np.isin(labels, _JOINTS),
        ANTERIOR: anterior,
        CRANIAL: cranial,
        # Above the disc stands L5 with its facets and transverse processes: the same obstacle.
        DISC: np.isin(labels, [Structure.DISC_L5S1, Structure.L5]),
        ILIUM: np.isin(labels, _ILIA),
        VESSELS: _labelled(vessels, grid),
    }
    bones = {
        Bone.SACRUM: labels == Structure.SACRUM,
        Bone.PELVIC_RING: np.isin(labels, (Structure.SACRUM, *_JOINTS, *_ILIA)),
    }
    return ClearanceFields(
        obstacles=_distances([masks[name] for name in OBSTACLES], spacing),
        bone=np.stack([signed_distance_mm(bones[bone], spacing) / spacing for bone in Bone]),
        air=air_around(sacrum, _padded_labels(sacrum, body_grid), body_grid, ct),
        air_start_kji=np.rint(grid.kji_at(body_grid.points_at(np.zeros(3)))[0]).astype(np.int64),
        grid=grid,
        scanner_from_sacrum=sacrum.scanner_from_sacrum,
        absent={side: _absent(sacrum, masks, side) for side in Side},
        unlabelled=frozenset({VESSELS}) if vessels is None else frozenset(),
    )


def _labelled(vessels: Volume[np.uint8] | None, grid: Grid) -> NDArray[np.bool_]:
    if vessels is None:
        return np.zeros(grid.shape, dtype=bool)
    require_same_frame(vessels, grid)
    return np.asarray(vessels.on(grid, order=0).values > 0)


def _distances(masks: list[NDArray[np.bool_]], spacing_mm: float) -> NDArray[np.float32]:
    """Signed distances in voxels to each mask, (k, j, i, channel)."""
    stack = np.empty((*masks[0].shape, len(masks)), dtype=np.float32)
    for channel, mask in enumerate(masks):
        stack[..., channel] = signed_distance_mm(mask, spacing_mm) / spacing_mm
    return stack


@dataclass(frozen=True, slots=True)
class _Room:
    """How far a box reaches beyond the sacrum, in mm along the sacral frame."""

    all_round_mm: float
    dorsal_mm: float
    lateral_mm: float
    caudal_mm: float

    def reaches_mm(self) -> tuple[NDArray[np.float64], ...]:
        """The farthest places from the sacrum, as shifts in the sacral frame."""
        return (
            np.array([0.0, self.dorsal_mm, 0.0]),
            np.array([self.lateral_mm, 0.0, 0.0]),
            np.array([-self.lateral_mm, 0.0, 0.0]),
            np.array([0.0, 0.0, -self.caudal_mm]),
        )


def _around(sacrum: SacrumModel, room: _Room) -> Grid:
    """A box around the sacrum; its voxels coincide with those of the working grid."""
    grid = sacrum.labels.grid
    if max(grid.spacing_mm) - min(grid.spacing_mm) > 1e-3:
        raise BadInput(
            f"Needle planning needs a working grid with equal spacing; got {grid.spacing_mm} mm."
        )
    spacing = grid.spacing_mm[0]
    kji = np.argwhere(sacrum.mask(Structure.SACRUM))
    first, last = kji.min(axis=0), kji.max(axis=0)
    low, high = first.copy(), last.copy()
    for reach in room.reaches_mm():
        step = sacrum.scanner_from_sacrum.turn(reach) @ grid.direction
        shift = np.rint(step[::-1] / spacing).astype(int)
        low, high = np.minimum(low, first + shift), np.maximum(high, last + shift)
    margin = round(room.all_round_mm / spacing)
    low, high = np.minimum(low, first - margin), np.maximum(high, last + margin) + 1
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
