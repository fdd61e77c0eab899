"""`odds/`: how often each leak came about; null in odds.json where nobody asked."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.case_folder.documents import grid_document, grid_from, place_document
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.case_folder.odds_rows import FINISHED, row_line, rows_in
from sacroplasty.geometry import Frame
from sacroplasty.injection import Factor, LeakOdds, OddsSettings, Site, advise
from sacroplasty.planning import Chance, PlacementError

# Points of the curve of the odds over the volume.
_CURVE_POINTS = 25


def write_odds(odds: LeakOdds | None, root: Path) -> None:
    """odds/odds.json, and odds/members.jsonl with a line per member."""
    (root / "odds").mkdir(parents=True)
    write_json(root / "odds" / "odds.json", {"odds": odds_document(odds) if odds else None})
    if odds:
        lines = [row_line(odds.study, row) for row in odds.rows]
        (root / FINISHED).write_text("".join(lines), encoding="utf-8")


def read_odds(root: Path) -> LeakOdds | None:
    """The odds that `write_odds` wrote."""
    document = read_json(root / "odds" / "odds.json")["odds"]
    if document is None:
        return None
    asked = document["settings"]
    study = document["study"]
    rows = {row.member: row for row in rows_in(root / FINISHED, study)}
    return LeakOdds(
        rows=tuple(rows[member] for member in range(document["members"])),
        needles=tuple(document["needles"]),
        planned_ml=tuple(document["planned_ml"]),
        settings=OddsSettings(
            members=document["members"],
            seed=asked["seed"],
            factors=frozenset(Factor(name) for name in asked["factors"]),
            placement=PlacementError(**asked["placement"]),
            neural_limit=asked["neural_limit"],
            least_counted_ml=asked["least_counted_ml"],
        ),
        grid=grid_from(document["grid"], Frame(document["frame_of_reference_uid"])),
        study=study,
    )


def odds_document(odds: LeakOdds) -> dict[str, Any]:
    """The odds and all that is needed to draw them again; probabilities with their 95 % interval."""
    onsets, settings = odds.onsets(), odds.settings
    volumes = np.linspace(0.0, sum(odds.planned_ml), _CURVE_POINTS)
    return {
        "members": odds.members,
        "needles": list(odds.needles),
        "planned_ml": list(odds.planned_ml),
        "any_leak": chance_document(odds.any_leak),
        "foramen_or_canal": chance_document(odds.neural),
        "tip_outside_sacrum": chance_document(odds.misplaced),
        "by_site": [{**_site(where), **chance_document(p)} for where, p in odds.by_site.items()],
        "by_volume": [
            {"volume_ml": float(ml), **chance_document(onsets.by_volume(float(ml)))}
            for ml in volumes
        ],
        "safe_volume": asdict(onsets.safe_volume(settings.neural_limit)),
        "tornado": [
            {
                "number": bar.number,
                "low_third": chance_document(bar.low_third),
                "high_third": chance_document(bar.high_third),
                "difference": asdict(bar.difference),
                "certain": bar.is_certain,
            }
            for bar in odds.tornado
        ],
        "delivered_ml": asdict(odds.delivered_ml),
        "peak_syringe_mpa": asdict(odds.peak_syringe_mpa),
        "recommended_change": advise(odds).says,
        "settings": {
            "seed": settings.seed,
            "factors": sorted(factor.value for factor in settings.factors),
            "placement": asdict(settings.placement),
            "neural_limit": settings.neural_limit,
            "least_counted_ml": settings.least_counted_ml,
        },
        "frame_of_reference_uid": odds.grid.frame.uid,
        "grid": grid_document(odds.grid),
        "study": odds.study,
    }


def chance_document(chance: Chance) -> dict[str, float]:
    """Share with its interval."""
    return {"share": chance.share, "low": chance.low, "high": chance.high}


def _site(where: Site) -> dict[str, Any]:
    return {
        "site": where.site.value,
        **place_document(where),
    }
