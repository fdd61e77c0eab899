"""`injection/leaks.json`, and later `verification/leaks.json`."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    NUMBER,
    PLACE,
    SHARE,
    TEXT,
    listed,
    mapping,
    optional,
    record,
    word_of,
)
from sacroplasty.injection import Deed, StopCause
from sacroplasty.leaks import LeakPath, LeakSite, NeuralContact

SITE = word_of(LeakSite)
LEAK = record(
    site=SITE,
    **PLACE,
    volume_ml=NUMBER,
    extent_mm=NUMBER,
    neural_contact=word_of(NeuralContact),
    confidence=SHARE,
    onset_s=optional(NUMBER),
    onset_pressure_mpa=optional(NUMBER),
    onset_rate_ml_per_s=optional(NUMBER),
    path=optional(word_of(LeakPath)),
    needle=optional(TEXT),
)
STOP_EVENT = record(
    time_s=NUMBER,
    needle=COUNT,
    cause=word_of(StopCause, "says the unit of value"),
    value=NUMBER,
    limit=optional(NUMBER),
    site=optional(SITE),
    **PLACE,
    views=listed(TEXT),
    deed=word_of(Deed),
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
