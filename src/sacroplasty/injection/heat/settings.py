"""What the heat of a cure is computed with."""

from dataclasses import dataclass

from sacroplasty.errors import BadUsage
from sacroplasty.reference import constant_default

_RANGES = {
    "body_temperature_c": ("Blood at {} °C", 30.0, 45.0),
    "cement_temperature_c": ("Cement delivered at {} °C", 0.0, 60.0),
    "perfusion_w_per_m3_k": ("A perfusion of {} W/(m³ K)", 0.0, 2.0e4),
    "duration_s": ("A cure followed for {} s", 1.0, 7200.0),
    "longest_step_s": ("A longest time step of {} s", 0.001, 60.0),
    "margin_mm": ("A margin of {} mm around the cement", 5.0, 100.0),
    "necrosis_temperature_c": ("A necrosis temperature of {} °C", 40.0, 100.0),
}


@dataclass(frozen=True, slots=True)
class HeatSettings:
    """body_temperature_c: of blood and of everything that holds no cement.

    cement_temperature_c: when the last drop is in. perfusion_w_per_m3_k: w_b ρ_b c_b of tissue
    without cement. duration_s: of cure, from the end of the injection. longest_step_s: the time
    step is this or what is stable, whichever is less. margin_mm: tissue around the cement that is
    solved for. necrosis_temperature_c: the time above it is recorded.
    """

    body_temperature_c: float = constant_default("body_temperature")
    cement_temperature_c: float = constant_default("heat_cement_delivered")
    perfusion_w_per_m3_k: float = constant_default("heat_perfusion")
    duration_s: float = constant_default("heat_duration")
    longest_step_s: float = constant_default("heat_longest_step")
    margin_mm: float = constant_default("heat_margin")
    necrosis_temperature_c: float = constant_default("necrosis_temperature")

    def __post_init__(self) -> None:
        for name, (says, low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadUsage(f"{says.format(value)} is outside {low:g}–{high:g}; change {name}.")
