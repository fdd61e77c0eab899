"""A planned needle as a hand may set it."""

from dataclasses import replace

import numpy as np

from sacroplasty.geometry import Points, Rigid
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.placement_error import PlacementDraws, PlacementError
from sacroplasty.planning.risk_assessment import across_needle
from sacroplasty.planning.trajectory_plan import PlannedNeedle


def displaced(
    planned: PlannedNeedle,
    scanner_from_sacrum: Rigid,
    error: PlacementError,
    generator: np.random.Generator,
) -> PlannedNeedle:
    """The needle set once by an imperfect hand: five standard normal numbers of the generator.

    The same numbers give a needle of the other side the mirrored error. What was measured about
    the planned needle (clearances, risk) stays with it and is not measured anew.
    """
    needle = planned.needle
    across = across_needle(scanner_from_sacrum.inverse.turn(needle.direction), planned.side.sign)
    draws = PlacementDraws(generator.standard_normal((1, 5)))
    tips, directions, lengths = draws.placed(
        needle.entry.single,
        needle.tip.single,
        (scanner_from_sacrum.turn(across[0]), scanner_from_sacrum.turn(across[1])),
        error,
    )
    entry = Points(tips - directions * lengths[:, None], needle.frame)
    return replace(planned, needle=Needle(entry, Points(tips, needle.frame), needle.gauge))
