"""One signed distance field per structure that a needle must not touch, built once per patient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure, foramen_structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Points, Rigid
from sacroplasty.planning.distance_field import signed_distance_mm
from sacroplasty.planning.sacral_surface import sacral_surfaces

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

    def side_of(self, point: Points) -> Side:
        """The patient's side that a point (scanner frame) lies on, by the sacral frame."""
        x = self.scanner_from_sacrum.inverse(point).single[0]
        return Side.LEFT if x > 0 else Side.RIGHT


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
