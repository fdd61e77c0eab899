"""How likely a hand-set needle touches each structure: dots with their 95 % intervals, as SVG."""

from markupsafe import Markup

from sacroplasty.adapters.report.chance_chart import chance_chart
from sacroplasty.planning import PLAIN_NAMES, PlannedNeedle


def risk_chart(planned: PlannedNeedle) -> Markup:
    """One row per structure, the likeliest first, then any of them, then a missed target."""
    risk = planned.risk
    touched = sorted(risk.breach.items(), key=lambda item: -item[1].share)
    rows = [(f"touches {PLAIN_NAMES[key]}", chance) for key, chance in touched]
    rows += [("touches any of these", risk.any_breach), ("tip misses its target", risk.off_target)]
    return chance_chart(rows, risk.draws, "placements")
