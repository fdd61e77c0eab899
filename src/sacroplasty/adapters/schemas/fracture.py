"""`fracture/fracture.json` and `mri/oedema.json`."""

from sacroplasty.adapters.schemas.words import (
    FINDING,
    GRID,
    LEVEL,
    NUMBER,
    POINT,
    RIGID,
    SHARE,
    SIDE,
    TEXT,
    YES_NO,
    listed,
    optional,
    record,
    word_of,
)
from sacroplasty.anatomy import FractureSource, SacralFracturePattern

_ZONES = listed({"enum": [1, 2, 3], "description": "Denis zones"})
LIMB = record(
    side=optional(SIDE),
    zones=_ZONES,
    horizontal=YES_NO,
    level=optional(LEVEL),
    displacement_mm=optional(NUMBER),
    cleft_lps_mm=listed(POINT, at_least=1),
)
FRACTURE = record(
    frame_of_reference_uid=TEXT,
    pattern=word_of(SacralFracturePattern),
    source=word_of(FractureSource),
    score=optional(SHARE),
    confirmed=YES_NO,
    limbs=listed(LIMB, at_least=1),
    working_grid=GRID,
)
OEDEMA = record(
    ct_from_mri=RIGID,
    mutual_information=NUMBER,
    residual_mm=NUMBER,
    overlap=NUMBER,
    registration_findings=listed(FINDING),
    parts=listed(record(side=SIDE, zones=_ZONES, volume_ml=NUMBER, brightness=NUMBER)),
    findings=listed(FINDING),
    working_grid=GRID,
)
