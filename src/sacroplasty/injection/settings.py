"""How the operator injects (version 1: constant rate, one needle after the other)."""

from dataclasses import dataclass, field

from sacroplasty.errors import BadUsage
from sacroplasty.reference import constant


@dataclass(frozen=True, slots=True)
class InjectionSettings:
    """rate_ml_per_s: flow at the needle. grid_mm: voxel size of the flow grid.

    max_syringe_pressure_mpa: a needle stops when the syringe would need more; the default is a
    hand's limit, a screw device reaches 10–20 MPa.
    """

    rate_ml_per_s: float = 0.05
    grid_mm: float = 1.0
    pause_between_needles_s: float = 0.0
    max_syringe_pressure_mpa: float = field(
        default_factory=lambda: constant("hand_syringe_pressure").value
    )

    def __post_init__(self) -> None:
        if not 0.001 <= self.rate_ml_per_s <= 1.0:
            raise BadUsage(
                f"An injection rate of {self.rate_ml_per_s} mL/s is outside 0.001–1 mL/s."
            )
        if not 0.3 <= self.grid_mm <= 3.0:
            raise BadUsage(f"A flow grid of {self.grid_mm} mm is outside 0.3–3 mm.")
        if not 0 <= self.pause_between_needles_s <= 3600:
            raise BadUsage(f"A pause of {self.pause_between_needles_s} s is outside 0–3600 s.")
        if not 0 < self.max_syringe_pressure_mpa <= 50:
            raise BadUsage(
                f"A syringe pressure limit of {self.max_syringe_pressure_mpa} MPa is outside "
                "0–50 MPa."
            )
