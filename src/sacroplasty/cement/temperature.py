"""Temperatures that cement can have, in kelvin where a law asks for it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sacroplasty.errors import BadInput

GAS_CONSTANT_J_PER_MOL_K = 8.314462618
COLDEST_C, HOTTEST_C = 0.0, 200.0
_ZERO_C_IN_K = 273.15


def kelvin(temperature_c: ArrayLike) -> NDArray[np.float64]:
    """Absolute temperature, same shape; raises `BadInput` outside 0–200 °C or for a NaN."""
    celsius = np.asarray(temperature_c, dtype=np.float64)
    inside = (celsius >= COLDEST_C) & (celsius <= HOTTEST_C)
    if not inside.all():
        worst = celsius[~inside].flat[0]
        raise BadInput(
            f"Cement at {worst:g} °C is outside {COLDEST_C:g}–{HOTTEST_C:g} °C; "
            "check the room or bone temperature (degrees Celsius)."
        )
    return celsius + _ZERO_C_IN_K
