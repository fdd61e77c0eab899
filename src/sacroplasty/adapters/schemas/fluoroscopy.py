"""A pose, and what `fluoro --json` prints."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    NUMBER,
    POINT,
    TEXT,
    YES_NO,
    Schema,
    listed,
    numbers,
    optional,
    record,
)

POSE: Schema = record(
    schema_version={"const": 1},
    name={"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$"},
    frame_of_reference_uid=TEXT,
    source_lps_mm=POINT,
    detector_centre_lps_mm=POINT,
    right_lps=numbers(3, "unit vector along increasing column, LPS"),
    down_lps=numbers(3, "unit vector along increasing row, LPS"),
    shape_rows_columns=numbers(2, "detector pixels"),
    pixel_mm=NUMBER,
)
_ANGLES = record(
    primary_deg={"type": "number", "minimum": -180, "maximum": 180, "description": "LAO +, RAO −"},
    secondary_deg={"type": "number", "minimum": -90, "maximum": 90, "description": "CRA +, CAU −"},
)
_LETTER = {"enum": ["L", "R", ""], "description": "the patient's own side"}
_PICTURE = record(
    name=TEXT,
    files=listed(TEXT, at_least=1),
    says=TEXT,
    marker=record(left_edge=_LETTER, right_edge=_LETTER, detector_side=_LETTER),
    angles_to_table=_ANGLES,
    angles_to_sacrum=_ANGLES,
    source_detector_mm=NUMBER,
    source_isocentre_mm=NUMBER,
    cement_ml=optional(NUMBER),
    time_s=optional(NUMBER),
    beam=optional(
        record(
            tube_kv=NUMBER,
            mas_per_frame=NUMBER,
            detector_dose_ngy=NUMBER,
            seed=COUNT,
            subtracted=YES_NO,
        )
    ),
)
FLUORO: Schema = record(case=TEXT, lying={"enum": ["prone", "supine"]}, pictures=listed(_PICTURE))
