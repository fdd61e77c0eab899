"""`anatomy/model.json`."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    FINDING,
    GRID,
    LEVEL,
    NUMBER,
    POINT,
    RIGID,
    SIDE,
    TEXT,
    VERDICT,
    listed,
    mapping,
    numbers,
    record,
)

FORAMEN = record(
    level=LEVEL,
    side=SIDE,
    center_lps_mm=POINT,
    radius_mm=NUMBER,
    ventral_mouth_lps_mm=POINT,
    dorsal_mouth_lps_mm=POINT,
)
SEGMENT_PLANE = record(
    segment={
        "enum": ["S1", "S2", "S3", "S4", "S5"],
        "description": "the plane is its upper border",
    },
    point_lps_mm=POINT,
    normal_lps=numbers(3, "cranial unit vector, patient axes LPS"),
)
CORRIDOR = record(
    level=LEVEL,
    side=SIDE,
    craniocaudal_mm=NUMBER,
    ap_mm=NUMBER,
    circle_diameter_mm=NUMBER,
)
MODEL = record(
    verdict=VERDICT,
    engine=TEXT,
    labels=mapping(COUNT),
    foramina=listed(FORAMEN),
    canal_lps_mm=listed(POINT),
    frame=RIGID,
    working_grid=GRID,
    landmarks_lps_mm=mapping(POINT),
    segment_planes=listed(SEGMENT_PLANE),
    angles_deg=mapping(NUMBER),
    alar_corridors=listed(CORRIDOR),
    volumes_ml=mapping(NUMBER),
    landmarks_absent=mapping(TEXT),
    absent=mapping(TEXT),
    findings=listed(FINDING),
)
