"""From an option of the search to a needle of the plan, in words and numbers."""

import math

from sacroplasty.planning.candidates import Search
from sacroplasty.planning.clearance import NeedleMeasurement, measure_needle
from sacroplasty.planning.clearance_fields import OBSTACLES
from sacroplasty.planning.comparison import Offer
from sacroplasty.planning.judgement import PLAIN_NAMES
from sacroplasty.planning.options import Option
from sacroplasty.planning.paths import angles_of
from sacroplasty.planning.placement_risk import PlacementRisk
from sacroplasty.planning.setting_up import guide_needle
from sacroplasty.planning.trajectory_plan import ApproachOutcome, PlannedNeedle


def planned_needle(option: Option, ordinal: int) -> PlannedNeedle:
    """A needle of the plan; `ordinal` tells the second needle of one way from the first."""
    search = option.search
    approach = search.approach
    measured = measure_needle(search.fields, option.needle, approach.passage)
    name = f"{approach.side} {approach.level} {approach.name}"
    # Two needles by the short axis go to two levels; by another way they share name and level.
    if ordinal and approach.name != "short-axis":
        name += f" {ordinal + 1}"
    cement_ml = search.settings.cement_ml_per_needle
    basis = (
        f"{cement_ml:g} mL per needle as set; published volumes are 2–6 mL per side, without a "
        "dose effect"
    )
    return PlannedNeedle(
        name=name,
        side=approach.side,
        approach=approach.name,
        level=approach.level,
        needle=option.needle,
        cement_ml=cement_ml,
        clearance_mm=measured.clearance_mm,
        bone_entry_depth_mm=measured.bone_entry_depth_mm or 0.0,
        risk=option.risk,
        guidance=guide_needle(approach.sacrum, approach.side, option.needle, measured, basis),
        reason=_reason(option, measured),
    )


def outcome_of(offer: Offer) -> ApproachOutcome:
    """What an approach offered, as the plan tells it."""
    options = tuple(planned_needle(option, 0) for option in offer.options)
    return ApproachOutcome(
        side=offer.approach.side,
        approach=offer.approach.name,
        level=offer.approach.level,
        considered=offer.pool.considered,
        safe=offer.pool.safe,
        options=options,
        blocked_by=None if options else blocked_by(offer),
    )


def _reason(option: Option, measured: NeedleMeasurement) -> str:
    search = option.search
    limits, clearance = search.settings.margins.limits_mm, measured.clearance_mm
    nearest = min(clearance, key=lambda key: clearance[key] / max(limits[key], 0.1))
    lateral, cranial = angles_of(
        option.candidates.paths.directions[option.row : option.row + 1], search.approach.side.sign
    )
    named = ", ".join(option.names)
    parts = [
        f"{named[0].upper()}{named[1:]} of the safe {search.approach.name} paths: tightest at "
        f"{PLAIN_NAMES[nearest]} with {clearance[nearest]:.1f} mm (limit {limits[nearest]:.1f} mm)",
        f"{measured.in_bone_mm:.0f} mm in bone",
        f"opened {math.degrees(lateral[0]):.0f}° laterally and tilted "
        f"{math.degrees(cranial[0]):.0f}° cranially to the sacrum",
        _risk_sentence(option.risk),
    ]
    if len(search.cleft):
        away = float(option.candidates.to_fracture_mm[option.row])
        parts.append(f"tip {away:.0f} mm from the fracture")
    return ", ".join(parts) + "."


def _risk_sentence(risk: PlacementRisk) -> str:
    share = 100.0 * risk.any_breach.share
    worst = max(risk.breach, key=lambda key: risk.breach[key].share)
    most = f", most often {PLAIN_NAMES[worst]}" if risk.any_breach.share > 0 else ""
    missed = 100.0 * risk.off_target.share
    return (
        f"of {risk.draws} placements by hand {share:.0f} % touch something{most} and {missed:.0f} % "
        "miss the target"
    )


def blocked_by(offer: Offer) -> str:
    """What stands in the way of one approach on one side."""
    approach, search = offer.approach, offer.search
    if approach.lacking is not None:
        return f"{approach.name}: {approach.lacking}"
    if offer.pool.considered == 0:
        return f"{approach.name}: no bone of its target was found on the {approach.side}"
    if offer.pool.best is None:
        return (
            f"none of {offer.pool.considered} {approach.name} paths on the {approach.side} reaches "
            f"its target within {search.settings.max_needle_length_mm:.0f} mm of needle and "
            f"{search.tilt_limit_deg:.0f}° of tilt"
        )
    return (
        f"on the {approach.side} the best of {offer.pool.considered} {approach.name} paths comes "
        f"within {_shortfalls(search, offer.pool.best.clearance_mm[0].tolist())}"
    )


def _shortfalls(search: Search, clearance_mm: list[float]) -> str:
    limits = dict(zip(OBSTACLES, search.limits_mm.tolist(), strict=True))
    measured = dict(zip(OBSTACLES, clearance_mm, strict=True))
    short = {key: value for key, value in measured.items() if value < limits[key]}
    worst = sorted(short, key=lambda key: short[key] - limits[key])
    return ", ".join(
        f"{short[key]:.1f} mm from {PLAIN_NAMES[key]} (limit {limits[key]:.1f} mm)" for key in worst
    )
