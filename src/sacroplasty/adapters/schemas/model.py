"""`anatomy/model.json`."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    FINDING,
    GRID,
    LEVEL,
    NUMBER,
    POINT,
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
MODEL = record(
    verdict=VERDICT,
    engine=TEXT,
    labels=mapping(COUNT),
    foramina=listed(FORAMEN),
    canal_lps_mm=listed(POINT),
    frame=record(
        to=TEXT,
        source=TEXT,
        rotation=listed(numbers(3, "row"), at_least=3),
        translation_mm=POINT,
    ),
    working_grid=GRID,
    absent=mapping(TEXT),
    findings=listed(FINDING),
)
