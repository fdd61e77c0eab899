"""Which view shows which leak, on this patient and for this plan: a stage beside the injection."""

from dataclasses import dataclass

from sacroplasty.cement import CementRecipe
from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import (
    ViewPair,
    VisibilityTable,
    bone_to_fill,
    leak_places,
    named_view,
    places_at_risk,
    prepare_views,
    recommended_pair,
    visibility_table,
)
from sacroplasty.pathway.notes import CaseNotes
from sacroplasty.planning import Planned
from sacroplasty.provenance import digest, software_digest

COMPARED_VIEWS = ("ap", "lateral", "inlet", "outlet")


@dataclass(frozen=True, slots=True)
class LeakViews:
    """The table, and the pair of views that misses least of what this plan puts at risk.

    cement: the name of what would be seen. at_risk: names of the places that the pair is for.
    not_taken: views that this C-arm cannot take of this patient, and why.
    """

    table: VisibilityTable
    pair: ViewPair
    at_risk: tuple[str, ...]
    cement: str
    not_taken: tuple[tuple[str, str], ...] = ()


def visibility_stage(
    planned: Planned, plan_key: str, recipe: CementRecipe, notes: CaseNotes
) -> LeakViews:
    """The table of the usual four views. It rests on plan and cement, not on any injection."""
    key = visibility_key(plan_key, recipe)
    return notes.stage("visibility", key, lambda _: view_leaks(planned, recipe))


def visibility_key(plan_key: str, recipe: CementRecipe) -> str:
    """The digest of all that the table rests on."""
    return digest(plan_key, software_digest(), recipe, COMPARED_VIEWS)


def view_leaks(planned: Planned, recipe: CementRecipe) -> LeakViews:
    """A leak in every compartment, looked at in every view."""
    sacrum, plan = planned.sacrum, planned.plan
    poses, not_taken = [], []
    for name in COMPARED_VIEWS:
        try:
            poses.append(named_view(name, sacrum))
        except BadInput as problem:  # a sacrum so steep that the tilt ends in the table
            not_taken.append((name, str(problem)))
    views = prepare_views(planned.ct, poses, bone_to_fill(sacrum, plan))
    places = leak_places(sacrum)
    table = visibility_table(views, places, recipe)
    at_risk = tuple(place.name for place in places_at_risk(places, plan))
    return LeakViews(
        table, recommended_pair(table, at_risk), at_risk, recipe.name, tuple(not_taken)
    )
