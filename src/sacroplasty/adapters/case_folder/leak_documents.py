"""`leaks.json`: leaks with their onsets, and what the stop rule met."""

from typing import Any

from sacroplasty.adapters.case_folder.documents import level_from, place_document, side_from
from sacroplasty.injection import Deed, StopCause, StopEvent, Wall
from sacroplasty.leaks import (
    Leak,
    LeakOnset,
    LeakPath,
    LeakReport,
    LeakSite,
    NeuralContact,
)
from sacroplasty.units import ml_from_mm3, mm3_from_ml


def leaks_document(report: LeakReport, stop_events: tuple[StopEvent, ...] = ()) -> dict[str, Any]:
    """The same for simulated and for real cement, which has neither onsets nor stop events."""
    return {
        "leaks": [_leak_document(leak) for leak in report.leaks],
        "stop_events": [_event_document(event) for event in stop_events],
        "cement_ml": {
            "total": ml_from_mm3(report.total_mm3),
            "inside_bone": ml_from_mm3(report.inside_bone_mm3),
            "left": ml_from_mm3(report.left_mm3),
            "right": ml_from_mm3(report.right_mm3),
            "by_zone": {str(zone): ml_from_mm3(v) for zone, v in report.by_zone_mm3.items()},
        },
    }


def leaks_from(document: dict[str, Any]) -> LeakReport:
    """The report that `leaks_document` wrote."""
    cement = document["cement_ml"]
    return LeakReport(
        leaks=tuple(
            Leak(
                site=LeakSite(row["site"]),
                side=side_from(row),
                level=level_from(row),
                volume_mm3=mm3_from_ml(row["volume_ml"]),
                extent_mm=row["extent_mm"],
                neural_contact=NeuralContact(row["neural_contact"]),
                confidence=row["confidence"],
                onset=_onset(row),
            )
            for row in document["leaks"]
        ),
        total_mm3=mm3_from_ml(cement["total"]),
        inside_bone_mm3=mm3_from_ml(cement["inside_bone"]),
        left_mm3=mm3_from_ml(cement["left"]),
        right_mm3=mm3_from_ml(cement["right"]),
        by_zone_mm3={int(zone): mm3_from_ml(v) for zone, v in cement["by_zone"].items()},
    )


def stop_event_from(row: dict[str, Any]) -> StopEvent:
    """The event that `leaks_document` wrote."""
    return StopEvent(
        time_s=row["time_s"],
        needle=row["needle"],
        cause=StopCause(row["cause"]),
        value=row["value"],
        limit=row["limit"],
        wall=Wall(LeakSite(row["site"]), side_from(row), level_from(row)) if row["site"] else None,
        views=tuple(row["views"]),
        deed=Deed(row["deed"]),
        paused_s=row["paused_s"],
        more_ml=row["more_ml"],
    )


def _leak_document(leak: Leak) -> dict[str, Any]:
    onset = leak.onset
    return {
        "site": leak.site.value,
        **place_document(leak),
        "volume_ml": ml_from_mm3(leak.volume_mm3),
        "extent_mm": leak.extent_mm,
        "neural_contact": leak.neural_contact.value,
        "confidence": leak.confidence,
        "onset_s": onset.time_s if onset else None,
        "onset_pressure_mpa": onset.tip_pressure_mpa if onset else None,
        "onset_rate_ml_per_s": ml_from_mm3(onset.rate_mm3_per_s) if onset else None,
        "path": onset.path.value if onset and onset.path else None,
        "needle": onset.needle if onset else None,
    }


def _event_document(event: StopEvent) -> dict[str, Any]:
    wall = event.wall
    return {
        "time_s": event.time_s,
        "needle": event.needle,
        "cause": event.cause.value,
        "value": event.value,
        "limit": event.limit,
        "site": wall.site.value if wall else None,
        **place_document(wall),
        "views": list(event.views),
        "deed": event.deed.value,
        "paused_s": event.paused_s,
        "more_ml": event.more_ml,
    }


def _onset(row: dict[str, Any]) -> LeakOnset | None:
    if row["onset_s"] is None:
        return None
    return LeakOnset(
        time_s=row["onset_s"],
        tip_pressure_mpa=row["onset_pressure_mpa"],
        rate_mm3_per_s=mm3_from_ml(row["onset_rate_ml_per_s"]),
        needle=row["needle"],
        path=LeakPath(row["path"]) if row["path"] else None,
    )
