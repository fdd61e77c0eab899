"""A cement on the table: mixed at a time, in a room, and ageing since."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sacroplasty.cement.recipe import CementRecipe
from sacroplasty.cement.rheology import Rheology
from sacroplasty.errors import BadInput
from sacroplasty.reference import constant, constant_default


@dataclass(frozen=True, slots=True)
class PreparedCement:
    """A recipe mixed in a room of this temperature, `waited_s` before the first drop at the tip.

    `waited_s` counts from the start of mixing. Cement that would be set by then is refused.
    """

    recipe: CementRecipe
    waited_s: float
    room_temperature_c: float = constant_default("cement_room")

    def __post_init__(self) -> None:
        coldest, warmest = constant("cement_room").low, constant("cement_room").high
        if not coldest <= self.room_temperature_c <= warmest:
            raise BadInput(
                f"A room of {self.room_temperature_c:g} °C is outside {coldest:g}–{warmest:g} °C; "
                "give the room temperature in degrees Celsius."
            )
        if not 0 <= self.waited_s < math.inf:
            raise BadInput(
                f"Cement cannot be injected {self.waited_s:g} s after mixing began; "
                "give the seconds from the start of mixing to the first drop."
            )
        if not self.set_in_s > 0:
            raise BadInput(
                f"Cement {self.recipe.name!r} mixed {self.waited_s:g} s ago at "
                f"{self.room_temperature_c:g} °C has set: it does so within "
                f"{self._clock_s(self.recipe.handling.setting_s):.0f} s; mix a new one or wait less."
            )

    def age_in_syringe(self, time_s: ArrayLike) -> NDArray[np.float64]:
        """Chemical age, in s at the reference temperature, `time_s` after injection began.

        That of cement that is still in the syringe or just leaves the tip; in the body it ages
        faster. Shape of `time_s`. Raises `BadInput` for a time before the injection.
        """
        time = np.asarray(time_s, dtype=np.float64)
        if not (time >= 0).all():
            raise BadInput(f"The injection begins at 0 s; got {np.min(time):g} s.")
        return (self.waited_s + time) * self._rate

    @property
    def worked_in_s(self) -> float:
        """Seconds from the first drop to the end of the working time in this room; 0 if over."""
        return max(0.0, self._clock_s(self.recipe.handling.working_s) - self.waited_s)

    @property
    def set_in_s(self) -> float:
        """Seconds from the first drop until the cement in the syringe is set; 0 if it is."""
        return max(0.0, self._clock_s(self.recipe.handling.setting_s) - self.waited_s)

    def _clock_s(self, age_s: float) -> float:
        return age_s / self._rate

    @property
    def _rate(self) -> float:
        return _ageing_rate(self.recipe.rheology, self.room_temperature_c)


@lru_cache(maxsize=64)
def _ageing_rate(rheology: Rheology, temperature_c: float) -> float:
    """Asked for at every step of an injection, and always the same."""
    return float(rheology.ageing_rate(temperature_c))
