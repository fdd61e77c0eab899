"""A pose, what `fluoro --json` prints, and which view shows which leak."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    LEVEL,
    NUMBER,
    POINT,
    SHARE,
    SIDE,
    TEXT,
    YES_NO,
    Schema,
    listed,
    numbers,
    optional,
    record,
    word_of,
)
from sacroplasty.fluoroscopy import Lying

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
    needles=COUNT,
    withdraw_mm_per_ml=optional(NUMBER),
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
FLUORO: Schema = record(case=TEXT, lying=word_of(Lying), pictures=listed(_PICTURE))
_DPRIME = {"type": "number", "minimum": 0, "description": "detectability d'"}
_IN_A_VIEW = record(
    view=TEXT,
    contrast_to_noise=NUMBER,
    bone_line_integral=NUMBER,
    told_apart_share=SHARE,
    live_dprime=_DPRIME,
    subtracted_dprime=_DPRIME,
    seen_ml=optional(NUMBER),
    subtracted_seen_ml=optional(NUMBER),
)
VISIBILITY: Schema = record(
    cement=TEXT,
    views=listed(TEXT, at_least=2),
    not_taken=listed(record(view=TEXT, why=TEXT)),
    reference_leak_ml=NUMBER,
    threshold_dprime=_DPRIME,
    observer={"enum": ["eye", "prewhitening"]},
    recommended_pair=record(
        views=listed(TEXT, at_least=2),
        worst_place=TEXT,
        worst_dprime=_DPRIME,
        unseen=listed(TEXT),
    ),
    at_risk=listed(TEXT, at_least=1),
    places=listed(
        record(
            place=TEXT,
            site=TEXT,
            side=optional(SIDE),
            level=optional(LEVEL),
            best_view=optional(TEXT),
            views=listed(_IN_A_VIEW, at_least=2),
        ),
        at_least=1,
    ),
)
