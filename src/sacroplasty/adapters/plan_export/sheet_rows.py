"""The rows of the plan sheet: label, and what is said of each needle."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sacroplasty.adapters.report.sentences import margin_for, side_phrase, structure_phrase
from sacroplasty.planning import Margins, PlannedNeedle


class _Chance(Protocol):
    """A share with its interval, as the plan's risk holds it."""

    @property
    def share(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


Says = Callable[[PlannedNeedle], str]
_ABSENT = "–"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line; a heading says nothing of a needle."""

    label: str
    says: tuple[str, ...] = ()

    @property
    def is_heading(self) -> bool:
        """Whether this line only names the lines below it."""
        return not self.says


def sheet_rows(needles: tuple[PlannedNeedle, ...], margins: Margins) -> tuple[SheetRow, ...]:
    """All lines of the table, one entry of `says` per needle."""
    rows: list[SheetRow] = []
    for heading, lines in (
        ("Needle", _NEEDLE),
        ("Skin entry and angles", _ANGLES),
        ("Depth from the skin", _DEPTHS),
        ("C-arm (rotation to the patient's left, lean to the head)", _CARM),
        ("Cement", _CEMENT),
    ):
        rows.append(SheetRow(heading))
        rows += [SheetRow(label, tuple(map(says, needles))) for label, says in lines]
    rows.append(SheetRow("Clearance, surface to surface (margin; kept by 95 of 100)"))
    for name in _named(needles, lambda planned: planned.clearance_mm):
        label = structure_phrase(name)
        rows.append(SheetRow(label, tuple(_clearance(name, p, margins) for p in needles)))
    rows.append(SheetRow("Chance for a needle set by hand"))
    for name in _named(needles, lambda planned: planned.risk.breach):
        label = f"touches {structure_phrase(name)}"
        rows.append(SheetRow(label, tuple(_breach(name, p) for p in needles)))
    rows.append(SheetRow("touches any", tuple(_chance(p.risk.any_breach) for p in needles)))
    rows.append(SheetRow("tip off target", tuple(_chance(p.risk.off_target) for p in needles)))
    return tuple(rows)


def _named(
    needles: tuple[PlannedNeedle, ...], of: Callable[[PlannedNeedle], dict[str, Any]]
) -> list[str]:
    """Every structure that any needle has a number for, in the order met."""
    return list(dict.fromkeys(name for planned in needles for name in of(planned)))


def _clearance(name: str, planned: PlannedNeedle, margins: Margins) -> str:
    if name not in planned.clearance_mm:
        return _ABSENT
    margin = margin_for(name, margins)
    asked = "no margin" if margin is None else f"≥ {margin:.1f}"
    kept = planned.risk.clearance_p05_mm.get(name)
    often = "" if kept is None else f"; {_number(kept)}"
    sign = " ✕" if margin is not None and planned.clearance_mm[name] < margin else ""
    return f"{_number(planned.clearance_mm[name])} mm ({asked}{often}){sign}"


def _breach(name: str, planned: PlannedNeedle) -> str:
    chance = planned.risk.breach.get(name)
    return _ABSENT if chance is None else _chance(chance)


def _chance(chance: _Chance) -> str:
    return f"{100 * chance.share:.1f} % ({100 * chance.low:.1f}–{100 * chance.high:.1f})"


def _number(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _degrees(value: float) -> str:
    return f"{value:+.0f}°".replace("-", "−").replace("+0°", "0°").replace("−0°", "0°")


def _optional_mm(value: float | None) -> str:
    return _ABSENT if value is None else f"{_number(value)} mm"


_NEEDLE: tuple[tuple[str, Says], ...] = (
    ("side, level", lambda p: f"{side_phrase(p.side)}, {p.level}"),
    ("approach", lambda p: p.approach.replace("_", " ")),
    ("gauge", lambda p: f"{p.needle.gauge.gauge} G ({p.needle.gauge.outer_diameter_mm:.2f} mm)"),
    (
        "length to take",
        lambda p: (
            "none sold is long enough"
            if p.guidance.needle_length_mm is None
            else f"{p.guidance.needle_length_mm:.0f} mm"
        ),
    ),
)
_ANGLES: tuple[tuple[str, Says], ...] = (
    ("table position (LPS z)", lambda p: f"{_number(p.guidance.table_position_mm)} mm"),
    ("from midline, lateral", lambda p: f"{_number(p.guidance.lateral_offset_mm)} mm"),
    ("axial angle (+ tip lateral)", lambda p: _degrees(p.guidance.axial_angle_deg)),
    ("sagittal angle (+ tip to head)", lambda p: _degrees(p.guidance.sagittal_angle_deg)),
)
_DEPTHS: tuple[tuple[str, Says], ...] = (
    ("dorsal cortex", lambda p: _optional_mm(p.guidance.depth.dorsal_cortex_mm)),
    ("target", lambda p: _optional_mm(p.guidance.depth.target_mm)),
    ("anterior cortex: stop before", lambda p: _optional_mm(p.guidance.depth.anterior_cortex_mm)),
)
_CARM: tuple[tuple[str, Says], ...] = (
    (
        "down the needle",
        lambda p: (
            f"{_degrees(p.guidance.en_face.rotation_deg)}, {_degrees(p.guidance.en_face.cranial_deg)}"
        ),
    ),
    (
        "across the needle",
        lambda p: (
            f"{_degrees(p.guidance.profile.rotation_deg)}, {_degrees(p.guidance.profile.cranial_deg)}"
        ),
    ),
)
_CEMENT: tuple[tuple[str, Says], ...] = (
    ("planned", lambda p: f"{p.cement_ml:.1f} mL"),
    ("stays in the cannula", lambda p: f"{p.guidance.dead_volume_ml:.2f} mL"),
    ("rests on", lambda p: p.guidance.cement_basis),
)
