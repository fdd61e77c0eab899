"""From a CT and a segmenter to the sacrum that everything downstream sees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.bone_masks import BoneMasks, Segmenter
from sacroplasty.anatomy.canal import FoundCanal, find_canal
from sacroplasty.anatomy.endplate import Endplate, along_endplate, find_endplate
from sacroplasty.anatomy.foramina import FoundForamina, find_foramina
from sacroplasty.anatomy.given import canal_as_given, foramina_as_given
from sacroplasty.anatomy.neighbours import Neighbours, paint_neighbours
from sacroplasty.anatomy.quality import judge_canal, judge_masks
from sacroplasty.anatomy.sacral_axes import through_the_bodies
from sacroplasty.anatomy.sacral_frame import find_sacral_frame
from sacroplasty.anatomy.sacral_sheet import SacralSheet, lay_sheet
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.skin import find_body
from sacroplasty.anatomy.structures import Side, Structure, si_joint_structure
from sacroplasty.anatomy.symmetry import judge_endplate, judge_symmetry
from sacroplasty.anatomy.working_grid import shaped_onto, working_grid
from sacroplasty.anatomy.zones import denis_zones
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.geometry import Grid, Points, Volume, require_same_frame
from sacroplasty.imaging import CTVolume

Labels = NDArray[np.uint8]
# A root's way out of the canal ends within half of this many voxels at its foramen.
_ROOT_REACH = 15


@dataclass(frozen=True, eq=False, slots=True)
class _Openings:
    """Canal and foramina on the sheet."""

    canal: FoundCanal
    foramina: FoundForamina


def build_sacrum(ct: CTVolume, segmenter: Segmenter) -> SacrumModel:
    """The sacrum model of a CT, on a 1 mm axis-aligned grid.

    Structures that the segmenter names beyond the sacrum (ilia, L5, disc, joints, canal, foramina)
    are trusted and only measured; what it does not name is derived. What was not found is in
    `absent`. Raises `AnatomyNotTrusted` where there is no sacrum or no midline, `FrameMismatch`
    where the masks lie in another frame than the CT. A poor model is returned with FAIL findings.
    """
    masks = segmenter.segment(ct)
    require_same_frame(ct, masks)
    if not (masks.labels.values == Structure.SACRUM).any():
        raise AnatomyNotTrusted(f"The masks of {masks.engine} hold no sacrum; correct the mask.")
    grid = working_grid(masks.labels, ct.grid)
    sacrum = shaped_onto(masks.labels, Structure.SACRUM, grid)
    frame, signs = find_sacral_frame(Volume(sacrum < 0, grid))
    sheet = lay_sheet(Volume(sacrum, grid), ct, frame)
    endplate = find_endplate(Volume(sacrum < 0, grid), frame)
    openings = _openings(sheet, masks, endplate)
    absent = dict(openings.foramina.absent)
    labels = _soft_tissue(ct, grid, absent)
    neighbours = paint_neighbours(
        masks, Volume(sacrum, grid), along_endplate(frame, endplate), labels
    )
    absent |= neighbours.absent
    _paint_openings(sheet, openings, neighbours, labels, grid)
    labels[neighbours.sacrum & np.isin(labels, _GIVES_WAY)] = Structure.SACRUM
    canal_line = _canal_line(sheet, openings.canal)
    bone = Volume(sacrum < 0, grid)
    _name_what_is_missing(labels, absent)
    return SacrumModel(
        Volume(labels, grid),
        _zones(sheet, openings.foramina.region, labels, grid),
        through_the_bodies(frame, Volume(labels, grid), openings.foramina.foramina),
        openings.foramina.foramina,
        canal_line,
        absent,
        (
            *masks.findings,
            *signs,
            *judge_masks(masks, frame),
            judge_canal(openings.canal.seen_mm, canal_line, max(ct.grid.spacing_mm)),
            *openings.foramina.findings,
            *judge_symmetry(bone, frame, openings.foramina.foramina),
            judge_endplate(bone, frame, endplate),
        ),
        masks.engine,
    )


_NOTHING_LEFT = "no voxel of it lies in the box around the sacrum"
_MISSING = {
    Structure.CANAL: "no gap between bodies and laminae was found in the midline",
    Structure.COCCYX: "not in the masks",
}
# What sacral bone is painted over; canal, foramina and joints were cut out of it on purpose.
_GIVES_WAY = [
    int(s)
    for s in Structure
    if s not in {Structure.CANAL, *map(si_joint_structure, Side)} and not s.is_foramen
]


def _openings(sheet: SacralSheet, masks: BoneMasks, endplate: Endplate | None) -> _Openings:
    """Canal and foramina: as given where the masks name them, found elsewhere."""
    given = foramina_as_given(sheet, masks)
    found = find_foramina(sheet, given)
    canal = canal_as_given(sheet, masks) or find_canal(sheet, endplate)
    return _Openings(canal, found)


def _canal_line(sheet: SacralSheet, canal: FoundCanal) -> Points:
    return (
        sheet.grid.points_at(canal.line)
        if len(canal.line)
        else Points(np.zeros((0, 3)), sheet.grid.frame)
    )


def _name_what_is_missing(labels: Labels, absent: dict[str, str]) -> None:
    """Every structure without a voxel is absent with a reason; the more special reason stands."""
    there = set(np.unique(labels).tolist())
    for structure in Structure:
        if structure not in there and structure is not Structure.OUTSIDE:
            absent.setdefault(structure.label, _MISSING.get(structure, _NOTHING_LEFT))


def _soft_tissue(ct: CTVolume, grid: Grid, absent: dict[str, str]) -> Labels:
    """SOFT_TISSUE inside the body, OUTSIDE elsewhere."""
    body = find_body(ct)
    if body is None:
        absent["skin"] = "the image was masked to bone: its background is one constant"
        return np.full(grid.shape, Structure.SOFT_TISSUE, dtype=np.uint8)
    inside = Volume(body.astype(np.uint8), ct.grid).on(grid, order=0).values > 0
    if inside.all():
        absent["skin"] = "the skin lies outside the scan's field of view"
    return np.where(inside, Structure.SOFT_TISSUE, Structure.OUTSIDE).astype(np.uint8)


def _paint_openings(
    sheet: SacralSheet, openings: _Openings, neighbours: Neighbours, labels: Labels, grid: Grid
) -> None:
    """Canal and foramina from the sheet; they win over sacral bone, not over L5 and ilia.

    The way of a root from canal to foramen belongs to the nearest foramen, else to the canal: it
    is never free.
    """
    region, canal = openings.foramina.region.copy(), openings.canal
    free = canal.ways_out & (region == 0)
    near = ndimage.maximum_filter(region, _ROOT_REACH)
    region[free] = np.where(near[free] > 0, near[free], Structure.CANAL)
    region[(region == 0) & canal.region] = Structure.CANAL
    painted = Volume(region, sheet.grid).on(grid, order=0).values
    wins = (painted > 0) & ~neighbours.other_bone
    labels[wins] = painted[wins]


def _zones(
    sheet: SacralSheet, region: NDArray[np.uint8], labels: Labels, grid: Grid
) -> Volume[np.uint8]:
    zones = Volume(denis_zones(sheet, region), sheet.grid).on(grid, order=0).values.copy()
    zones[labels != Structure.SACRUM] = 0
    zones[(labels == Structure.SACRUM) & (zones == 0)] = 1
    return Volume(zones, grid)
