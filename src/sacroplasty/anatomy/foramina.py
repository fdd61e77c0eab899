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

Chosen = dict[Level, Tunnel]


@dataclass(frozen=True, eq=False, slots=True)
class FoundForamina:
    """Foramina, their voxels on the sheet (Structure values, 0 elsewhere), what is absent and why."""

    foramina: tuple[Foramen, ...]
    region: NDArray[np.uint8]
    absent: dict[str, str]
    findings: tuple[Finding, ...]


def find_foramina(sheet: SacralSheet) -> FoundForamina:
    """Finds S1–S4 on both sides.

    Candidates are the cheapest ways from the ventral to the dorsal lid (`tunnels`). Levels are
    given to both sides together, so that depth below the endplate, spacing along a side and
    left–right symmetry all speak.
    """
    options = {side: _assignments(find_tunnels(sheet, side)) for side in Side}
    _, left, right = min(
        (
            (a + b + _pair_cost(one, two), one, two)
            for a, one in options[Side.LEFT]
            for b, two in options[Side.RIGHT]
        ),
        key=lambda choice: choice[0],
    )
    region = np.zeros(sheet.grid.shape, dtype=np.uint8)
    chosen = {Side.LEFT: left, Side.RIGHT: right}
    paths = [(level, side, t) for side, levels in chosen.items() for level, t in levels.items()]
    _fill_regions(sheet, paths, region)
    foramina = tuple(_measured(sheet, level, side, t, region) for level, side, t in paths)
    absent, findings = _judged(chosen)
    return FoundForamina(foramina, region, absent, findings)


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


def _measured(
    sheet: SacralSheet, level: Level, side: Side, tunnel: Tunnel, region: NDArray[np.uint8]
) -> Foramen:
    """Mouths, centre and the radius of the largest ball in the ventral half."""
    own = region == foramen_structure(level, side)
    ventral_half = own & (np.arange(region.shape[1])[None, :, None] <= tunnel.middle[1])
    room = np.maximum(sheet.distance, _LEAST_TUBE_MM)
    radius = float(room[ventral_half].max()) if ventral_half.any() else _LEAST_TUBE_MM
    ends = tunnel.path[[0, -1]].astype(float)
    mouth = sheet.grid.points_at
    return Foramen(
        level,
        side,
        mouth(ends.mean(axis=0)),
        min(radius, constant("foramen_radius").high),
        mouth(ends[0]),
        mouth(ends[1]),
    )


def _judged(chosen: dict[Side, Chosen]) -> tuple[dict[str, str], tuple[Finding, ...]]:
    absent: dict[str, str] = {}
    findings: list[Finding] = []
    for side, levels in chosen.items():
        for level in Level:
            name = foramen_structure(level, side).label
            tunnel = levels.get(level)
            if tunnel is None:
                absent[name] = (
                    "no tunnel from the ventral to the dorsal surface was found at this level"
                )
                critical = level in (Level.S1, Level.S2)
                findings.append(
                    Finding(
                        f"{name} found",
                        Verdict.FAIL if critical else Verdict.NOT_CHECKED,
                        f"The {side.value} {level.value} foramen was not found; "
                        + (
                            "do not plan on this model."
                            if critical
                            else "keep needles away from this level."
                        ),
                    )
                )
                continue
            clear = tunnel.bone_mm <= _DOUBTFUL_BONE_MM
            findings.append(
                Finding(
                    f"{name} found",
                    Verdict.PASS if clear else Verdict.NOT_CHECKED,
                    f"The {side.value} {level.value} foramen is an open tunnel."
                    if clear
                    else f"The {side.value} {level.value} foramen is closed in the bone mask; its place is an estimate: look at it.",
                    f"{tunnel.bone_mm:.0f} mm of bone across it",
                    f"at most {_DOUBTFUL_BONE_MM:.0f} mm",
                )
            )
    return absent, tuple(findings)
