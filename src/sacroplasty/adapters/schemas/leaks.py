"""`injection/leaks.json`, and later `verification/leaks.json`."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    LEVEL,
    NUMBER,
    SIDE,
    TEXT,
    Schema,
    listed,
    mapping,
    optional,
    record,
)
from sacroplasty.injection import Deed, StopCause
from sacroplasty.leaks import LeakPath, LeakSite, NeuralContact

SITE: Schema = {"enum": [site.value for site in LeakSite]}
LEAK = record(
    site=SITE,
    level=optional(LEVEL),
    side=optional(SIDE),
    volume_ml=NUMBER,
    extent_mm=NUMBER,
    neural_contact={"enum": [contact.value for contact in NeuralContact]},
    confidence={"type": "number", "minimum": 0, "maximum": 1},
    onset_s=optional(NUMBER),
    onset_pressure_mpa=optional(NUMBER),
    onset_rate_ml_per_s=optional(NUMBER),
    path=optional({"enum": [path.value for path in LeakPath]}),
    needle=optional(TEXT),
)
STOP_EVENT = record(
    time_s=NUMBER,
    needle=COUNT,
    cause={"enum": [cause.value for cause in StopCause], "description": "says the unit of value"},
    value=NUMBER,
    limit=optional(NUMBER),
    site=optional(SITE),
    level=optional(LEVEL),
    side=optional(SIDE),
    views=listed(TEXT),
    deed={"enum": [deed.value for deed in Deed]},
    paused_s=NUMBER,
    more_ml=NUMBER,
)
LEAKS = record(
    leaks=listed(LEAK),
    stop_events=listed(STOP_EVENT),
    cement_ml=record(
        total=NUMBER, inside_bone=NUMBER, left=NUMBER, right=NUMBER, by_zone=mapping(NUMBER)
    ),
)
