"""What was put into the patient by the instant of a picture: cement, and the needles as they stand."""

from dataclasses import dataclass

from sacroplasty.cement import CementField
from sacroplasty.planning import Needle


@dataclass(frozen=True, eq=False, slots=True)
class Inserted:
    """cement: None before the first drop. needles: from hub to tip, each where it is now."""

    cement: CementField | None = None
    needles: tuple[Needle, ...] = ()
