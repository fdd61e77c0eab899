"""One needle of a plan as JSON, and back."""

from dataclasses import asdict
from typing import Any

from sacroplasty.adapters.case_folder.documents import point_document
from sacroplasty.anatomy import Level, Side
from sacroplasty.geometry import Frame, Points
from sacroplasty.planning import (
    CArmAngles,
    Chance,
    DepthMarks,
    Needle,
    NeedleGauge,
    NeedleGuidance,
    PlacementRisk,
    PlannedNeedle,
)

# Keys of `probability_ci95` beside the structures'.
_ANY, _MISS, _MISHAP = "any_breach", "off_target", "mishap"


def needle_document(planned: PlannedNeedle) -> dict[str, Any]:
    """An entry of `needles` and of `options`; `side` is the patient's own."""
    gauge = planned.needle.gauge
    return {
        "name": planned.name,
        "side": planned.side.value,
        "approach": planned.approach,
        "level": planned.level.value,
        "entry_lps_mm": point_document(planned.needle.entry),
        "target_lps_mm": point_document(planned.needle.tip),
        "gauge": gauge.gauge,
        "outer_diameter_mm": gauge.outer_diameter_mm,
        "inner_diameter_mm": gauge.inner_diameter_mm,
        "length_mm": planned.needle.length_mm,
        "bone_entry_depth_mm": planned.bone_entry_depth_mm,
        "cement_ml": planned.cement_ml,
        "clearance_mm": dict(planned.clearance_mm),
        **_risk_document(planned.risk),
        "guidance": asdict(planned.guidance),
        "reason": planned.reason,
    }


def needle_from(row: dict[str, Any], frame: Frame) -> PlannedNeedle:
    """The needle that `needle_document` wrote; raises `ValueError` for what it never wrote."""
    name, cement_ml = str(row["name"]), float(row["cement_ml"])
    if not name.isprintable() or cement_ml < 0:
        raise ValueError(f"no needle is called {name!r} and takes {cement_ml:g} mL")
    return PlannedNeedle(
        name=name,
        side=Side(row["side"]),
        approach=row["approach"],
        level=Level(row["level"]),
        needle=Needle(
            entry=Points.at(row["entry_lps_mm"], frame),
            tip=Points.at(row["target_lps_mm"], frame),
            gauge=NeedleGauge(row["gauge"], row["outer_diameter_mm"], row["inner_diameter_mm"]),
        ),
        cement_ml=cement_ml,
        clearance_mm=row["clearance_mm"],
        bone_entry_depth_mm=row["bone_entry_depth_mm"],
        risk=_risk_from(row),
        guidance=_guidance_from(row["guidance"]),
        reason=row["reason"],
    )


def _risk_document(risk: PlacementRisk) -> dict[str, Any]:
    chances = {**risk.breach, _ANY: risk.any_breach, _MISS: risk.off_target, _MISHAP: risk.mishap}
    return {
        "placements_drawn": risk.draws,
        "breach_probability": {key: chance.share for key, chance in risk.breach.items()},
        "any_breach_probability": risk.any_breach.share,
        "off_target_probability": risk.off_target.share,
        "mishap_probability": risk.mishap.share,
        "probability_ci95": {key: [chance.low, chance.high] for key, chance in chances.items()},
        "clearance_p05_mm": dict(risk.clearance_p05_mm),
    }


def _risk_from(row: dict[str, Any]) -> PlacementRisk:
    within = row["probability_ci95"]
    return PlacementRisk(
        draws=row["placements_drawn"],
        breach={k: Chance(share, *within[k]) for k, share in row["breach_probability"].items()},
        any_breach=Chance(row["any_breach_probability"], *within[_ANY]),
        off_target=Chance(row["off_target_probability"], *within[_MISS]),
        mishap=Chance(row["mishap_probability"], *within[_MISHAP]),
        clearance_p05_mm=row["clearance_p05_mm"],
    )


def _guidance_from(row: dict[str, Any]) -> NeedleGuidance:
    return NeedleGuidance(
        **{
            **row,
            "en_face": CArmAngles(**row["en_face"]),
            "profile": CArmAngles(**row["profile"]),
            "depth": DepthMarks(**row["depth"]),
        }
    )
