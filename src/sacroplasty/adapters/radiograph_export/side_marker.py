"""The lead letter: which edge of the picture is the patient's own left."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.fluoroscopy import CArmPose, beam_direction

# Below this share of left in the picture's rows (30°), the view is a lateral.
_FRONTAL = 0.5


@dataclass(frozen=True, slots=True)
class SideMarker:
    """Letters "L" and "R" at the picture's edges; of a lateral, the side at the detector instead."""

    left_edge: str
    right_edge: str
    detector_side: str

    @property
    def says(self) -> str:
        """One line for the picture's caption."""
        if self.detector_side:
            return f"patient's {self.detector_side} at the detector"
        return f"patient's {self.right_edge} on the picture's right"


def side_marker(pose: CArmPose, sacrum: SacrumModel) -> SideMarker:
    """The marker of a pose, by the left–right axis of the patient's own sacrum."""
    left = sacrum.scanner_from_sacrum.turn(np.array([1.0, 0.0, 0.0]))
    along = float(pose.right @ left)
    if abs(along) >= _FRONTAL:
        return SideMarker("R", "L", "") if along > 0 else SideMarker("L", "R", "")
    return SideMarker("", "", "L" if float(beam_direction(pose) @ left) > 0 else "R")
