"""The numbers of one needle as NUM items: needle, clearances, chances with their intervals."""

from pydicom.dataset import Dataset

from sacroplasty.adapters.plan_export.content_items import number_item
from sacroplasty.adapters.plan_export.plan_codes import (
    ANY_BREACH,
    CEMENT_VOLUME,
    GAUGE_UNIT,
    LOWER_BOUND,
    MILLILITRE,
    MILLIMETRE,
    NO_UNIT,
    OFF_TARGET,
    UPPER_BOUND,
    Code,
    breach_code,
    clearance_code,
)
from sacroplasty.planning import PlannedNeedle

_NEEDLE_GAUGE: Code = ("111465", "DCM", "Needle Gauge")
_NEEDLE_LENGTH: Code = ("111467", "DCM", "Needle Length")
_PATH_LENGTH: Code = ("121211", "DCM", "Path length")


def measurement_items(planned: PlannedNeedle) -> list[Dataset]:
    """Gauge, lengths, cement, clearances (mm, negative is a breach) and chances (0…1).

    Needle length is the length sold, left out where none is long enough; path length runs from
    entry to target.
    """
    needle, risk = planned.needle, planned.risk
    items = [
        number_item(_NEEDLE_GAUGE, needle.gauge.gauge, GAUGE_UNIT),
        number_item(_PATH_LENGTH, needle.length_mm, MILLIMETRE),
        number_item(CEMENT_VOLUME, planned.cement_ml, MILLILITRE),
    ]
    if planned.guidance.needle_length_mm is not None:
        sold = number_item(_NEEDLE_LENGTH, planned.guidance.needle_length_mm, MILLIMETRE)
        items.insert(1, sold)
    items += [
        number_item(clearance_code(structure), clearance, MILLIMETRE)
        for structure, clearance in planned.clearance_mm.items()
    ]
    chances = [(breach_code(structure), chance) for structure, chance in risk.breach.items()]
    for code, chance in [*chances, (ANY_BREACH, risk.any_breach), (OFF_TARGET, risk.off_target)]:
        interval = [
            number_item(LOWER_BOUND, chance.low, NO_UNIT, relation="HAS PROPERTIES"),
            number_item(UPPER_BOUND, chance.high, NO_UNIT, relation="HAS PROPERTIES"),
        ]
        items.append(number_item(code, chance.share, NO_UNIT, interval))
    return items
