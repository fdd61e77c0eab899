"""Placed needles as one HTML file: how far from the plan, how near to what, and the pictures."""

from dataclasses import dataclass
from pathlib import Path

from sacroplasty.adapters.report.paper import render_page
from sacroplasty.adapters.report.placed_cuts import (
    FOUND_INK,
    PLANNED_INK,
    control_scene,
    placed_cuts,
)
from sacroplasty.adapters.report.sentences import side_phrase, structure_phrase
from sacroplasty.adapters.report.slices import LEVEL_HU, WINDOW_HU
from sacroplasty.adapters.report.tables import scan_rows
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.findings import Verdict
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import PlacedNeedle, PlacedReport, Planned

_ORDER = (Verdict.FAIL, Verdict.NOT_CHECKED, Verdict.PASS)


@dataclass(frozen=True, eq=False, slots=True)
class PlacedCase:
    """What the page shows: the report, the control scan, and what had been planned."""

    pseudonym: str
    report: PlacedReport
    scan: CTVolume
    planned: Planned


def write_placed_page(case: PlacedCase, path: Path) -> None:
    """Write the page; the same case gives the same bytes. Raises `CaseConflict`."""
    write_for_a_person(path, render_placed(case).encode("utf-8"))


def render_placed(case: PlacedCase) -> str:
    """The page as HTML text."""
    report = case.report
    scene = control_scene(case.scan, case.planned, report)
    return render_page(
        "placed.html.j2",
        {
            "pseudonym": case.pseudonym,
            "verdict": report.verdict,
            "summary": _summary(report),
            "inks": [*scene.masks, PLANNED_INK, FOUND_INK],
            "window": f"W {WINDOW_HU:g}, L {LEVEL_HU:g} HU",
            "needles": [
                (placed.name, _clearance_rows(placed), placed_cuts(scene, placed))
                for placed in report.needles
            ],
            "deviations": [_deviation_row(placed) for placed in report.needles],
            "groups": [(v, _finding_rows(report, v)) for v in _ORDER],
            "registration": _registration_rows(report),
            "other_metal": report.other_metal,
            "scan": scan_rows(case.scan),
        },
    )


def _summary(report: PlacedReport) -> list[str]:
    named = [placed for placed in report.needles if placed.planned]
    said = [
        f"{len(report.needles)} needles in the scan, {len(named)} of them named"
        + (f"; missing: {', '.join(p.name for p in report.missing)}." if report.missing else ".")
    ]
    said += [
        f"{p.name}: tip {p.deviation.tip_mm:.1f} mm and {p.deviation.angle_deg:.1f}° from the plan."
        for p in named
        if p.deviation
    ]
    return said


def _deviation_row(placed: PlacedNeedle) -> tuple[str, ...]:
    off = placed.deviation
    if off is None:
        return (placed.name, side_phrase(placed.side), "–", "–", "–", "–", "–")
    return (
        placed.name,
        side_phrase(placed.side),
        f"{off.tip_mm:.1f} mm",
        f"{off.aside_mm:.1f} mm",
        f"{abs(off.deeper_mm):.1f} mm {'deeper' if off.deeper_mm > 0 else 'shallower'}",
        f"{off.entry_mm:.1f} mm",
        f"{off.angle_deg:.1f}°",
    )


def _clearance_rows(placed: PlacedNeedle) -> list[tuple[str, ...]]:
    before = placed.planned.clearance_mm if placed.planned else {}
    rows: list[tuple[str, ...]] = [
        (
            structure_phrase(name),
            _distance(before[name]) if name in before else "–",
            _distance(value),
        )
        for name, value in placed.clearance_mm.items()
    ]
    return rows + [(structure_phrase(name), "–", why) for name, why in placed.absent.items()]


def _distance(value_mm: float) -> str:
    return "not near" if value_mm >= 1000 else f"{value_mm:.1f} mm".replace("-", "−")


def _finding_rows(report: PlacedReport, verdict: Verdict) -> list[tuple[str, ...]]:
    return [
        (f.check.replace("_", " "), f.says, f.measured or "–", f.limit or "–")
        for f in report.findings
        if f.verdict is verdict
    ]


def _registration_rows(report: PlacedReport) -> list[tuple[str, str]]:
    return [
        ("Correlation with the planning CT", f"{report.laid.similarity:.2f}"),
        ("Left and right half, registered alone", f"{report.laid.residual_mm:.1f} mm apart"),
        ("Sacrum moved by", f"{report.laid.shift_mm:.0f} mm"),
    ]
