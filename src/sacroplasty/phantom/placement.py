"""How the patient lies in the scanner."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# How far off the isocentre a patient is laid, about.
_OFF_CENTRE_MM = (3.0, 3.0, 2.0)


@dataclass(frozen=True, eq=False, slots=True)
class Placement:
    """``scanner = rotation @ template + centre``; arrays (3, 3) and (3,) in mm."""

    rotation: NDArray[np.float64]
    centre: NDArray[np.float64]

    def to_scanner(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Template points (n, 3) in scanner axes."""
        return xyz @ self.rotation.T + self.centre


def lay_on_table(rotation_deg: float, rng: np.random.Generator) -> Placement:
    """The patient turned about the long axis (positive: left side down) and a little off centre."""
    angle = math.radians(rotation_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    rotation = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return Placement(rotation, rng.uniform(-1.0, 1.0, 3) * np.asarray(_OFF_CENTRE_MM))
