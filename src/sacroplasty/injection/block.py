"""Inject into a block: a foam or a bone core on the bench, where there is no patient."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sacroplasty.cement import CementField, PreparedCement
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.driving import Feed
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.needle_course import NeedleCourse
from sacroplasty.injection.needle_tip import NeedleTip
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.syringe import syringe_age_s
from sacroplasty.planning import Needle
from sacroplasty.units import mm3_from_ml


@dataclass(frozen=True, eq=False, slots=True)
class BlockRun:
    """cement at the end; age_s: its chemical age (0 where there is none), arrival_time_s: when each
    voxel was full (inf where it is not); tip_pressure_mpa: the last one; delivered_mm3; stopped: why
    the needle ended before the whole volume was in, or "".
    """

    cement: CementField
    age_s: Volume[np.float32]
    arrival_time_s: Volume[np.float32]
    tip_pressure_mpa: float
    delivered_mm3: float
    stopped: str


def inject_block(
    medium: BoneMedium, needle: Needle, cement: PreparedCement, volume_ml: float,
    rate_ml_per_s: float, block_c: float,
) -> BlockRun:  # fmt: skip
    """Push a volume at a fixed rate into any medium, at the temperature of the block.

    The cannula is left out: what its pressure is belongs to the syringe. Raises `FrameMismatch` for
    a needle of another frame, `BadInput` for a tip outside the medium.
    """
    require_same_frame(medium, needle)
    rheology = cement.recipe.rheology
    flow = FrontFlow(medium, PoreLaw.of(rheology), float(rheology.ageing_rate(block_c)))
    feed = Feed(mm3_from_ml(rate_ml_per_s), mm3_from_ml(volume_ml), lambda _rate, _age: 0.0)
    course = NeedleCourse(flow, NeedleTip(needle), feed, partial(syringe_age_s, cement))
    result = course.run(lambda _: None)
    grid = medium.grid
    return BlockRun(
        CementField(Volume((flow.cement_mm3 / grid.voxel_mm3).astype(np.float32), grid)),
        Volume(flow.age_s.astype(np.float32), grid),
        Volume(flow.arrival_time_s.astype(np.float32), grid),
        float(result.tip_pressure_mpa[-1]),
        result.delivered_mm3,
        result.stopped,
    )
