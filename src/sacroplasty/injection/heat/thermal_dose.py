"""Thermal dose and damage integral: how time and temperature add up in tissue.

CEM43 (Sapareto and Dewey): minutes at 43 °C that do as much, ∫ R^(43 − T) dt with R = 0.5 above
43 °C and 0.25 below. Damage: Ω = ∫ A exp(−B/T) dt with T in kelvin; at Ω = 1 the tissue is dead.
Both are computed with the mean temperature of a time step, second order in time.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.reference import constant


def dose_laws(necrosis_c: float) -> NDArray[np.float64]:
    """The numbers of both laws as `kernels.remember` wants them, and the limit of the time above."""
    return np.array(
        [
            constant("cem43_reference").value,
            math.log2(constant("cem43_factor_above").value),
            math.log2(constant("cem43_factor_below").value),
            constant("cem43_floor").value,
            math.log(10.0) * constant("damage_log10_rate").value,
            constant("damage_activation").value,
            necrosis_c,
        ]
    )
