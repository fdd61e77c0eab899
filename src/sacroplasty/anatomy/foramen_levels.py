"""Which tunnel is which level: S1–S4 on both sides, named together.

Depth below the endplate, distance from the midline, spacing along a side and left–right symmetry
all speak, in the size of this sacrum. The gravest error is a shift by one level, which leaves the
true S1 foramen unguarded; so an open tunnel that both sides show must be given a level, and one
that is left over fails the model. An opening lateral of a foramen at the same height is no foramen
(a level has one on each side): a broken or empty ala, which is told apart.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.structures import Level, Side
from sacroplasty.anatomy.tunnels import Tunnel, find_tunnels
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3

# Costs of the level assignment: pure settings, in units of "one standard deviation squared".
_ABSENT_COST = 6.0
_UNNAMED_COST = 8.0
_DEPTH_SPREAD_MM = 9.0
_OFFSET_SPREAD_MM = 6.0
_PAIR_SPREAD_MM = 4.0
_SPACING_SPREAD_MM = 6.0
_BONE_COST_PER_MM = 0.5
# A way with less room than this is rather a notch of the border than a foramen.
_ROOM_MM, _ROOM_SPREAD_MM = 1.5, 0.75
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
# Both mouths of a foramen lie at about one height; a way that climbs more leaves by another hole.
_LEVEL_MOUTHS_MM, _CLIMB_SPREAD_MM = 8.0, 3.0
# A void of the ala lies this much lateral of the foramen of its height, or more.
_LATERAL_MM, _SAME_HEIGHT_MM = 5.0, 14.0
# Sizes of sacra that the expected depths are stretched to.
_SMALLEST, _LARGEST = 0.75, 1.2

Chosen = dict[Level, Tunnel]


@dataclass(frozen=True, eq=False, slots=True)
class NamedLevels:
    """The tunnel of each level and side, and certain tunnels without a level.

    unnamed: those that may be foramina. beside: those lateral of a named foramen.
    """

    chosen: dict[Side, Chosen]
    unnamed: tuple[Tunnel, ...]
    beside: tuple[Tunnel, ...]


def name_levels(sheet: SacralSheet) -> NamedLevels:
    """The tunnels and their levels that cost least for both sides together."""
    tunnels = {side: find_tunnels(sheet, side) for side in Side}
    size = _size(sheet)
    certain = _certain_pairs(tunnels, size)
    options = {side: _assignments(tunnels[side], certain[side], size) for side in Side}
    _, left, right = min(
        (
            (a + b + _pair_cost(one, two), one, two)
            for a, one in options[Side.LEFT]
            for b, two in options[Side.RIGHT]
        ),
        key=lambda choice: choice[0],
    )
    chosen = {Side.LEFT: left, Side.RIGHT: right}
    left_over = [(t, chosen[side]) for side in Side for t in _unnamed(certain[side], chosen[side])]
    left_over.sort(key=lambda one: one[0].depth_mm)
    return NamedLevels(
        chosen,
        tuple(t for t, named in left_over if not _is_beside(t, named)),
        tuple(t for t, named in left_over if _is_beside(t, named)),
    )


def _size(sheet: SacralSheet) -> float:
    """This sacrum against the usual one, by length: the cube root of its volume."""
    volume_ml = ml_from_mm3(float((sheet.distance < 0).sum()))
    return float(np.clip(np.cbrt(volume_ml / constant("sacrum_volume").value), _SMALLEST, _LARGEST))


def _is_beside(tunnel: Tunnel, named: Chosen) -> bool:
    return any(
        tunnel.offset_mm - foramen.offset_mm >= _LATERAL_MM
        and abs(tunnel.depth_mm - foramen.depth_mm) <= _SAME_HEIGHT_MM
        for foramen in named.values()
    )


def _certain_pairs(tunnels: dict[Side, list[Tunnel]], size: float) -> dict[Side, list[Tunnel]]:
    """Open tunnels that the other side mirrors, above the lowest foramina: each must be a level."""
    plausible = {
        side: [
            t
            for t in tunnels[side]
            if t.bone_mm <= _CERTAIN_BONE_MM
            and t.cost <= _CERTAIN_COST
            and t.depth_mm <= _CERTAIN_DEPTH_MM * size
            and _CERTAIN_OFFSET_MM[0] <= t.offset_mm <= _widest_mm(t.depth_mm / size)
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


def _assignments(
    tunnels: list[Tunnel], certain: list[Tunnel], size: float
) -> list[tuple[float, Chosen]]:
    """The sixty cheapest ways to name the tunnels of one side, missing levels allowed."""
    ordered = sorted((t for t in tunnels if t.bone_mm <= _MOST_BONE_MM), key=lambda t: t.depth_mm)
    options: list[tuple[float, Chosen]] = []
    for count in range(min(4, len(ordered)) + 1):
        for levels in combinations(Level, count):
            for picked in combinations(ordered, count):
                chosen = dict(zip(levels, picked, strict=True))
                cost = _side_cost(chosen, size) + _UNNAMED_COST * len(_unnamed(certain, chosen))
                if np.isfinite(cost):
                    options.append((cost, chosen))
    return sorted(options, key=lambda option: option[0])[:60]


def _side_cost(chosen: Chosen, size: float) -> float:
    offset = constant("foramen_offset")
    cost = _ABSENT_COST * (len(Level) - len(chosen))
    for level, tunnel in chosen.items():
        depth = constant(f"foramen_depth_{level.value.lower()}")
        usual = tunnel.depth_mm / size
        if not depth.low <= usual <= depth.high:
            return np.inf
        cost += 0.5 * ((usual - depth.value) / _DEPTH_SPREAD_MM) ** 2
        cost += 0.5 * (max(tunnel.climb_mm - _LEVEL_MOUTHS_MM, 0.0) / _CLIMB_SPREAD_MM) ** 2
        cost += 0.5 * ((tunnel.offset_mm - offset.value) / _OFFSET_SPREAD_MM) ** 2
        cost += _BONE_COST_PER_MM * tunnel.bone_mm
        cost += 0.5 * (max(_ROOM_MM - tunnel.room_mm, 0.0) / _ROOM_SPREAD_MM) ** 2
    levels = list(Level)
    for upper, lower in pairwise(levels):
        if upper in chosen and lower in chosen:
            spacing = constant(f"foramen_spacing_{upper.value}_{lower.value}".lower())
            apart = (chosen[lower].depth_mm - chosen[upper].depth_mm) / size
            if not spacing.low <= apart <= spacing.high:
                return np.inf
            cost += 0.5 * ((apart - spacing.value) / _SPACING_SPREAD_MM) ** 2
    return cost


def _pair_cost(left: Chosen, right: Chosen) -> float:
    return sum(
        0.5 * ((left[n].depth_mm - right[n].depth_mm) / _PAIR_SPREAD_MM) ** 2
        for n in left.keys() & right.keys()
    )
