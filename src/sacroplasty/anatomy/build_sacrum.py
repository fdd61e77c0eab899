"""From a CT and a segmenter to the sacrum that everything downstream sees."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.bone_masks import BoneMasks, Segmenter
from sacroplasty.anatomy.canal import canal_region, find_canal
from sacroplasty.anatomy.foramina import FoundForamina, find_foramina
from sacroplasty.anatomy.quality import judge_canal, judge_masks
from sacroplasty.anatomy.sacral_frame import find_sacral_frame
from sacroplasty.anatomy.sacral_sheet import SacralSheet, lay_sheet
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.si_joints import joint_space
from sacroplasty.anatomy.skin import find_body
from sacroplasty.anatomy.structures import (
    Side,
    Structure,
    ilium_structure,
    si_joint_structure,
)
from sacroplasty.anatomy.working_grid import shaped_onto, working_grid
from sacroplasty.anatomy.zones import denis_zones
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.geometry import Grid, Points, Volume, require_same_frame
from sacroplasty.imaging import CTVolume

_WIDEST_DISC_MM = 16.0
Labels = NDArray[np.uint8]


def build_sacrum(ct: CTVolume, segmenter: Segmenter) -> SacrumModel:
    """The sacrum model of a CT, on a 1 mm axis-aligned grid.

    Structures that the segmenter names beyond the sacrum (ilia, L5, disc, joints) are trusted;
    frame, canal, foramina, zones, joints and skin are derived. What was not found is in `absent`.
    Raises `AnatomyNotTrusted` where there is no sacrum or no midline, `FrameMismatch` where the
    masks lie in another frame than the CT. A poor model is returned with FAIL findings.
    """
    masks = segmenter.segment(ct)
    require_same_frame(ct, masks)
    if not (masks.labels.values == Structure.SACRUM).any():
        raise AnatomyNotTrusted(f"The masks of {masks.engine} hold no sacrum; correct the mask.")
    grid = working_grid(masks.labels, ct.grid)
    sacrum = shaped_onto(masks.labels, Structure.SACRUM, grid)
    frame, signs = find_sacral_frame(Volume(sacrum < 0, grid))
    sheet = lay_sheet(Volume(sacrum, grid), ct, frame)
    line = find_canal(sheet)
    found = find_foramina(sheet)
    absent = dict(found.absent)
    labels = _soft_tissue(ct, grid, absent)
    _paint_bones(masks, grid, sacrum, labels, absent)
    _paint_openings(sheet, line, found, labels, grid)
    labels[
        (sacrum < 0)
        & (labels != Structure.CANAL)
        & (labels < Structure.FORAMEN_S1_LEFT)
        & ~np.isin(labels, _JOINTS)
    ] = Structure.SACRUM
    zones = Volume(denis_zones(sheet, found.region), sheet.grid).on(grid, order=0).values.copy()
    zones[(labels != Structure.SACRUM)] = 0
    zones[(labels == Structure.SACRUM) & (zones == 0)] = 1
    canal = sheet.grid.points_at(line) if len(line) else Points(np.zeros((0, 3)), ct.frame)
    if not len(line):
        absent["canal"] = "no gap between bodies and laminae was found in the midline"
    return SacrumModel(
        Volume(labels, grid),
        Volume(zones, grid),
        frame,
        found.foramina,
        canal,
        absent,
        (
            *masks.findings,
            *signs,
            *judge_masks(masks, frame),
            judge_canal(float(len(line))),
            *found.findings,
        ),
        masks.engine,
    )


_JOINTS = [int(si_joint_structure(side)) for side in Side]


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


def _paint_bones(
    masks: BoneMasks,
    grid: Grid,
    sacrum: NDArray[np.float32],
    labels: Labels,
    absent: dict[str, str],
) -> None:
    """Ilia, L5, disc and joints; the sacrum itself is painted last, by the caller."""
    given = set(np.unique(masks.labels.values).tolist())
    for side in Side:
        ilium, joint = ilium_structure(side), si_joint_structure(side)
        if ilium not in given:
            absent[ilium.label] = "not in the masks"
            absent[joint.label] = "there is no ilium of this side in the masks"
            continue
        distance = shaped_onto(masks.labels, ilium, grid)
        labels[distance < 0] = ilium
        space = joint_space(sacrum, distance)
        labels[space] = joint
        if not space.any():
            absent[joint.label] = "sacrum and ilium are nowhere within 6 mm of each other"
    if Structure.L5 not in given:
        absent[Structure.L5.label] = "not in the masks"
        absent[Structure.DISC_L5S1.label] = "there is no L5 in the masks"
        return
    l5 = shaped_onto(masks.labels, Structure.L5, grid)
    if Structure.DISC_L5S1 in given:
        disc = shaped_onto(masks.labels, Structure.DISC_L5S1, grid) < 0
    else:
        disc = (
            (l5 > 0) & (sacrum > 0) & (l5 + sacrum <= _WIDEST_DISC_MM) & (np.abs(l5 - sacrum) < 6)
        )
    labels[disc] = Structure.DISC_L5S1
    labels[l5 < 0] = Structure.L5


def _paint_openings(
    sheet: SacralSheet, line: NDArray[np.float64], found: FoundForamina, labels: Labels, grid: Grid
) -> None:
    """Canal and foramina from the sheet; they win over bone."""
    openings = found.region.copy()
    openings[(openings == 0) & canal_region(sheet, line)] = Structure.CANAL
    painted = Volume(openings, sheet.grid).on(grid, order=0).values
    labels[painted > 0] = painted[painted > 0]
