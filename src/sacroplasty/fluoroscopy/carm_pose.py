"""Where source and detector stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Points, require_same_frame


@dataclass(frozen=True, eq=False, slots=True)
class CArmPose:
    """A cone-beam view.

    source, detector_centre: single points in the scanner frame. right, down: unit vectors (3,) in
    LPS along increasing image column and row, as the picture is looked at. shape: (rows, columns).
    pixel_mm: detector pixel edge.
    """

    name: str
    source: Points
    detector_centre: Points
    right: NDArray[np.float64]
    down: NDArray[np.float64]
    shape: tuple[int, int]
    pixel_mm: float

    def __post_init__(self) -> None:
        require_same_frame(self.source, self.detector_centre)
        for name in ("right", "down"):
            vector = np.array(getattr(self, name), dtype=np.float64).reshape(3)
            vector.flags.writeable = False
            object.__setattr__(self, name, vector)
        axes = np.stack([self.right, self.down])
        if not np.allclose(axes @ axes.T, np.eye(2), atol=1e-6):
            raise BadInput(
                f"View {self.name!r}: the detector's axes must be unit vectors at right angles."
            )
        beam = self.detector_centre.single - self.source.single
        if np.linalg.norm(beam) < 1.0:
            raise BadInput(f"View {self.name!r}: source and detector stand in the same place.")
        if abs(np.linalg.det(np.stack([self.right, self.down, beam / np.linalg.norm(beam)]))) < 0.1:
            raise BadInput(f"View {self.name!r}: the beam runs along the detector's plane.")
        if min(self.shape) < 1 or not self.pixel_mm > 0:
            raise BadInput(f"View {self.name!r}: a detector needs pixels of positive size.")

    @property
    def frame(self) -> Frame:
        """The frame that the C-arm stands in."""
        return self.source.frame
