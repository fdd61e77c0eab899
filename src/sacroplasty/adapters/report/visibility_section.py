"""Which view shows which leak, as the report shows it: a row a compartment, and the pair to use."""

from dataclasses import dataclass

from sacroplasty.fluoroscopy import LeakVisibility, VisibilityTable
from sacroplasty.pathway import LeakViews

_HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class VisibilitySection:
    """Sentences, the heads of the table and its rows, and how they are to be read."""

    says: list[str]
    aside: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def visibility_section(views: LeakViews) -> VisibilitySection:
    """Everything the page says of it."""
    table = views.table
    places = dict.fromkeys(row.place for row in table.rows)
    return VisibilitySection(
        says=[pair_sentence(views), *(f"Not compared: {why}" for _, why in views.not_taken)],
        aside=(
            f"A leak of {table.reference_ml:g} mL (cement: {views.cement}), looked for by somebody who knows "
            "where, on the rays that miss the bone to be filled: seen, with its detectability (from "
            f"{table.threshold:g} on); or from which volume it is seen; or hidden. Sides are the "
            "patient's own. A model of this CT with unverified numbers, no clinical threshold."
        ),
        heads=("Leak", *table.views, "Best"),
        rows=[place_row(table, place) for place in places],
    )


def pair_sentence(views: LeakViews) -> str:
    """Which two views to use, and what they miss."""
    pair = views.pair
    says = f"Of the views compared, {pair.views[0]} and {pair.views[1]} miss least for this plan"
    if pair.unseen:
        return (
            f"{says}; not even these two show a leak of {views.table.reference_ml:g} mL here: "
            f"{', '.join(_words(place) for place in pair.unseen)}."
        )
    return f"{says}; they show a leak least well here: {_words(pair.worst_place)}."


def place_row(table: VisibilityTable, place: str) -> tuple[str, ...]:
    """The smallest leak seen in each view, and the best view."""
    best = table.best_view(place)
    cells = [_cell(table, table.row(place, view)) for view in table.views]
    return (_words(place), *cells, best or "none")


def _cell(table: VisibilityTable, row: LeakVisibility) -> str:
    if row.live >= table.threshold:
        return f"seen ({row.live:.0f})"
    return _HIDDEN if row.seen_ml is None else f"from {row.seen_ml:.2g} mL"


def _words(place: str) -> str:
    """A place in words; sides are the patient's own."""
    return place.replace("si_joint", "SI joint").replace("disc_L5S1", "disc L5/S1")
