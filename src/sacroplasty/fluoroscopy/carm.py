"""The machine: how far its source stands from isocentre and detector, and what the detector is."""

from dataclasses import dataclass

from sacroplasty.errors import BadInput
from sacroplasty.reference import constant_default

# Beyond these it is no C-arm but a slip of units.
_LONGEST_MM = 3000.0
_MOST_PIXELS = 4096
_COARSEST_MM = 20.0


@dataclass(frozen=True, slots=True)
class CArm:
    """Distances in mm, detector (rows, columns) and its pixel edge.

    source_detector_mm (SDD; DICOM's DistanceSourceToDetector): along the central ray.
    source_isocentre_mm (DICOM's DistanceSourceToPatient): to the point that the arm turns about.
    """

    source_detector_mm: float = constant_default("carm_source_detector")
    source_isocentre_mm: float = constant_default("carm_source_isocentre")
    shape: tuple[int, int] = (512, 512)
    pixel_mm: float = constant_default("carm_pixel")

    def __post_init__(self) -> None:
        if not 0 < self.source_isocentre_mm < self.source_detector_mm:
            raise BadInput(
                f"The detector ({self.source_detector_mm:g} mm from the source) must stand behind "
                f"the isocentre ({self.source_isocentre_mm:g} mm); exchange or correct the two."
            )
        if not self.source_detector_mm <= _LONGEST_MM:
            raise BadInput(
                f"A detector {self.source_detector_mm:g} mm from the source is beyond "
                f"{_LONGEST_MM:g} mm; distances are in millimetres."
            )
        if not 1 <= min(self.shape) <= max(self.shape) <= _MOST_PIXELS:
            raise BadInput(
                f"A detector of {self.shape[0]} × {self.shape[1]} pixels is not within 1 and "
                f"{_MOST_PIXELS} a side; choose a smaller one."
            )
        if not 0 < self.pixel_mm <= _COARSEST_MM:
            raise BadInput(
                f"A detector pixel of {self.pixel_mm:g} mm is not in 0–{_COARSEST_MM:g} mm."
            )

    @property
    def magnification(self) -> float:
        """Of a thing at the isocentre."""
        return self.source_detector_mm / self.source_isocentre_mm
