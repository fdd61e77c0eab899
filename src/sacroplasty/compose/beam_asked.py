"""The beam as a person asks for it, made into a technique."""

import math
from dataclasses import dataclass, replace

from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy import Technique


@dataclass(frozen=True, slots=True)
class BeamAsked:
    """tube_kv: held, whatever the patient's thickness; None: automatic. detector_dose_ngy: air kerma
    at the detector of a frame, None as usual. seed: of the noise. subtract: less the mask.
    """

    tube_kv: float | None = None
    detector_dose_ngy: float | None = None
    seed: int = 0
    subtract: bool = False

    def __post_init__(self) -> None:
        dose = self.detector_dose_ngy
        if dose is not None and not (math.isfinite(dose) and dose > 0):
            raise BadUsage(
                f"--dose-ngy {dose:g} is no dose; give nGy a frame above 0, 30 is usual."
            )
        if self.seed < 0:
            raise BadUsage(f"--seed {self.seed}: give a whole number from 0 on.")
        self.technique()

    def technique(self) -> Technique:
        """Beam, detector and brightness control; raises `BadInput` for a voltage no tube has."""
        usual = Technique.usual()
        beam, control = usual.beam, usual.control
        if self.tube_kv is not None:
            beam = replace(beam, tube_kv=self.tube_kv)
            control = replace(control, most_kv=self.tube_kv)
        if self.detector_dose_ngy is not None:
            control = replace(control, detector_dose_ngy=self.detector_dose_ngy)
        return Technique(beam, usual.detector, control)
