"""What the detector and the geometry of the room do to a picture."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.materials import caesium_iodide
from sacroplasty.reference import constant_default


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """A flat panel that integrates energy in a caesium iodide scintillator.

    scintillator_mm: its thickness. electronic_quanta: SD of the electronics' noise in one pixel,
    in absorbed photons of 60 keV. scatter_to_primary: mean scattered over mean primary signal,
    behind the grid. scatter_mm, glare_mm: SD of the Gaussians by which scatter and glare spread,
    on the detector. glare_share: part of the signal that glare moves elsewhere. focal_spot_mm:
    edge of the square focal spot. light_mm: SD of the spread of light in the scintillator.
    """

    scintillator_mm: float = constant_default("detector_scintillator")
    electronic_quanta: float = constant_default("detector_electronic_quanta")
    scatter_to_primary: float = constant_default("scatter_to_primary")
    scatter_mm: float = constant_default("scatter_spread")
    glare_share: float = constant_default("detector_glare_share")
    glare_mm: float = constant_default("detector_glare_spread")
    focal_spot_mm: float = constant_default("focal_spot")
    light_mm: float = constant_default("detector_light_spread")

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if not 0 <= value < np.inf:
                raise BadInput(f"Detector: {setting.name} is {value}; give a number from 0 on.")
        if not self.glare_share < 1:
            raise BadInput(f"Detector: glare_share {self.glare_share} must be below 1.")
        if not self.scintillator_mm > 0:
            raise BadInput("Detector: a scintillator of no thickness sees nothing.")

    def absorbed_share(self, energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
        """η(E) = 1 − exp(−μ_CsI t): photons that the scintillator stops.

        The escape of caesium's and iodine's own K radiation is left out; it would cost a few
        percent of signal above 36 keV.
        """
        stopped = caesium_iodide().attenuation_per_mm(energy_kev) * self.scintillator_mm
        return np.asarray(-np.expm1(-stopped))


def ideal_detector() -> DetectorSettings:
    """The default scintillator without blur, scatter, glare or electronic noise: for closed forms."""
    return DetectorSettings(
        electronic_quanta=0.0,
        scatter_to_primary=0.0,
        glare_share=0.0,
        focal_spot_mm=0.0,
        light_mm=0.0,
    )
