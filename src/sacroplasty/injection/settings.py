"""How the operator injects (version 1: constant rate, one needle after the other)."""

from dataclasses import dataclass

from sacroplasty.errors import BadUsage


@dataclass(frozen=True, slots=True)
class InjectionSettings:
    """rate_ml_per_s: flow at the needle. grid_mm: voxel size of the flow grid."""

    rate_ml_per_s: float = 0.05
    grid_mm: float = 1.0
    pause_between_needles_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0.001 <= self.rate_ml_per_s <= 1.0:
            raise BadUsage(
                f"An injection rate of {self.rate_ml_per_s} mL/s is outside 0.001–1 mL/s."
            )
        if not 0.3 <= self.grid_mm <= 3.0:
            raise BadUsage(f"A flow grid of {self.grid_mm} mm is outside 0.3–3 mm.")
