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
    numbers,
    optional,
    record,
)

CARM_ANGLES = record(rotation_deg=NUMBER, cranial_deg=NUMBER)
GUIDANCE = record(
    table_position_mm=NUMBER,
    lateral_offset_mm=NUMBER,
    axial_angle_deg=NUMBER,
    sagittal_angle_deg=NUMBER,
    en_face=CARM_ANGLES,
    profile=CARM_ANGLES,
    depth=record(dorsal_cortex_mm=NUMBER, target_mm=NUMBER, anterior_cortex_mm=optional(NUMBER)),
    needle_length_mm=optional(NUMBER),
    dead_volume_ml=NUMBER,
    cement_basis=TEXT,
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
    placements_drawn=COUNT,
    breach_probability=mapping(NUMBER),
    any_breach_probability=NUMBER,
    off_target_probability=NUMBER,
    mishap_probability=NUMBER,
    probability_ci95=mapping(numbers(2, "low and high end of the 95 % interval")),
    clearance_p05_mm=mapping(NUMBER),
    guidance=GUIDANCE,
    reason=TEXT,
)
APPROACH = record(
    side=SIDE,
    approach=TEXT,
    level=LEVEL,
    paths_considered=COUNT,
    paths_safe=COUNT,
    options=listed(NEEDLE),
    blocked_by=optional(TEXT),
)
PLAN = record(
    verdict=VERDICT,
    frame_of_reference_uid=TEXT,
    needles=listed(NEEDLE, at_least=1),
    margins_mm=mapping(NUMBER),
    findings=listed(FINDING),
    approaches=listed(APPROACH),
    seed=COUNT,
)
