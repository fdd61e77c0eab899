"""Pressure and volume over time, with each needle's turn shaded."""

import numpy as np
from markupsafe import Markup

from sacroplasty.adapters.report.chart import Line, Span, line_chart
from sacroplasty.pathway import CaseInjection, CaseReport
from sacroplasty.units import kpa_from_mpa, ml_from_mm3

# Above this the pressure axis reads better in MPa.
_MPA_FROM_KPA = 1000.0


def injection_charts(case: CaseReport | CaseInjection) -> list[tuple[str, Markup]]:
    """(caption, chart) of pressure, volume and rate; none where nothing was recorded."""
    timeline = case.run.timeline
    if len(timeline.time_s) < 2:
        return []
    time = timeline.time_s - timeline.time_s[0]
    spans = _turns(case)
    syringe = timeline.syringe_pressure_mpa
    in_mpa = kpa_from_mpa(float(syringe.max())) > _MPA_FROM_KPA
    scale, unit = (1.0, "MPa") if in_mpa else (kpa_from_mpa(1.0), "kPa")
    pressures = [
        Line("syringe", syringe * scale),
        Line("needle tip", timeline.tip_pressure_mpa * scale, "dashed"),
    ]
    top = f"{float(syringe.max()) * scale:.3g} {unit}"
    volume = timeline.volume_mm3 * ml_from_mm3(1.0)
    total = f"{float(volume[-1]):.2f} mL after {float(time[-1]):.0f} s"
    rate = timeline.rate_mm3_per_s * ml_from_mm3(1.0)
    fastest = f"{float(rate.max()):.3g} mL/s"
    seconds = "time, s"
    return [
        (
            f"Pressure over time. Full line: syringe, at most {top}; dashed line: needle tip.",
            line_chart(
                time, pressures, spans, (seconds, f"pressure, {unit}"), f"Pressure, at most {top}."
            ),
        ),
        (
            f"Injected volume over time: {total}.",
            line_chart(time, [Line("", volume)], spans, (seconds, "volume, mL"), total),
        ),
        (
            f"Rate over time, at most {fastest}.",
            line_chart(time, [Line("", rate)], spans, (seconds, "rate, mL/s"), fastest),
        ),
    ]


def _turns(case: CaseReport | CaseInjection) -> list[Span]:
    timeline = case.run.timeline
    spans = []
    for needle in np.unique(timeline.needle).tolist():
        times = timeline.time_s[timeline.needle == needle] - timeline.time_s[0]
        planned = case.plan.needles
        name = planned[needle].name if needle < len(planned) else f"needle {needle + 1}"
        spans.append(Span(float(times.min()), float(times.max()), name))
    return spans
