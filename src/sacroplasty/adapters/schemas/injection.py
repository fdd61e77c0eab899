"""What ``inject --json`` prints."""

from sacroplasty.adapters.schemas.case import STAGES
from sacroplasty.adapters.schemas.leaks import LEAKS, SITE
from sacroplasty.adapters.schemas.words import (
    COUNT,
    FINDING,
    GRID,
    NUMBER,
    PLACE,
    POINT,
    SHARE,
    SIDE,
    TEXT,
    VERDICT,
    VERDICTS,
    YES_NO,
    Schema,
    listed,
    mapping,
    optional,
    record,
)

INJECTED_NEEDLE = record(
    name=TEXT,
    side=SIDE,
    planned_ml=NUMBER,
    injected_ml=NUMBER,
    first_s=optional(NUMBER),
    last_s=optional(NUMBER),
    most_syringe_pressure_mpa=optional(NUMBER),
)
_SHARE_AND_INTERVAL: dict[str, Schema] = {"share": SHARE, "low": SHARE, "high": SHARE}
CHANCE = record(**_SHARE_AND_INTERVAL)
SPREAD = record(p05=NUMBER, p50=NUMBER, p95=NUMBER)
HEAT = record(
    frame_of_reference_uid=TEXT,
    grid=GRID,
    necrosis_temperature_c=NUMBER,
    interface_peak_c=optional(NUMBER),
    interface_mean_peak_c=optional(NUMBER),
    start_degree=NUMBER,
    end_degree=NUMBER,
    roots=listed(
        record(
            structure=TEXT,
            **PLACE,
            peak_c=NUMBER,
            cem43_min=NUMBER,
            distance_mm=NUMBER,
            where_lps_mm=POINT,
        )
    ),
    budget_j=mapping(NUMBER),
    findings=listed(FINDING),
)
ODDS = record(
    members=COUNT,
    needles=listed(TEXT, at_least=1),
    planned_ml=listed(NUMBER, at_least=1),
    any_leak=CHANCE,
    foramen_or_canal=CHANCE,
    tip_outside_sacrum=CHANCE,
    by_site=listed(
        record(
            site=SITE,
            **PLACE,
            **_SHARE_AND_INTERVAL,
        )
    ),
    by_volume=listed(record(volume_ml=NUMBER, **_SHARE_AND_INTERVAL)),
    safe_volume=record(
        limit=SHARE, ml=optional(NUMBER), low_ml=optional(NUMBER), high_ml=optional(NUMBER)
    ),
    tornado=listed(
        record(
            number=TEXT,
            low_third=CHANCE,
            high_third=CHANCE,
            difference=record(mean=NUMBER, low=NUMBER, high=NUMBER),
            certain=YES_NO,
        )
    ),
    delivered_ml=SPREAD,
    peak_syringe_mpa=SPREAD,
    recommended_change=TEXT,
    settings=record(
        seed=COUNT,
        factors=listed(TEXT),
        placement=mapping(NUMBER),
        neural_limit=SHARE,
        least_counted_ml=NUMBER,
    ),
    frame_of_reference_uid=TEXT,
    grid=GRID,
    study=TEXT,
)
INJECT = record(
    case=TEXT,
    page=TEXT,
    growth=optional(TEXT),
    verdict=record(**VERDICTS, injection=VERDICT),
    stages=STAGES,
    injection=record(
        cement=TEXT,
        needles=listed(INJECTED_NEEDLE, at_least=1),
        mass_error=NUMBER,
        bone=optional(mapping(optional(NUMBER))),
    ),
    leaks=LEAKS,
    heat=optional(HEAT),
    odds=optional(ODDS),
    findings=listed(FINDING),
    recommended_change=TEXT,
)
