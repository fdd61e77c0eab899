"""Points in one frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry.frame import Frame, require_same_frame


@dataclass(frozen=True, eq=False, slots=True)
class Points:
    """`xyz` has shape (n, 3) in mm, patient axes LPS (+x left, +y posterior, +z superior)."""

    xyz: NDArray[np.float64]
    frame: Frame

    def __post_init__(self) -> None:
        xyz = np.array(self.xyz, dtype=np.float64).reshape(-1, 3)
        if not np.isfinite(xyz).all():
            raise BadInput("A point has a coordinate that is not a finite number of millimetres.")
        xyz.flags.writeable = False
        object.__setattr__(self, "xyz", xyz)

    @classmethod
    def at(cls, xyz: ArrayLike, frame: Frame) -> "Points":
        """Points from anything that looks like (3,) or (n, 3) numbers in mm."""
        return cls(np.asarray(xyz, dtype=np.float64), frame)

    def __len__(self) -> int:
        return len(self.xyz)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Points)
            and self.frame == other.frame
            and np.array_equal(self.xyz, other.xyz)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def single(self) -> NDArray[np.float64]:
        """The coordinates (3,) of the only point."""
        if len(self) != 1:
            raise BadInput(f"Expected one point, got {len(self)}.")
        return self.xyz[0]

    def distance_mm(self, other: "Points") -> NDArray[np.float64]:
        """Pairwise distances row by row, shape (n,); one point is compared with all."""
        require_same_frame(self, other)
        return np.asarray(np.linalg.norm(self.xyz - other.xyz, axis=1))
