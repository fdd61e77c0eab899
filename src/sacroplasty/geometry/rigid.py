"""Rigid transforms, named by direction: `scanner_from_sacrum` takes sacrum points to the scanner."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry.frame import Frame, require_same_frame
from sacroplasty.geometry.points import Points

_ORTHONORMAL_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class TransformEnd:
    """One end of a transform, so that the frame gate can look at it."""

    frame: Frame


@dataclass(frozen=True, eq=False, slots=True)
class Rigid:
    """A rotation (3, 3) and a translation (3,) in mm: ``y = rotation @ x + translation``.

    Read and name it by direction: ``scanner_from_sacrum = Rigid(R, t, to=scanner, source=sacrum)``
    and ``carm_from_scanner = carm_from_sacrum @ sacrum_from_scanner``. A reflection is refused:
    it would turn the patient's left into the right.
    """

    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]
    to: Frame
    source: Frame

    def __post_init__(self) -> None:
        rotation = np.array(self.rotation, dtype=np.float64).reshape(3, 3)
        translation = np.array(self.translation, dtype=np.float64).reshape(3)
        if not (np.isfinite(rotation).all() and np.isfinite(translation).all()):
            raise BadInput("A rigid transform has an entry that is not a finite number.")
        if not np.allclose(rotation @ rotation.T, np.eye(3), atol=_ORTHONORMAL_TOLERANCE):
            raise BadInput(
                "A rigid transform must not scale or shear: its rotation is not orthonormal."
            )
        if np.linalg.det(rotation) < 0:
            raise BadInput("A rigid transform must not mirror: its rotation swaps left and right.")
        rotation.flags.writeable = False
        translation.flags.writeable = False
        object.__setattr__(self, "rotation", rotation)
        object.__setattr__(self, "translation", translation)

    def __call__(self, points: Points) -> Points:
        """`points` (in `source`) expressed in `to`."""
        require_same_frame(points, TransformEnd(self.source))
        return Points(points.xyz @ self.rotation.T + self.translation, self.to)

    def turn(self, directions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Free vectors (..., 3) of `source` expressed in `to`: rotated, not shifted."""
        return np.asarray(directions, dtype=np.float64) @ self.rotation.T

    def __matmul__(self, first: "Rigid") -> "Rigid":
        """`self` after `first`: ``c_from_a = c_from_b @ b_from_a``."""
        require_same_frame(TransformEnd(self.source), TransformEnd(first.to))
        return Rigid(
            self.rotation @ first.rotation,
            self.rotation @ first.translation + self.translation,
            to=self.to,
            source=first.source,
        )

    @property
    def inverse(self) -> "Rigid":
        """The transform the other way round."""
        back = self.rotation.T
        return Rigid(back, -back @ self.translation, to=self.source, source=self.to)
