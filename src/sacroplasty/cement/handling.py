"""The clock of a cement, as on its leaflet."""

from dataclasses import dataclass

from sacroplasty.errors import BadInput


@dataclass(frozen=True, slots=True)
class HandlingTimes:
    """Times from the start of mixing, at the cement's reference temperature.

    doughing_s: it no longer sticks and may be injected. working_s: end of injection. setting_s: it
    is hard, and no cement of this age goes through a needle.
    """

    doughing_s: float
    working_s: float
    setting_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.doughing_s < self.working_s <= self.setting_s:
            raise BadInput(
                f"A cement is first dough, then worked, then set; got {self.doughing_s}, "
                f"{self.working_s} and {self.setting_s} s."
            )
