"""How closely the flow is followed: for one run that is looked at, or for a thousand that count."""

from dataclasses import dataclass

from sacroplasty.errors import BadUsage

_RANGES = {
    "pressure_rtol": ("A relative residual of the pressure of {}", 1e-14, 1e-4),
    "front_share_per_step": ("A share of the front per step of {}", 1e-3, 0.2),
    "viscosity_rtol": ("A relative change of the viscosity of {}", 1e-9, 0.1),
}


@dataclass(frozen=True, slots=True)
class FlowAccuracy:
    """pressure_rtol: relative residual of the pressure; fluxes are rescaled to the rate, so mass
    does not depend on it. front_share_per_step: a step lasts until this share of the front has
    filled. viscosity_rtol: the viscosity is taken over from the last pressure, and again while that
    changes it, weighted with the power that it dissipates, by more than this share: the error of
    the pressure is about as large.
    """

    pressure_rtol: float = 1e-10
    front_share_per_step: float = 0.02
    viscosity_rtol: float = 5e-3

    def __post_init__(self) -> None:
        for name, (says, low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadUsage(f"{says.format(value)} is outside {low:g}–{high:g}.")


FINE = FlowAccuracy()
# Leaks agree with those of FINE: tests/injection/test_flow_accuracy.py.
QUICK = FlowAccuracy(pressure_rtol=1e-5, front_share_per_step=0.1, viscosity_rtol=2e-2)
