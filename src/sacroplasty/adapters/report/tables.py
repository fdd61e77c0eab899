"""The rows of the report's tables, as text with units."""

import re
from dataclasses import dataclass, fields

import numpy as np

from sacroplasty.adapters.report.sentences import (
    CONTACT_WORDS,
    SITE_WORDS,
    angle_phrases,
    margin_for,
    side_phrase,
    structure_phrase,
    volume_text,
)
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points
from sacroplasty.imaging import CTVolume
from sacroplasty.leaks import LeakReport
from sacroplasty.pathway import CaseReport
from sacroplasty.planning import Margins, PlannedNeedle
from sacroplasty.reference import Constant, Status, citation, constant

_SCHEME = re.compile(r"https?://(dx\.)?(doi\.org/)?", re.IGNORECASE)
_ZONE_WORDS = {1: "lateral to the foramina", 2: "transforaminal", 3: "central"}


@dataclass(frozen=True, slots=True)
class ClearanceRow:
    """One measured distance beside its margin; `verdict` says how they compare, None without a margin."""

    structure: str
    measured: str
    margin: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class NeedleColumn:
    """One needle: (heading, text) rows and its clearances."""

    name: str
    rows: tuple[tuple[str, str], ...]
    clearances: tuple[ClearanceRow, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One literature number as it is listed."""

    name: str
    value: str
    range: str
    source: str
    status: str
    note: str
    verified: bool


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings that share a verdict."""

    verdict: Verdict
    findings: tuple[tuple[str, Finding], ...]


def needle_column(planned: PlannedNeedle, margins: Margins) -> NeedleColumn:
    """One needle of the plan table."""
    needle = planned.needle
    axial, along = angle_phrases(needle)
    rows = (
        ("Side", side_phrase(planned.side)),
        ("Level", planned.level.value),
        ("Approach", planned.approach.replace("_", " ")),
        ("Gauge", f"{needle.gauge.gauge} G ({needle.gauge.outer_diameter_mm:.2f} mm)"),
        ("Length, entry to tip", f"{needle.length_mm:.1f} mm"),
        ("Entry to bone", f"{planned.bone_entry_depth_mm:.1f} mm"),
        ("Axial angle", axial),
        ("Craniocaudal angle", along),
        ("Entry, LPS", _position(needle.entry)),
        ("Tip, LPS", _position(needle.tip)),
        ("Cement planned", f"{planned.cement_ml:.1f} mL"),
    )
    clearances = tuple(
        _clearance_row(name, value, margins) for name, value in planned.clearance_mm.items()
    )
    return NeedleColumn(planned.name, rows, clearances, planned.reason)


def _position(point: Points) -> str:
    return ", ".join(f"{x:.1f}".replace("-", "−") for x in np.round(point.single, 1) + 0.0) + " mm"


def _clearance_row(name: str, value_mm: float, margins: Margins) -> ClearanceRow:
    margin = margin_for(name, margins)
    measured = f"{value_mm:.1f} mm".replace("-", "−")
    if margin is None:
        return ClearanceRow(structure_phrase(name), measured, "none set", None)
    verdict = Verdict.PASS if value_mm >= margin else Verdict.FAIL
    return ClearanceRow(structure_phrase(name), measured, f"at least {margin:.1f} mm", verdict)


def finding_groups(case: CaseReport) -> list[FindingGroup]:
    """All findings of anatomy, plan and injection."""
    return group_findings(
        {
            "anatomy": case.sacrum.findings,
            "plan": case.plan.findings,
            "injection": case.run.findings,
        }
    )


def group_findings(by_room: dict[str, tuple[Finding, ...]]) -> list[FindingGroup]:
    """Findings of several rooms: failed first, then not checked, then passed."""
    everything = [(room, finding) for room, findings in by_room.items() for finding in findings]
    order = (Verdict.FAIL, Verdict.NOT_CHECKED, Verdict.PASS)
    return [
        FindingGroup(verdict, tuple(row for row in everything if row[1].verdict is verdict))
        for verdict in order
    ]


def cement_rows(report: LeakReport) -> list[tuple[str, str]]:
    """Where the cement is."""
    zones = [
        (f"Denis zone {zone}, {_ZONE_WORDS.get(zone, 'unnamed')}", volume_text(volume))
        for zone, volume in sorted(report.by_zone_mm3.items())
    ]
    return [
        ("Total", volume_text(report.total_mm3)),
        ("Inside the sacrum", volume_text(report.inside_bone_mm3)),
        ("Patient's left", volume_text(report.left_mm3)),
        ("Patient's right", volume_text(report.right_mm3)),
        *zones,
    ]


def leak_rows(report: LeakReport) -> list[tuple[str, ...]]:
    """Site, side, level, volume, extent, nerve, confidence; the largest leak first."""
    return [
        (
            SITE_WORDS[leak.site],
            side_phrase(leak.side),
            leak.level.value if leak.level else "–",
            volume_text(leak.volume_mm3),
            f"{leak.extent_mm:.1f} mm",
            CONTACT_WORDS[leak.neural_contact],
            f"{leak.confidence:.0%}",
        )
        for leak in sorted(report.leaks, key=lambda leak: -leak.volume_mm3)
    ]


def number_rows(names: tuple[str, ...]) -> list[NumberRow]:
    """The literature numbers by name, unverified ones first."""
    rows = [_number_row(constant(name)) for name in sorted(set(names))]
    return sorted(rows, key=lambda row: row.verified)


def _number_row(number: Constant) -> NumberRow:
    source = citation(number.source)
    handle = _SCHEME.sub("", source.identifier)
    unit = "" if number.unit == "1" else f" {number.unit}"
    return NumberRow(
        number.name.replace("_", " "),
        f"{number.value:g}{unit}",
        f"{number.low:g} to {number.high:g}",
        source.text + (f" ({handle})" if handle else ""),
        number.status.value,
        number.note,
        number.status is not Status.UNVERIFIED,
    )


def setting_rows(settings: object) -> list[tuple[str, str]]:
    """The fields of a settings object, nested ones flattened."""
    rows: list[tuple[str, str]] = []
    for field in fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, field.name)
        if hasattr(value, "__dataclass_fields__"):
            rows += [(f"{field.name} · {name}", text) for name, text in setting_rows(value)]
        else:
            rows.append((field.name, _setting_text(value)))
    return [(name.replace("_", " "), text) for name, text in rows]


def _setting_text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def scan_rows(ct: CTVolume) -> list[tuple[str, str]]:
    """How the scan was made, and what it measures."""
    scan, grid = ct.acquisition, ct.grid
    nk, nj, ni = grid.shape
    known = {
        "Format": scan.source_format,
        "Manufacturer": scan.manufacturer,
        "Tube voltage": f"{scan.kvp:g} kV" if scan.kvp is not None else "",
        "Kernel": scan.kernel,
        "Patient position": scan.patient_position,
        "Slice thickness": f"{scan.slice_thickness_mm:g} mm" if scan.slice_thickness_mm else "",
        "Series": scan.series_uid,
    }
    voxels = " × ".join(f"{s:.3g}" for s in grid.spacing_mm)
    return [
        ("Voxels", f"{ni} × {nj} × {nk} of {voxels} mm"),
        *((name, text or "not stated") for name, text in known.items()),
    ]
