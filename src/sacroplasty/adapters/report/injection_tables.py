"""The rows of the injection page's tables, as text with units."""

from dataclasses import fields

import numpy as np

from sacroplasty.adapters.report.sentences import (
    CONTACT_WORDS,
    SITE_WORDS,
    side_phrase,
    volume_text,
)
from sacroplasty.injection import InjectionRun
from sacroplasty.leaks import Leak, LeakPath
from sacroplasty.pathway import CaseInjection
from sacroplasty.units import kpa_from_mpa, ml_from_mm3

NEEDLE_HEADS = ("Needle", "Side", "Planned", "Went in", "From", "To", "Highest at the syringe")
LEAK_HEADS = (
    "Site", "Side", "Level", "Volume", "Began", "Injected by then", "Tip pressure then", "Path",
    "Needle", "Nerve",
)  # fmt: skip
EVENT_HEADS = ("Time", "Needle", "What was met", "Limit", "What the operator did", "Still went in")
PATH_WORDS = {
    LeakPath.FRACTURE_CLEFT: "fracture cleft",
    LeakPath.CORTICAL_DEFECT: "gap in the cortex",
    LeakPath.INTACT_CORTEX: "intact cortex",
    LeakPath.FORAMEN_WALL: "wall of the foramen",
    LeakPath.CANAL_WALL: "wall of the canal",
    LeakPath.JOINT: "joint",
    LeakPath.ENDPLATE: "endplate",
    LeakPath.VEIN: "vein",
    LeakPath.NEEDLE_TRACT: "needle tract",
}


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min"


def course_rows(case: CaseInjection) -> list[tuple[str, ...]]:
    """A row per needle that was opened: planned and delivered volume, when, and the pressure."""
    line = case.run.timeline
    rows: list[tuple[str, ...]] = []
    for n, delivered in enumerate(case.run.injected_mm3):
        planned, own = case.plan.needles[n], line.needle == n
        times = line.time_s[own]
        rows.append(
            (
                planned.name,
                side_phrase(planned.side),
                f"{planned.cement_ml:.2f} mL",
                f"{ml_from_mm3(delivered):.2f} mL",
                clock(float(times[0])) if times.size else "–",
                clock(float(times[-1])) if times.size else "–",
                f"{line.syringe_pressure_mpa[own].max():.2f} MPa" if times.size else "–",
            )
        )
    return rows


def dated_leak_rows(run: InjectionRun) -> list[tuple[str, ...]]:
    """A row per leak, the earliest first; a leak whose beginning is not known comes last."""
    leaks = sorted(run.leaks.leaks, key=lambda leak: leak.onset.time_s if leak.onset else np.inf)
    return [_leak_row(leak, run) for leak in leaks]


def _leak_row(leak: Leak, run: InjectionRun) -> tuple[str, ...]:
    onset = leak.onset
    when = ("not known",) + ("–",) * 4
    if onset:
        line = run.timeline
        by_then = ml_from_mm3(float(np.interp(onset.time_s, line.time_s, line.volume_mm3)))
        path = PATH_WORDS[onset.path] if onset.path else "the needle's opening"
        kpa = kpa_from_mpa(onset.tip_pressure_mpa)
        when = (clock(onset.time_s), f"{by_then:.2f} mL", f"{kpa:.0f} kPa", path, onset.needle)
    return (
        SITE_WORDS[leak.site],
        side_phrase(leak.side),
        leak.level.value if leak.level else "–",
        volume_text(leak.volume_mm3),
        *when,
        CONTACT_WORDS[leak.neural_contact],
    )


def event_rows(case: CaseInjection) -> list[tuple[str, ...]]:
    """What the stop rule met, in the order of time."""
    return [
        (
            clock(event.time_s),
            case.plan.needles[event.needle].name,
            event.measured + (f" to the {event.wall}" if event.wall else "")
            + (f", seen in {' and '.join(event.views)}" if event.views else ""),
            event.at or "none may be seen",
            event.deed.value + (f" {event.paused_s:.0f} s" if event.paused_s else ""),
            f"{event.more_ml:.2f} mL",
        )
        for event in case.run.stop_events
    ]  # fmt: skip


def draw_rows(case: CaseInjection) -> list[tuple[str, str]]:
    """What the CT cannot tell of this bone, as it was drawn; none for the median of everything."""
    draw = case.settings.bone
    if draw is None:
        return []
    return [
        (field.name.replace("_", " "), _draw_text(getattr(draw, field.name)))
        for field in fields(draw)
    ]


def _draw_text(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"
