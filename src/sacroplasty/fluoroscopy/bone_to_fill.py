"""Where cement is meant to be, so that a shadow outside it can only be a leak."""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Side, Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Volume
from sacroplasty.planning import PlannedNeedle, TrajectoryPlan
from sacroplasty.reference import constant
from sacroplasty.units import mm3_from_ml

_ALA = 1


def bone_to_fill(sacrum: SacrumModel, plan: TrajectoryPlan | None = None) -> Volume[np.bool_]:
    """The sacral bone in which cement is no leak: the ala of each planned side, and about the tips.

    Cement runs along a fracture through the whole ala (zone 1), so a dark spot anywhere on it may
    be cement in its place. Around each tip, which may lie in another zone, all sacrum counts
    within `planned_fill_reach` radii of the ball that the needle's cement would fill in bone of
    `planned_fill_porosity`. Without a plan both alae. Cut to the box that holds it.
    """
    wanted = np.zeros(sacrum.labels.grid.shape, dtype=bool)
    kji = np.argwhere(sacrum.zones.values == _ALA)
    if len(kji):
        left = sacrum.scanner_from_sacrum.inverse(sacrum.zones.grid.points_at(kji)).xyz[:, 0]
        for side in planned_sides(plan):
            wanted[tuple(kji[left * side.sign > 0].T)] = True
    if plan is not None:
        about = np.zeros_like(wanted)
        for needle in plan.needles:
            _mark_around_tip(about, sacrum, needle)
        wanted |= about & sacrum.mask(Structure.SACRUM)
    if not wanted.any():
        raise BadInput(
            "There is no sacral bone to fill near the planned tips; check that plan and sacrum "
            "are of one patient."
        )
    spans = [np.flatnonzero(wanted.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    low, high = ([int(s[end]) + end % 2 for s in spans] for end in (0, -1))
    return Volume(wanted, sacrum.labels.grid).cropped(
        (low[0], low[1], low[2]), (high[0], high[1], high[2])
    )


def planned_reach_mm(cement_ml: float) -> float:
    """How far from its tip a needle's cement may lie in bone."""
    pores = mm3_from_ml(cement_ml) / constant("planned_fill_porosity").value
    ball = (3.0 * pores / (4.0 * math.pi)) ** (1.0 / 3.0)
    return constant("planned_fill_reach").value * ball


def planned_sides(plan: TrajectoryPlan | None) -> tuple[Side, ...]:
    """The sides that have a needle; both without a plan."""
    if plan is None or not plan.needles:
        return tuple(Side)
    return tuple(side for side in Side if any(n.side is side for n in plan.needles))


def _mark_around_tip(wanted: NDArray[np.bool_], sacrum: SacrumModel, needle: PlannedNeedle) -> None:
    grid = sacrum.labels.grid
    tip = grid.kji_at(needle.needle.tip)[0]
    reach = planned_reach_mm(needle.cement_ml)
    voxels = reach / np.asarray(grid.spacing_kji_mm)
    low = np.clip(np.floor(tip - voxels), 0, grid.shape).astype(int)
    high = np.clip(np.ceil(tip + voxels) + 1, low, grid.shape).astype(int)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    ranges = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    away2 = sum(
        (((axis - at) * step) ** 2).reshape([-1 if n == m else 1 for m in range(3)])
        for n, (axis, at, step) in enumerate(zip(ranges, tip, grid.spacing_kji_mm, strict=True))
    )
    wanted[box] |= np.asarray(away2 <= reach**2)
