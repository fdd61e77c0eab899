"""How the operator injects: one needle after the other, by rate or by pressure."""

from dataclasses import dataclass, replace

from sacroplasty.errors import BadUsage
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.bone_laws import BoneLaws
from sacroplasty.injection.driving import Drive
from sacroplasty.injection.flow_accuracy import FINE, QUICK, FlowAccuracy
from sacroplasty.injection.stop_rule import StopRule
from sacroplasty.reference import constant_default

_LEAST_RATE_ML_PER_S = 0.001
_RANGES = {
    "rate_ml_per_s": ("An injection rate of {} mL/s", _LEAST_RATE_ML_PER_S, 1.0),
    "grid_mm": ("A flow grid of {} mm", 0.3, 3.0),
    "pause_between_needles_s": ("A pause of {} s", 0.0, 3600.0),
    "max_syringe_pressure_mpa": ("A syringe pressure limit of {} MPa", 0.01, 50.0),
    "withdraw_mm_per_ml": ("Drawing the needle back by {} mm per mL", 0.0, 20.0),
    "longest_s": ("A longest injection of {} s", 1.0, 7200.0),
}


@dataclass(frozen=True, slots=True)
class InjectionSettings:
    """rate_ml_per_s: flow at the needle. grid_mm: voxel size of the flow grid.

    max_syringe_pressure_mpa: where the syringe would need more, the rate falls; the default is a
    hand's limit, a screw device reaches 10–20 MPa. drive: under `Drive.PRESSURE` the syringe stays
    at that limit and the rate is what it gives. withdraw_mm_per_ml: how far the needle is drawn
    back while it injects. waited_s: from the start of mixing to the first drop; None waits as long
    as the cement usually does (`CementRecipe.usual_wait_at`). longest_s: the injection ends then at
    the latest. stop_rule: what the operator watches for; None injects the plan whatever happens.
    bone: what the CT cannot tell of it, None for the median. laws: from the CT to the medium, None
    for the usual chain. accuracy: of the flow; `QUICK` is for a thousand runs.
    pore_shear_factor and pore_exponent: of `PoreLaw.of`, None for the medians.
    """

    rate_ml_per_s: float = 0.05
    grid_mm: float = 1.0
    pause_between_needles_s: float = 0.0
    max_syringe_pressure_mpa: float = constant_default("hand_syringe_pressure")
    drive: Drive = Drive.RATE
    withdraw_mm_per_ml: float = 0.0
    waited_s: float | None = None
    room_temperature_c: float = constant_default("cement_room")
    longest_s: float = constant_default("longest_injection")
    stop_rule: StopRule | None = None
    bone: BoneDraw | None = None
    laws: BoneLaws | None = None
    accuracy: FlowAccuracy = FINE
    pore_shear_factor: float | None = None
    pore_exponent: float | None = None

    def __post_init__(self) -> None:
        for name, (says, low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadUsage(f"{says.format(value)} is outside {low:g}–{high:g}.")


def quick(settings: InjectionSettings) -> InjectionSettings:
    """The same, followed no closer than a thousand runs want."""
    return replace(settings, accuracy=QUICK)
