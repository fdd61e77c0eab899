"""Monte Carlo: a planned needle is set many times by an imperfect hand, and what it meets counted."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Points
from sacroplasty.planning.approaches import Approach
from sacroplasty.planning.clearance import closest_mm, find_reach
from sacroplasty.planning.clearance_fields import OBSTACLES, ClearanceFields
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.placement_error import PlacementDraws, PlacementError
from sacroplasty.planning.placement_risk import Chance, PlacementRisk

# Errors are a millimetre and more, so the shaft need not be walked finer.
_STEP_MM = 1.0
_FEWEST_IN_HUNDRED = 5.0


def assess_risk(
    fields: ClearanceFields,
    approach: Approach,
    needle: Needle,
    draws: PlacementDraws,
    error: PlacementError,
) -> PlacementRisk:
    """Chances of touching each structure and of missing the target, over the draws.

    The bone that a shaft leaves ahead of its tip is not asked again: a needle that stops short of
    the anterior cortex by less than nothing has gone through it, and that is what is counted.
    """
    frame = fields.scanner_from_sacrum
    across = across_needle(frame.inverse.turn(needle.direction), approach.side.sign)
    tips, directions, lengths = draws.placed(
        needle.entry.single,
        needle.tip.single,
        (frame.turn(across[0]), frame.turn(across[1])),
        error,
    )
    found = find_reach(fields, tips, directions, _STEP_MM, approach.passage.bone)
    radius_mm = 0.5 * needle.gauge.outer_diameter_mm
    clearance = closest_mm(fields, tips, directions, lengths, radius_mm, found, _STEP_MM)
    known = fields.measurable(approach.side)
    keys = [key for key in known if key not in approach.passage.crosses]
    columns = clearance[:, [OBSTACLES.index(key) for key in keys]]
    on_target = approach.admits(frame.inverse(Points(tips, fields.frame)).xyz)
    touches = (columns < 0).any(axis=1)
    n = len(tips)
    lowest = np.percentile(columns, _FEWEST_IN_HUNDRED, axis=0)
    return PlacementRisk(
        draws=n,
        breach={k: Chance.of(int((columns[:, c] < 0).sum()), n) for c, k in enumerate(keys)},
        any_breach=Chance.of(int(touches.sum()), n),
        off_target=Chance.of(int((~on_target).sum()), n),
        mishap=Chance.of(int((touches | ~on_target).sum()), n),
        clearance_p05_mm=dict(zip(keys, lowest.tolist(), strict=True)),
    )


def across_needle(
    direction: NDArray[np.float64], sign: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two unit vectors across a direction, all in the sacral frame, mirrored with the side.

    The first lies along that sacral axis which the needle runs along the least.
    """
    axis = np.zeros(3)
    n = int(np.argmin(np.abs(direction)))
    axis[n] = sign if n == 0 else 1.0
    u = axis - (axis @ direction) * direction
    u /= np.linalg.norm(u)
    return u, sign * np.cross(direction, u)
