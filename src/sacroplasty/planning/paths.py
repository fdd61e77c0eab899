"""Straight paths under consideration, in the sacral frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Paths:
    """n straight paths: tips (n, 3) mm and unit directions of travel (n, 3), sacral frame."""

    tips: NDArray[np.float64]
    directions: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.tips)

    def take(self, rows: NDArray[np.int64]) -> "Paths":
        """The chosen rows."""
        return Paths(self.tips[rows], self.directions[rows])

    def joined(self, other: "Paths") -> "Paths":
        """These paths, then the others."""
        return Paths(
            np.concatenate([self.tips, other.tips]),
            np.concatenate([self.directions, other.directions]),
        )


def directions_of(
    lateral_rad: NDArray[np.float64], cranial_rad: NDArray[np.float64], sign: int
) -> NDArray[np.float64]:
    """Unit directions (n, 3) that go ventral, opened `lateral` and tilted `cranial` on the way in.

    sign: +1 for the left side, −1 for the right (`Side.sign`).
    """
    return np.stack(
        [
            sign * np.sin(lateral_rad) * np.cos(cranial_rad),
            -np.cos(lateral_rad) * np.cos(cranial_rad),
            np.sin(cranial_rad),
        ],
        axis=1,
    )


def angles_of(
    directions: NDArray[np.float64], sign: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lateral and cranial angle in rad of directions (n, 3): the inverse of `directions_of`."""
    lateral = np.arctan2(sign * directions[:, 0], -directions[:, 1])
    cranial = np.arcsin(np.clip(directions[:, 2], -1.0, 1.0))
    return lateral, cranial
