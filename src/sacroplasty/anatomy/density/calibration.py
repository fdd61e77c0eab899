"""From Hounsfield units to K2HPO4-equivalent density: the line, its uncertainty, where it is from."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.reference import constant


class CalibrationMethod(StrEnum):
    """Where a calibration comes from."""

    RODS = "phantom rods"
    TISSUES = "tissues of the patient"
    LITERATURE = "literature line, not calibrated"


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """density = slope · HU + intercept, in mg/cm³ K2HPO4 equivalent.

    covariance: (2, 2) of (slope, intercept); residual_mg_cm3: SD of the standards about the line.
    says: one sentence on what it was made of.
    """

    method: CalibrationMethod
    slope: float
    intercept: float
    covariance: NDArray[np.float64]
    residual_mg_cm3: float
    says: str

    def __post_init__(self) -> None:
        covariance = np.array(self.covariance, dtype=np.float64).reshape(2, 2)
        covariance.flags.writeable = False
        object.__setattr__(self, "covariance", covariance)
        numbers = [self.slope, self.intercept, self.residual_mg_cm3, *covariance.ravel()]
        if not np.isfinite(numbers).all() or self.slope <= 0:
            raise BadInput(
                f"A density calibration with slope {self.slope} mg/cm³ per HU: it must rise with "
                "HU; check that each standard has its own density."
            )

    def density_mg_cm3(self, hu: float) -> float:
        """Density of a mean HU."""
        return self.slope * hu + self.intercept

    def uncertainty_mg_cm3(self, hu: float) -> float:
        """One SD of that density: of the line at this HU, and of the standards about the line."""
        at = np.array([hu, 1.0])
        return float(np.sqrt(at @ self.covariance @ at + self.residual_mg_cm3**2))


def literature_calibration() -> Calibration:
    """The default line of `reference` (PHYSICS A4: derived from three published pairs).

    Its uncertainty takes half of each row's plausible range as one SD: wide, and of this project's
    judgement, because the pairs came without a scatter.
    """
    slope, intercept = constant("bmd_per_hu"), constant("bmd_at_zero_hu")
    spread = [0.5 * (row.high - row.low) for row in (slope, intercept)]
    return Calibration(
        CalibrationMethod.LITERATURE,
        slope.value,
        intercept.value,
        np.diag(np.square(spread)),
        0.0,
        f"Not calibrated: density = {slope.value:g} · HU + {intercept.value:g} mg/cm³ from the "
        "literature, whatever the scanner, tube voltage and kernel.",
    )


def fitted_line(
    hu: Sequence[float], density: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Least squares of density on HU: (slope, intercept), their covariance, residual SD.

    With two standards there is no residual to estimate and the covariance is zero: the caller
    says so. Raises `BadInput` for fewer than two different HU.
    """
    x, y = np.asarray(hu, dtype=float), np.asarray(density, dtype=float)
    if len(x) < 2 or np.ptp(x) < 1.0:
        raise BadInput(
            f"A calibration needs at least two standards that read differently; got {len(x)} "
            f"over {np.ptp(x) if len(x) else 0:.1f} HU."
        )
    design = np.column_stack([x, np.ones_like(x)])
    line, *_ = np.linalg.lstsq(design, y, rcond=None)
    freedom = len(x) - 2
    left = y - design @ line
    variance = float(left @ left) / freedom if freedom else 0.0
    return line, np.linalg.inv(design.T @ design) * variance, float(np.sqrt(variance))
