"""`fluoroscopy/visibility.json`: which view shows which leak, and the pair for the plan."""

from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.documents import level_from, place_document, side_from
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.fluoroscopy import LeakVisibility, Observer, ViewPair, VisibilityTable
from sacroplasty.leaks import LeakSite
from sacroplasty.pathway import LeakViews

VISIBILITY = "fluoroscopy/visibility.json"
# In the file, and in the room.
_KEYS = (
    ("contrast_to_noise", "contrast_to_noise"),
    ("bone_line_integral", "bone_integral"),
    ("told_apart_share", "told_apart"),
    ("live_dprime", "live"),
    ("subtracted_dprime", "subtracted"),
    ("seen_ml", "seen_ml"),
    ("subtracted_seen_ml", "subtracted_ml"),
)


def write_visibility(views: LeakViews, root: Path) -> None:
    """The one file."""
    (root / VISIBILITY).parent.mkdir(parents=True, exist_ok=True)
    write_json(root / VISIBILITY, visibility_document(views))


def read_visibility(root: Path) -> LeakViews:
    """What `write_visibility` wrote."""
    document = read_json(root / VISIBILITY)
    pair = document["recommended_pair"]
    rows = [_row(place, view) for place in document["places"] for view in place["views"]]
    return LeakViews(
        table=VisibilityTable(
            tuple(rows),
            tuple(document["views"]),
            document["reference_leak_ml"],
            document["threshold_dprime"],
            Observer(document["observer"]),
        ),
        pair=ViewPair(
            (pair["views"][0], pair["views"][1]),
            pair["worst_place"],
            pair["worst_dprime"],
            tuple(pair["unseen"]),
        ),
        at_risk=tuple(document["at_risk"]),
        cement=document["cement"],
        not_taken=tuple((one["view"], one["why"]) for one in document["not_taken"]),
    )


def visibility_document(views: LeakViews) -> dict[str, Any]:
    """`visibility` schema; null for a volume where even the largest leak that was tried is not seen."""
    table, pair = views.table, views.pair
    return {
        "cement": views.cement,
        "views": list(table.views),
        "not_taken": [{"view": view, "why": why} for view, why in views.not_taken],
        "reference_leak_ml": table.reference_ml,
        "threshold_dprime": table.threshold,
        "observer": table.observer.value,
        "recommended_pair": {
            "views": list(pair.views),
            "worst_place": pair.worst_place,
            "worst_dprime": pair.worst,
            "unseen": list(pair.unseen),
        },
        "at_risk": list(views.at_risk),
        "places": [_place(table, name) for name in dict.fromkeys(row.place for row in table.rows)],
    }


def _place(table: VisibilityTable, name: str) -> dict[str, Any]:
    rows = [table.row(name, view) for view in table.views]
    first = rows[0]
    return {
        "place": name,
        "site": first.site.value,
        **place_document(first),
        "best_view": table.best_view(name),
        "views": [
            {"view": row.view, **{key: getattr(row, name) for key, name in _KEYS}} for row in rows
        ],
    }


def _row(place: dict[str, Any], view: dict[str, Any]) -> LeakVisibility:
    return LeakVisibility(
        site=LeakSite(place["site"]),
        side=side_from(place),
        level=level_from(place),
        place=place["place"],
        view=view["view"],
        **{name: view[key] for key, name in _KEYS},
    )
