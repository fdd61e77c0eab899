"""`placed.json`, which is also what ``placed --json`` prints."""

from sacroplasty.adapters.schemas.doors import ERROR
from sacroplasty.adapters.schemas.words import (
    COUNT,
    FINDING,
    NUMBER,
    POINT,
    RIGID,
    SIDE,
    TEXT,
    VERDICT,
    listed,
    mapping,
    optional,
    or_refused,
    record,
)

DEVIATION = record(
    tip_mm=NUMBER, aside_mm=NUMBER, deeper_mm=NUMBER, entry_mm=NUMBER, angle_deg=NUMBER
)
PLACED_NEEDLE = record(
    name=optional(TEXT),
    number=COUNT,
    side=SIDE,
    entry_lps_mm=POINT,
    tip_lps_mm=POINT,
    seen_length_mm=NUMBER,
    deviation=optional(DEVIATION),
    clearance_mm=mapping(NUMBER),
    planned_clearance_mm=mapping(NUMBER),
    absent=mapping(TEXT),
)
# Needles that lie elsewhere are described too.
PLACED = or_refused(
    record(
        verdict=VERDICT,
        frame_of_reference_uid=TEXT,
        scan_digest=TEXT,
        registration=record(
            planning_from_scan=RIGID, similarity=NUMBER, residual_mm=NUMBER, shift_mm=NUMBER
        ),
        needles=listed(PLACED_NEEDLE, at_least=1),
        missing=listed(TEXT),
        other_metal=listed(TEXT),
        findings=listed(FINDING),
    ),
    ERROR,
)
