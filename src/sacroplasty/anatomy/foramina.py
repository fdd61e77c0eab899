"""The foraminal canals S1–S4: which tunnel is which level, and how wide it is.

A missed foramen is the error that harms a patient. A level that is not found is therefore never
silently free: S1 and S2 give a FAIL (planning stops), S3 and S4 a NOT_CHECKED. A stand-in of
prior shape was considered and rejected: it would protect the wrong place with the look of a
measured one.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.sacrum_model import Foramen
from sacroplasty.anatomy.structures import Level, Side, foramen_structure
from sacroplasty.anatomy.tunnels import Tunnel, find_tunnels
from sacroplasty.findings import Finding, Verdict
from sacroplasty.reference import constant

# Costs of the level assignment: pure settings, in units of "one standard deviation squared".
_ABSENT_COST = 6.0
_DEPTH_SPREAD_MM = 9.0
_PAIR_SPREAD_MM = 4.0
_SPACING_SPREAD_MM = 6.0
_BONE_COST_PER_MM = 0.5
# More bone than this across a tunnel, and it is no tunnel; partial volume closes a few mm.
_MOST_BONE_MM = 8.0
_DOUBTFUL_BONE_MM = 3.0
_LEAST_TUBE_MM = 2.5
# Voxels around a path that its region may reach: the widest radius and a rim.
_AROUND = 13
# Fewer voxels at the lid than this are no opening: a mask handed over may end short of it.
_LEAST_MOUTH = 4
_HALF_VOXEL_MM = 0.5
_NO_TUNNEL = "no tunnel from the ventral to the dorsal surface was found at this level"

Chosen = dict[Level, Tunnel]


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
    chosen = _chosen(sheet) if missing else {side: {} for side in Side}
    paths = [(lv, side, chosen[side][lv]) for lv, side in missing if lv in chosen[side]]
    region = np.zeros(sheet.grid.shape, dtype=np.uint8)
    _fill_regions(sheet, paths, region)
    region[given > 0] = given[given > 0]
    foramina = tuple(
        _measured(sheet, level, side, region)
        for level, side in every
        if (region == foramen_structure(level, side)).any()
    )
    absent: dict[str, str] = {}
    findings = []
    for level, side in every:
        tunnel = chosen[side].get(level)
        if (level, side) not in missing:
            findings.append(_handed_over(level, side))
        elif tunnel is None:
            absent[foramen_structure(level, side).label] = _NO_TUNNEL
            findings.append(_not_found(level, side))
        else:
            findings.append(_found(level, side, tunnel))
    return FoundForamina(foramina, region, absent, tuple(findings))


def _chosen(sheet: SacralSheet) -> dict[Side, Chosen]:
    """The tunnels and their levels that cost least for both sides together."""
    options = {side: _assignments(find_tunnels(sheet, side)) for side in Side}
    _, left, right = min(
        (
            (a + b + _pair_cost(one, two), one, two)
            for a, one in options[Side.LEFT]
            for b, two in options[Side.RIGHT]
        ),
        key=lambda choice: choice[0],
    )
    return {Side.LEFT: left, Side.RIGHT: right}


def _assignments(tunnels: list[Tunnel]) -> list[tuple[float, Chosen]]:
    """The sixty cheapest ways to name the tunnels of one side, missing levels allowed."""
    ordered = sorted((t for t in tunnels if t.bone_mm <= _MOST_BONE_MM), key=lambda t: t.depth_mm)
    options: list[tuple[float, Chosen]] = []
    for count in range(min(4, len(ordered)) + 1):
        for levels in combinations(Level, count):
            for picked in combinations(ordered, count):
                chosen = dict(zip(levels, picked, strict=True))
                cost = _side_cost(chosen)
                if np.isfinite(cost):
                    options.append((cost, chosen))
    return sorted(options, key=lambda option: option[0])[:60]


def _side_cost(chosen: Chosen) -> float:
    cost = _ABSENT_COST * (len(Level) - len(chosen))
    for level, tunnel in chosen.items():
        depth = constant(f"foramen_depth_{level.value.lower()}")
        if not depth.low <= tunnel.depth_mm <= depth.high:
            return np.inf
        cost += 0.5 * ((tunnel.depth_mm - depth.value) / _DEPTH_SPREAD_MM) ** 2
        cost += _BONE_COST_PER_MM * tunnel.bone_mm
    levels = list(Level)
    for upper, lower in pairwise(levels):
        if upper in chosen and lower in chosen:
            spacing = constant(f"foramen_spacing_{upper.value}_{lower.value}".lower())
            apart = chosen[lower].depth_mm - chosen[upper].depth_mm
            if not spacing.low <= apart <= spacing.high:
                return np.inf
            cost += 0.5 * ((apart - spacing.value) / _SPACING_SPREAD_MM) ** 2
    return cost


def _pair_cost(left: Chosen, right: Chosen) -> float:
    return sum(
        0.5 * ((left[n].depth_mm - right[n].depth_mm) / _PAIR_SPREAD_MM) ** 2
        for n in left.keys() & right.keys()
    )


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
        reach = (
            min(float(sheet.distance[tuple(tunnel.path.T)].max()), constant("foramen_radius").high)
            + 2.5
        )
        lateral = sheet.x_mm * side.sign > 8
        takes = (
            ((far <= _LEAST_TUBE_MM) | ((far <= reach) & (sheet.distance > 0)))
            & between
            & lateral
            & (far < best)
        )
        region[takes] = foramen_structure(level, side)
        best[takes] = far[takes]


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


def _handed_over(level: Level, side: Side) -> Finding:
    return Finding(
        f"{foramen_structure(level, side).label} found",
        Verdict.PASS,
        f"The {side.value} {level.value} foramen was handed over with the masks.",
    )


def _not_found(level: Level, side: Side) -> Finding:
    critical = level in (Level.S1, Level.S2)
    advice = "do not plan on this model." if critical else "keep needles away from this level."
    return Finding(
        f"{foramen_structure(level, side).label} found",
        Verdict.FAIL if critical else Verdict.NOT_CHECKED,
        f"The {side.value} {level.value} foramen was not found; {advice}",
    )


def _found(level: Level, side: Side, tunnel: Tunnel) -> Finding:
    clear = tunnel.bone_mm <= _DOUBTFUL_BONE_MM
    says = (
        "is an open tunnel."
        if clear
        else "is closed in the bone mask; its place is an estimate: look at it."
    )
    return Finding(
        f"{foramen_structure(level, side).label} found",
        Verdict.PASS if clear else Verdict.NOT_CHECKED,
        f"The {side.value} {level.value} foramen {says}",
        f"{tunnel.bone_mm:.0f} mm of bone across it",
        f"at most {_DOUBTFUL_BONE_MM:.0f} mm",
    )
