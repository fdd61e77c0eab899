"""`plan.json`."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    FINDING,
    LEVEL,
    NUMBER,
    POINT,
    SIDE,
    TEXT,
    VERDICT,
    listed,
    mapping,
    record,
)

NEEDLE = record(
    name=TEXT,
    side=SIDE,
    approach=TEXT,
    level=LEVEL,
    entry_lps_mm=POINT,
    target_lps_mm=POINT,
    gauge=COUNT,
    outer_diameter_mm=NUMBER,
    inner_diameter_mm=NUMBER,
    length_mm=NUMBER,
    bone_entry_depth_mm=NUMBER,
    cement_ml=NUMBER,
    clearance_mm=mapping(NUMBER),
    reason=TEXT,
)
PLAN = record(
    verdict=VERDICT,
    frame_of_reference_uid=TEXT,
    needles=listed(NEEDLE, at_least=1),
    margins_mm=mapping(NUMBER),
    findings=listed(FINDING),
)
