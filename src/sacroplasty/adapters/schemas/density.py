"""`anatomy/density.json`."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    FINDING,
    NUMBER,
    SIDE,
    TEXT,
    listed,
    mapping,
    numbers,
    optional,
    record,
    word_of,
)
from sacroplasty.anatomy import CalibrationMethod

REGION = record(
    zone=optional({"enum": [1, 2, 3], "description": "Denis zone; null is all of them"}),
    side=optional(SIDE),
    segment=optional({"enum": ["S1", "S2", "S3", "S4", "S5", "L5"]}),
    voxels=COUNT,
    volume_ml=NUMBER,
    mean_hu=NUMBER,
    sd_hu=NUMBER,
    median_hu=NUMBER,
    density_mg_cm3=NUMBER,
    uncertainty_mg_cm3=NUMBER,
)
DENSITY = record(
    regions=listed(REGION),
    l5=optional(REGION),
    void_fraction=mapping(NUMBER),
    calibration=record(
        method=word_of(CalibrationMethod),
        slope_mg_cm3_per_hu=NUMBER,
        intercept_mg_cm3=NUMBER,
        covariance=listed(numbers(2, "row"), at_least=2),
        residual_mg_cm3=NUMBER,
        says=TEXT,
    ),
    findings=listed(FINDING),
    absent=mapping(TEXT),
)
