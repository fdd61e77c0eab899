"""Which tunnel is which level: S1–S4 on both sides, named together.

Depth below the endplate, distance from the midline, spacing along a side and left–right symmetry all speak. The gravest error
is a shift by one level, which leaves the true S1 foramen unguarded; so an open tunnel that both
sides show must be given a level, and one that is left over fails the model.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.structures import Level, Side
from sacroplasty.anatomy.tunnels import Tunnel, find_tunnels
from sacroplasty.reference import constant

# Costs of the level assignment: pure settings, in units of "one standard deviation squared".
_ABSENT_COST = 6.0
_UNNAMED_COST = 8.0
_DEPTH_SPREAD_MM = 9.0
_OFFSET_SPREAD_MM = 6.0
_PAIR_SPREAD_MM = 4.0
_SPACING_SPREAD_MM = 6.0
_BONE_COST_PER_MM = 0.5
# More bone than this across a tunnel, and it is no tunnel; partial volume closes a few mm.
_MOST_BONE_MM = 8.0
# A tunnel is certain when it is open, where foramina lie, above the lowest ones (whose notches at
# the edge of the sacrum look alike), and mirrored on the other side to within this.
_CERTAIN_BONE_MM, _CERTAIN_DEPTH_MM = 1.0, 72.0
# A wide way costs little; a fracture cleft, open as it may be, costs more.
_CERTAIN_COST = 11.0
# From the midline; beside S1 the sacrum is wide, and so can be the distance of its foramina.
_CERTAIN_OFFSET_MM = (13.0, 30.0)
_WIDE_OFFSET_MM, _WIDE_DEPTH_MM = 36.0, 45.0
_MIRRORED_MM = 7.0

Chosen = dict[Level, Tunnel]


@dataclass(frozen=True, eq=False, slots=True)
class NamedLevels:
    """The tunnel of each level and side, and the depths (mm) of certain tunnels without a level."""

    chosen: dict[Side, Chosen]
    unnamed_mm: tuple[float, ...]


def name_levels(sheet: SacralSheet) -> NamedLevels:
    """The tunnels and their levels that cost least for both sides together."""
    tunnels = {side: find_tunnels(sheet, side) for side in Side}
    certain = _certain_pairs(tunnels)
    options = {side: _assignments(tunnels[side], certain[side]) for side in Side}
    _, left, right = min(
        (
            (a + b + _pair_cost(one, two), one, two)
            for a, one in options[Side.LEFT]
            for b, two in options[Side.RIGHT]
        ),
        key=lambda choice: choice[0],
    )
    chosen = {Side.LEFT: left, Side.RIGHT: right}
    unnamed = {t.depth_mm for side in Side for t in _unnamed(certain[side], chosen[side])}
    return NamedLevels(chosen, tuple(sorted(unnamed)))


def _certain_pairs(tunnels: dict[Side, list[Tunnel]]) -> dict[Side, list[Tunnel]]:
    """Open tunnels that the other side mirrors, above the lowest foramina: each must be a level."""
    plausible = {
        side: [
            t
            for t in tunnels[side]
            if t.bone_mm <= _CERTAIN_BONE_MM
            and t.cost <= _CERTAIN_COST
            and t.depth_mm <= _CERTAIN_DEPTH_MM
            and _CERTAIN_OFFSET_MM[0] <= t.offset_mm <= _widest_mm(t.depth_mm)
        ]
        for side in Side
    }
    return {
        side: [
            t
            for t in plausible[side]
            if any(
                abs(t.depth_mm - o.depth_mm) <= _MIRRORED_MM
                and abs(t.offset_mm - o.offset_mm) <= _MIRRORED_MM
                for o in plausible[other]
            )
        ]
        for side, other in ((Side.LEFT, Side.RIGHT), (Side.RIGHT, Side.LEFT))
    }


def _widest_mm(depth_mm: float) -> float:
    """How far from the midline a foramen can lie at a depth."""
    return _WIDE_OFFSET_MM if depth_mm <= _WIDE_DEPTH_MM else _CERTAIN_OFFSET_MM[1]


def _unnamed(certain: list[Tunnel], chosen: Chosen) -> list[Tunnel]:
    named = [id(t) for t in chosen.values()]
    return [t for t in certain if id(t) not in named]


def _assignments(tunnels: list[Tunnel], certain: list[Tunnel]) -> list[tuple[float, Chosen]]:
    """The sixty cheapest ways to name the tunnels of one side, missing levels allowed."""
    ordered = sorted((t for t in tunnels if t.bone_mm <= _MOST_BONE_MM), key=lambda t: t.depth_mm)
    options: list[tuple[float, Chosen]] = []
    for count in range(min(4, len(ordered)) + 1):
        for levels in combinations(Level, count):
            for picked in combinations(ordered, count):
                chosen = dict(zip(levels, picked, strict=True))
                cost = _side_cost(chosen) + _UNNAMED_COST * len(_unnamed(certain, chosen))
                if np.isfinite(cost):
                    options.append((cost, chosen))
    return sorted(options, key=lambda option: option[0])[:60]


def _side_cost(chosen: Chosen) -> float:
    offset = constant("foramen_offset")
    cost = _ABSENT_COST * (len(Level) - len(chosen))
    for level, tunnel in chosen.items():
        depth = constant(f"foramen_depth_{level.value.lower()}")
        if not depth.low <= tunnel.depth_mm <= depth.high:
            return np.inf
        cost += 0.5 * ((tunnel.depth_mm - depth.value) / _DEPTH_SPREAD_MM) ** 2
        cost += 0.5 * ((tunnel.offset_mm - offset.value) / _OFFSET_SPREAD_MM) ** 2
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
