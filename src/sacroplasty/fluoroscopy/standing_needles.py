"""Where the needles stand while cement goes in: what the operator sees of steel at an instant.

All needles of a plan are set before the first drop and stay to the end. A needle that is drawn
back while it injects comes back as a whole along its own axis, by so much for every mL that it has
delivered, at most to where it enters the bone, as the injection has it. The tube is the needle that
the plan says to take, from its tip to its hub; the hub itself and the operator's hand are not drawn.
"""

import numpy as np

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points
from sacroplasty.injection import InjectionRun, needle_tip
from sacroplasty.planning import Needle, PlannedNeedle, TrajectoryPlan


def standing_needles(
    plan: TrajectoryPlan,
    run: InjectionRun | None = None,
    withdraw_mm_per_ml: float = 0.0,
    time_s: float | None = None,
) -> tuple[Needle, ...]:
    """The steel in the patient at a time since the first drop, in the plan's order.

    run: None before any injection; time_s: None for its end. Raises `BadInput` for a needle that is
    pushed forward.
    """
    if not withdraw_mm_per_ml >= 0.0:
        raise BadInput(
            f"Drawing a needle back by {withdraw_mm_per_ml} mm per mL would push it; give 0 or more."
        )
    standing = []
    for n, planned in enumerate(plan.needles):
        tip = needle_tip(planned, withdraw_mm_per_ml)
        delivered_mm3 = 0.0 if run is None else _delivered_mm3(run, n, time_s)
        standing.append(_to_hub(planned, tip.at(tip.withdrawn_mm(delivered_mm3))))
    return tuple(standing)


def _delivered_mm3(run: InjectionRun, needle: int, time_s: float | None) -> float:
    """What a needle (counted from 0, as injected) has delivered by a time; None: in the end."""
    if needle >= len(run.injected_mm3):
        return 0.0
    in_the_end = run.injected_mm3[needle]
    line = run.timeline
    own = line.needle == needle
    if time_s is None or not own.any():
        return in_the_end
    before = sum(run.injected_mm3[:needle])
    volume = np.interp(time_s, line.time_s[own], line.volume_mm3[own] - before)
    return float(np.clip(volume, 0.0, in_the_end))


def _to_hub(planned: PlannedNeedle, tip: Points) -> Needle:
    """The tube from where its tip is now."""
    needle = planned.needle
    length_mm = max(planned.guidance.needle_length_mm or 0.0, needle.length_mm)
    hub = Points(tip.xyz - length_mm * needle.direction, needle.frame)
    return Needle(hub, tip, needle.gauge)
