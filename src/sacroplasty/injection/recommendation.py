"""What one run suggests to change in the plan: a sentence, never more than the run can carry."""

import math

import numpy as np

from sacroplasty.findings import Verdict
from sacroplasty.injection.heat import HeatRun
from sacroplasty.injection.injection_run import InjectionRun
from sacroplasty.injection.stop_event import Deed
from sacroplasty.leaks import Leak, LeakSite, NeuralContact
from sacroplasty.planning import PlannedNeedle, TrajectoryPlan
from sacroplasty.units import ml_from_mm3

# A needle that delivered all but this share of its volume delivered it.
_SHORT_BY = 0.02
_STEP_ML = 0.1
_PLAIN = {
    LeakSite.FORAMEN: "foramen",
    LeakSite.CANAL: "sacral canal",
    LeakSite.SI_JOINT: "SI joint",
    LeakSite.DISC_L5S1: "L5/S1 disc",
    LeakSite.L5: "L5",
    LeakSite.ILIUM: "ilium",
    LeakSite.PRESACRAL: "presacral space",
    LeakSite.POSTERIOR: "soft tissue behind the sacrum",
    LeakSite.VEIN: "vein",
    LeakSite.NEEDLE_TRACT: "needle tract",
}
_NO_CHANGE = (
    "No change follows from this run; one run is one plausible course and cannot show that the "
    "plan is safe."
)


def recommend_change(run: InjectionRun, plan: TrajectoryPlan, heat: HeatRun | None = None) -> str:
    """One sentence: the gravest thing first.

    Cement at a nerve, any other leak, a nerve that gets too hot, cement that stayed out. plan: the
    one that was injected, its needles in the order of the run. heat: None where nobody asked.
    """
    near_nerve = [leak for leak in run.leaks.leaks if _touches_nerve(leak)]
    for leaks in (near_nerve, list(run.leaks.leaks)):
        dated = [leak for leak in leaks if leak.onset is not None]
        if dated:
            return _less(min(dated, key=_began_s), run, plan)
    hot = cool_nerve(heat)
    if hot:
        return hot
    for n, planned in enumerate(plan.needles):
        delivered = ml_from_mm3(run.injected_mm3[n]) if n < len(run.injected_mm3) else 0.0
        if delivered < (1.0 - _SHORT_BY) * planned.cement_ml:
            stopped = any(e.needle == n and e.deed is Deed.STOPPED for e in run.stop_events)
            why = "the operator stopped there by his rule" if stopped else "no more went in"
            return (
                f"Plan {delivered:.1f} mL instead of {planned.cement_ml:.1f} mL through needle "
                f"{planned.name}, or use another needle or cement: {why}."
            )
    return _NO_CHANGE


def cool_nerve(heat: HeatRun | None) -> str | None:
    """What to change where a nerve's space gets too hot; None where none does, or nobody asked."""
    roots = {f"heat at {root.name}": root for root in heat.roots} if heat else {}
    burnt = [
        roots[finding.check]
        for finding in (heat.findings if heat else ())
        if finding.verdict is Verdict.FAIL and finding.check in roots
    ]
    if not burnt:
        return None
    worst = max(burnt, key=lambda root: root.cem43_min)
    side = "" if worst.side is None else f"patient's {worst.side} "
    where = "sacral canal" if worst.level is None else f"{side}{worst.level} foramen"
    return (
        f"Plan less cement or a tip farther away from the {where}: the heat of the cure gives it a "
        f"dose of {worst.cem43_min:.0f} min at 43 °C, which may burn the nerve."
    )


def delivered_by_then_ml(run: InjectionRun, needle: int, time_s: float) -> float:
    """What one needle has given by a time (mL)."""
    line = run.timeline
    own = line.needle == needle
    if not own.any():
        return 0.0
    volume = line.volume_mm3[own]
    before = float(line.volume_mm3[line.needle < needle].max(initial=0.0))
    return max(0.0, ml_from_mm3(float(np.interp(time_s, line.time_s[own], volume)) - before))


def _touches_nerve(leak: Leak) -> bool:
    return leak.neural_contact is not NeuralContact.NONE


def _began_s(leak: Leak) -> float:
    return leak.onset.time_s if leak.onset else float("inf")


def _less(leak: Leak, run: InjectionRun, plan: TrajectoryPlan) -> str:
    onset = leak.onset
    assert onset is not None
    index = next(n for n, planned in enumerate(plan.needles) if planned.name == onset.needle)
    planned: PlannedNeedle = plan.needles[index]
    by_then = delivered_by_then_ml(run, index, onset.time_s)
    side = "" if leak.side is None else f"patient's {leak.side} "
    level = "" if leak.level is None else f"{leak.level} "
    where = f"the {side}{level}{_PLAIN[leak.site]}"
    # Rounded down: a syringe is read to this, and the leak must not begin.
    most_ml = _STEP_ML * math.floor(by_then / _STEP_ML + 1e-9)
    if most_ml <= 0.0:
        return (
            f"Move the tip of needle {planned.name}: in this run cement reaches {where} with the "
            "first drops."
        )
    return (
        f"Plan less than {most_ml:.1f} mL instead of {planned.cement_ml:.1f} mL through needle "
        f"{planned.name}, or move its tip: in this run cement reaches {where} from then on."
    )
