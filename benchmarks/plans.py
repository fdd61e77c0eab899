"""How long a whole plan takes, and one needle that is measured again while it is dragged."""

from clock import Row, median_seconds

from sacroplasty.phantom import UnscannedPatient, draw_request
from sacroplasty.planning import (
    OwnNeedle,
    PlanningSettings,
    build_clearance_fields,
    describe_needle,
    measure_needle,
    survey_approaches,
)

_SEED, _WORKING_MM = 1, 1.0


def measure() -> list[Row]:
    """Rows for the table; a virtual patient on the 1 mm grid of a real plan."""
    sacrum = UnscannedPatient.of(draw_request(_SEED), _SEED).model(_WORKING_MM)
    settings = PlanningSettings()
    fields = build_clearance_fields(sacrum)
    needle = next(o.options[0].needle for o in survey_approaches(sacrum, settings) if o.options)
    own = OwnNeedle(needle.entry, needle.tip)
    whole = median_seconds(lambda: survey_approaches(sacrum, settings), repeats=3)
    described = median_seconds(lambda: describe_needle(fields, sacrum, own, settings, "own"))
    measured = median_seconds(lambda: measure_needle(fields, needle))
    return [
        Row("plan: 4 approaches, both sides, 2,000 placements each, 1 mm grid", whole, whole),
        Row("… one needle measured again, with 2,000 placements", described, whole),
        Row("… its clearances alone", measured, whole),
    ]
