"""`injection/leaks.json`, and later `verification/leaks.json`."""

from sacroplasty.adapters.schemas.words import (
    LEVEL,
    NUMBER,
    SIDE,
    listed,
    mapping,
    optional,
    record,
)
from sacroplasty.leaks import LeakSite, NeuralContact

LEAK = record(
    site={"enum": [site.value for site in LeakSite]},
    level=optional(LEVEL),
    side=optional(SIDE),
    volume_ml=NUMBER,
    extent_mm=NUMBER,
    neural_contact={"enum": [contact.value for contact in NeuralContact]},
    confidence={"type": "number", "minimum": 0, "maximum": 1},
)
LEAKS = record(
    leaks=listed(LEAK),
    cement_ml=record(
        total=NUMBER, inside_bone=NUMBER, left=NUMBER, right=NUMBER, by_zone=mapping(NUMBER)
    ),
)
