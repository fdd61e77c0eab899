"""What ``inject --json`` prints."""

from sacroplasty.adapters.schemas.case import STAGES
from sacroplasty.adapters.schemas.leaks import LEAKS
from sacroplasty.adapters.schemas.words import (
    FINDING,
    NUMBER,
    SIDE,
    TEXT,
    VERDICT,
    listed,
    mapping,
    optional,
    record,
)

INJECTED_NEEDLE = record(
    name=TEXT,
    side=SIDE,
    planned_ml=NUMBER,
    injected_ml=NUMBER,
    first_s=optional(NUMBER),
    last_s=optional(NUMBER),
    most_syringe_pressure_mpa=optional(NUMBER),
)
INJECT = record(
    case=TEXT,
    page=TEXT,
    growth=optional(TEXT),
    verdict=record(anatomy=VERDICT, plan=VERDICT, injection=VERDICT),
    stages=STAGES,
    injection=record(
        cement=TEXT,
        needles=listed(INJECTED_NEEDLE, at_least=1),
        mass_error=NUMBER,
        bone=optional(mapping(optional(NUMBER))),
    ),
    leaks=LEAKS,
    findings=listed(FINDING),
    recommended_change=TEXT,
)
