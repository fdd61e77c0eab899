"""What the operator holds: a needle with its cannula, fed from a syringe of ageing cement."""

import math
from functools import partial

from sacroplasty.cement import PreparedCement, cannula_drop_mpa
from sacroplasty.errors import BadInput
from sacroplasty.injection.driving import Drive, Feed
from sacroplasty.injection.injection_record import cannula_length_mm
from sacroplasty.injection.needle_tip import NeedleTip
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.planning import Needle, PlannedNeedle
from sacroplasty.reference import constant
from sacroplasty.units import mm3_from_ml


def needle_tip(planned: PlannedNeedle, withdraw_mm_per_ml: float) -> NeedleTip:
    """The needle may be drawn back as far as the bone reaches."""
    depth_mm = max(0.0, planned.needle.length_mm - planned.bone_entry_depth_mm)
    return NeedleTip(planned.needle, withdraw_mm_per_ml, depth_mm)


def feed_of(
    planned: PlannedNeedle, cement: PreparedCement, settings: InjectionSettings, volume_ml: float
) -> Feed:
    """What the operator does at this needle, until the cement in the syringe has set."""
    require_volume(planned, volume_ml)
    rate = settings.rate_ml_per_s
    if settings.drive is Drive.PRESSURE:
        rate = constant("fastest_injection_rate").value
    return Feed(
        rate_mm3_per_s=mm3_from_ml(rate),
        volume_mm3=mm3_from_ml(volume_ml),
        cannula_mpa=partial(_cannula_mpa, cement, planned.needle),
        most_syringe_pressure_mpa=settings.max_syringe_pressure_mpa,
        least_rate_mm3_per_s=least_rate_mm3_per_s(mm3_from_ml(rate)),
        most_time_s=min(settings.longest_s, cement.set_in_s),
    )


def require_volume(planned: PlannedNeedle, volume_ml: float) -> None:
    """A needle injects something."""
    if not 0.0 < volume_ml < math.inf:
        raise BadInput(
            f"Needle {planned.name!r} cannot inject {volume_ml} mL; plan more than 0 mL."
        )


def least_rate_mm3_per_s(rate_mm3_per_s: float) -> float:
    """The rate below which a needle that should flow at `rate_mm3_per_s` counts as stalled."""
    return min(mm3_from_ml(constant("least_injection_rate").value), 0.5 * rate_mm3_per_s)


def syringe_age_s(cement: PreparedCement, time_s: float) -> float:
    """Chemical age of the cement that leaves the tip, by time since the first drop."""
    return float(cement.age_in_syringe(time_s))


def _cannula_mpa(cement: PreparedCement, needle: Needle, rate: float, age_s: float) -> float:
    bore, length = needle.gauge.inner_diameter_mm, cannula_length_mm(needle)
    return cannula_drop_mpa(cement.recipe.rheology, age_s, bore, length, rate)
