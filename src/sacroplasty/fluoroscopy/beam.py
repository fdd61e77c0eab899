"""What the operator sets on the generator."""

from dataclasses import dataclass, replace

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.materials import aluminium, copper
from sacroplasty.fluoroscopy.spectrum import Spectrum
from sacroplasty.fluoroscopy.tube import tube_output
from sacroplasty.reference import constant_default

_METRE_MM = 1000.0
_MOST_FILTER_MM = 50.0
_MOST_MAS = 200.0


@dataclass(frozen=True, slots=True)
class Beam:
    """Tube voltage, filters and the charge (mAs) of one frame.

    aluminium_mm counts all that is equivalent to aluminium, the tube's window and oil included.
    """

    tube_kv: float = constant_default("beam_tube_voltage")
    aluminium_mm: float = constant_default("beam_aluminium")
    copper_mm: float = constant_default("beam_copper")
    mas: float = constant_default("beam_charge_per_frame")

    def __post_init__(self) -> None:
        for name in ("aluminium_mm", "copper_mm"):
            if not 0 <= getattr(self, name) <= _MOST_FILTER_MM:
                raise BadInput(
                    f"A filter of {getattr(self, name)} mm ({name}) is outside "
                    f"0–{_MOST_FILTER_MM:g} mm."
                )
        if not 0 < self.mas <= _MOST_MAS:
            raise BadInput(f"{self.mas} mAs for one frame is outside 0–{_MOST_MAS:g} mAs.")
        tube_output(self.tube_kv)

    def with_exposure(self, *, tube_kv: float, mas: float) -> "Beam":
        """The same filters at another voltage and charge."""
        return replace(self, tube_kv=tube_kv, mas=mas)

    def at(self, distance_mm: float) -> Spectrum:
        """Photons per mm² at a distance from the focal spot with nothing in between."""
        filtered = (
            tube_output(self.tube_kv)
            .through(aluminium(), self.aluminium_mm)
            .through(copper(), self.copper_mm)
        )
        return filtered.scaled(self.mas * (_METRE_MM / distance_mm) ** 2)

    def at_detector(self, pose: CArmPose) -> Spectrum:
        """Photons per mm² of an open detector.

        The few percent by which its edges get less (distance and slant) are taken as calibrated
        away, as every flat panel does.
        """
        return self.at(float(pose.source.distance_mm(pose.detector_centre)[0]))
