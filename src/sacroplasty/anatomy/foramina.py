"""The foraminal canals S1–S4: which tunnel is which level, and how wide it is.

A missed foramen is the error that harms a patient. A level that is not found is therefore never
silently free: S1 and S2 give a FAIL (planning stops), S3 a NOT_CHECKED. S4 lies below every target;
where it cannot be told from the notches of the border it is absent with its reason, and no check
of the model (decision 0009). A stand-in of prior shape was considered and rejected: it would
protect the wrong place with the look of a measured one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.foramen_findings import (
    DOUBTFUL_BONE_MM,
    LEAST_RADIUS_MM,
    as_found,
    handed_over,
    not_found,
    openings_with_levels,
)
from sacroplasty.anatomy.foramen_levels import Chosen, name_levels
from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.sacrum_model import Foramen
from sacroplasty.anatomy.structures import Level, Side, foramen_structure
from sacroplasty.anatomy.tunnels import Tunnel
from sacroplasty.findings import Finding
from sacroplasty.reference import constant

# The rows of foramina converge downwards: further lateral than the one above is a notch.
_NOTCH_MM = 4.0
_LEAST_TUBE_MM = 2.5
# Voxels around a path that its region may reach: the widest radius and a rim.
_AROUND = 13
# Beyond the largest ball a foramen still has corners.
_RIM_MM = 2.5
# The canal lies nearer to the midline than this.
_OFF_MIDLINE_MM = 8.0
_SOFT_HU = 150
# Fewer voxels at the lid than this are no opening: a mask handed over may end short of it.
_LEAST_MOUTH = 4
_HALF_VOXEL_MM = 0.5
_NO_TUNNEL = "no tunnel from the ventral to the dorsal surface was found at this level"


@dataclass(frozen=True, eq=False, slots=True)
class FoundForamina:
    """Foramina, their voxels on the sheet (Structure values, 0 elsewhere), what is absent and why."""

    foramina: tuple[Foramen, ...]
    region: NDArray[np.uint8]
    absent: dict[str, str]
    findings: tuple[Finding, ...]


def find_foramina(sheet: SacralSheet, given: NDArray[np.uint8]) -> FoundForamina:
    """S1–S4 on both sides; those in `given` (Structure values on the sheet) are only measured.

    Candidates are the cheapest ways from the ventral to the dorsal lid (`tunnels`). Levels are
    given to both sides together, so that depth below the endplate, spacing along a side and
    left–right symmetry all speak.
    """
    named = set(np.unique(given).tolist())
    every = [(level, side) for side in Side for level in Level]
    missing = [n for n in every if foramen_structure(*n) not in named]
    named_levels = name_levels(sheet) if missing else None
    chosen: dict[Side, Chosen] = (
        named_levels.chosen if named_levels else {side: {} for side in Side}
    )
    paths = [(lv, side, chosen[side][lv]) for lv, side in missing if lv in chosen[side]]
    region = np.zeros(sheet.grid.shape, dtype=np.uint8)
    _fill_regions(sheet, paths, region)
    region[given > 0] = given[given > 0]
    foramina = {
        (level, side): _measured(sheet, level, side, region)
        for level, side in every
        if (region == foramen_structure(level, side)).any()
    }
    absent: dict[str, str] = {}
    findings = openings_with_levels(sheet, named_levels) if named_levels else []
    for level, side in every:
        tunnel, found = chosen[side].get(level), foramina.get((level, side))
        name = foramen_structure(level, side)
        if (level, side) not in missing:
            findings.append(handed_over(level, side, found))
        elif tunnel is None or found is None:
            absent[name.label] = _NO_TUNNEL
            findings += not_found(level, side)
        elif level is Level.S4 and (why := _no_foramen(found, tunnel, chosen[side])):
            absent[name.label] = why
            region[region == name] = 0
            del foramina[level, side]
        else:
            findings.append(as_found(found, tunnel.bone_mm))
    return FoundForamina(tuple(foramina.values()), region, absent, tuple(findings))


def _no_foramen(found: Foramen, tunnel: Tunnel, named: Chosen) -> str | None:
    """Why what was taken for the lowest foramen is none, or None where it may well be one."""
    if tunnel.bone_mm > DOUBTFUL_BONE_MM:
        return f"the only way through at this level crosses {tunnel.bone_mm:.0f} mm of bone"
    if found.radius_mm < LEAST_RADIUS_MM:
        return "the only way through at this level is hardly wider than a voxel"
    above = named.get(Level.S3)
    if above is not None and tunnel.offset_mm - above.offset_mm > _NOTCH_MM:
        return "the only way through at this level lies lateral of S3: a notch of the border"
    return None


def _fill_regions(
    sheet: SacralSheet, paths: list[tuple[Level, Side, Tunnel]], region: NDArray[np.uint8]
) -> None:
    """Open voxels around each path, the nearest path winning; never thinner than 5 mm.

    The thin tube is laid through bone too where the mask closed the tunnel: the safer reading.
    """
    best = np.full(region.shape, np.inf)
    between = sheet.between_lids
    for level, side, tunnel in paths:
        seed = np.ones(region.shape, dtype=bool)
        seed[tuple(tunnel.path.T)] = False
        low, high = tunnel.path.min(axis=0) - _AROUND, tunnel.path.max(axis=0) + _AROUND + 1
        box = tuple(slice(max(a, 0), b) for a, b in zip(low.tolist(), high.tolist(), strict=True))
        far = np.full(region.shape, np.inf)
        far[box] = ndimage.distance_transform_edt(seed[box])
        is_open = _open_space(sheet, tunnel, box)
        room = np.zeros(region.shape)
        room[box] = ndimage.distance_transform_edt(is_open)
        widest = float(room[tuple(tunnel.path.T)].max())
        reach = min(widest, constant("foramen_radius").high) + _RIM_MM
        near = far <= _LEAST_TUBE_MM
        near[box] |= (far[box] <= reach) & is_open
        takes = near & between & (sheet.x_mm * side.sign > _OFF_MIDLINE_MM) & (far < best)
        region[takes] = foramen_structure(level, side)
        best[takes] = far[takes]


def _open_space(sheet: SacralSheet, tunnel: Tunnel, box: tuple[slice, ...]) -> NDArray[np.bool_]:
    """What is open around a tunnel: as the mask says, or as the CT says where the mask filled it.

    A segmenter that fills marrow may fill a narrow foramen. Then everything as soft as nerve and fat
    that hangs together with the path counts, up to its bright wall; marrow without a visible wall is
    taken in too, which errs towards a wider foramen.
    """
    is_open = sheet.distance[box] > 0
    if (sheet.distance[tuple(tunnel.path.T)] > 0).all():
        return np.asarray(is_open)
    soft = is_open | (sheet.hu[box] < _SOFT_HU)
    parts, _ = ndimage.label(soft)
    start = tuple((tunnel.path - [b.start for b in box]).T)
    on_path = parts[start]
    return np.isin(parts, on_path[on_path > 0])


def _measured(sheet: SacralSheet, level: Level, side: Side, region: NDArray[np.uint8]) -> Foramen:
    """Mouths, centre and the radius of the largest ball in the ventral half, from the voxels.

    A mouth is the centroid of the opening on its lid.
    """
    own = region == foramen_structure(level, side)
    ventral, dorsal = _mouths(sheet, own)
    voxels = np.argwhere(own)
    low = voxels.min(axis=0)
    crop = own[tuple(slice(a, b + 1) for a, b in zip(low, voxels.max(axis=0), strict=True))]
    room = ndimage.distance_transform_edt(np.pad(crop, 1))[1:-1, 1:-1, 1:-1] - _HALF_VOXEL_MM
    half = int(np.clip((ventral[1] + dorsal[1]) / 2 - low[1] + 1, 1, crop.shape[1]))
    point = sheet.grid.points_at
    return Foramen(
        level,
        side,
        point((ventral + dorsal) / 2),
        min(float(room[:, :half].max()), constant("foramen_radius").high),
        point(ventral),
        point(dorsal),
    )


def _mouths(
    sheet: SacralSheet, own: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middle of the ventral and of the dorsal opening of a tunnel, as (k, j, i) on the sheet."""
    voxels = np.argwhere(own)
    k, j, i = voxels.T
    ends = []
    for depth in (j - sheet.ventral[k, i], sheet.dorsal[k, i] - j):
        at_lid = depth <= 1 if (depth <= 1).sum() >= _LEAST_MOUTH else depth <= depth.min() + 1
        ends.append(voxels[at_lid].mean(axis=0))
    return ends[0], ends[1]
