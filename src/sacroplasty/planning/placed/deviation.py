"""How a placed needle lies against the planned one: aside, in depth, at the entry, in angle."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.placed.found_needle import FoundNeedle
from sacroplasty.reference import constant


@dataclass(frozen=True, slots=True)
class Deviation:
    """tip_mm: from tip to tip; of that aside_mm across the planned axis and deeper_mm along it
    (negative: too shallow). entry_mm: between the planned entry and the placed axis in the plane
    through that entry at right angles to the planned axis. angle_deg: between the axes."""

    tip_mm: float
    aside_mm: float
    deeper_mm: float
    entry_mm: float
    angle_deg: float


def measure_deviation(found: FoundNeedle, planned: Needle) -> Deviation:
    """Both needles in the frame of the plan."""
    off = found.tip.single - planned.tip.single
    deeper = float(off @ planned.direction)
    aside = off - deeper * planned.direction
    cosine = float(np.clip(found.direction @ planned.direction, -1.0, 1.0))
    entry = entry_of(found, planned)
    return Deviation(
        tip_mm=float(np.linalg.norm(off)),
        aside_mm=float(np.linalg.norm(aside)),
        deeper_mm=deeper,
        entry_mm=float(np.linalg.norm(entry.single - planned.entry.single)),
        angle_deg=float(np.degrees(np.arccos(cosine))),
    )


def entry_of(found: FoundNeedle, planned: Needle) -> Points:
    """Where the placed axis meets the plane through the planned entry, across the planned axis."""
    slope = float(found.direction @ planned.direction)
    if abs(slope) < 0.5:  # more than 60° off: the planned plane says nothing of it
        return found.outer
    way = float((planned.entry.single - found.tip.single) @ planned.direction) / slope
    return Points(found.tip.single + way * found.direction, found.frame)


def placed_needle(found: FoundNeedle, planned: Needle) -> Needle:
    """The placed needle as the clearances are asked of it: from that entry to its tip."""
    return Needle(entry_of(found, planned), found.tip, planned.gauge)


def nameless_needle(found: FoundNeedle, gauge: NeedleGauge, way_mm: float) -> Needle:
    """A needle without a plan: the last part of what is seen."""
    seen = min(found.length_mm, way_mm)
    entry = Points(found.tip.single - seen * found.direction, found.frame)
    return Needle(entry, found.tip, gauge)


def judge_deviation(name: str, deviation: Deviation) -> tuple[Finding, ...]:
    """Tip, angle and entry, each with its limit."""
    deeper = (
        f"{abs(deviation.deeper_mm):.1f} mm too {'deep' if deviation.deeper_mm > 0 else 'shallow'}"
    )
    return (
        _judged(
            f"{name}: tip",
            deviation.tip_mm,
            "placed_tip_limit",
            "mm",
            f"The tip lies {deviation.tip_mm:.1f} mm from the planned one: "
            f"{deviation.aside_mm:.1f} mm aside and {deeper}.",
        ),
        _judged(
            f"{name}: angle",
            deviation.angle_deg,
            "placed_angle_limit",
            "°",
            f"The needle is turned by {deviation.angle_deg:.1f}° against the plan.",
        ),
        _judged(
            f"{name}: entry",
            deviation.entry_mm,
            "placed_entry_limit",
            "mm",
            f"The needle enters {deviation.entry_mm:.1f} mm from the planned entry.",
        ),
    )


def _judged(check: str, value: float, limit_name: str, unit: str, says: str) -> Finding:
    limit = constant(limit_name).value
    space = "" if unit == "°" else " "
    return Finding(
        check,
        Verdict.PASS if value <= limit else Verdict.FAIL,
        says,
        f"{value:.1f}{space}{unit}",
        f"at most {limit:.1f}{space}{unit}",
    )
