"""Cuts through a volume: where a picture lies in the patient, and what its edges are called.

Radiological convention, as everywhere here: an axial picture is seen from the feet, a coronal one
from the front, so the patient's left is on the viewer's right; a sagittal one is seen from the
patient's left, so anterior is on the viewer's left. The letters at the edges are computed from the
picture's own axes, never assumed.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Points, Volume, require_same_frame

Scalar = TypeVar("Scalar", bound=np.generic)

_AXES_TOLERANCE = 1e-6
# A second letter appears once the axis leans more than about 22° (sin 22.5°).
_SECOND_LETTER = 0.383
_LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))


@dataclass(frozen=True, eq=False, slots=True)
class ViewPlane:
    """A rectangular picture in the patient.

    centre: single point, the middle of the picture. right, down: unit vectors (3,) in LPS along
    increasing column and row, as it is looked at. shape: (rows, columns). pixel_mm: pixel edge.
    """

    centre: Points
    right: NDArray[np.float64]
    down: NDArray[np.float64]
    shape: tuple[int, int]
    pixel_mm: float

    def __post_init__(self) -> None:
        for name in ("right", "down"):
            vector = np.array(getattr(self, name), dtype=np.float64).reshape(3)
            vector.flags.writeable = False
            object.__setattr__(self, name, vector)
        axes = np.stack([self.right, self.down])
        if not np.allclose(axes @ axes.T, np.eye(2), atol=_AXES_TOLERANCE):
            raise BadInput("The axes of a picture must be unit vectors at right angles.")
        if min(self.shape) < 1 or not self.pixel_mm > 0:
            raise BadInput(f"A picture of {self.shape} pixels of {self.pixel_mm} mm has no area.")
        if len(self.centre) != 1:
            raise BadInput(f"A picture has one centre, not {len(self.centre)}.")

    @classmethod
    def spanning(
        cls,
        centre: Points,
        right: ArrayLike,
        down: ArrayLike,
        size_mm: tuple[float, float],
        pixel_mm: float,
    ) -> "ViewPlane":
        """A picture of `size_mm` (height, width); `right` and `down` are made unit vectors."""
        axes = [np.asarray(v, dtype=np.float64) / np.linalg.norm(v) for v in (right, down)]
        rows, columns = (max(1, round(edge / pixel_mm)) for edge in size_mm)
        return cls(centre, axes[0], axes[1], (rows, columns), pixel_mm)

    @property
    def frame(self) -> Frame:
        """The frame that the picture lies in."""
        return self.centre.frame

    @property
    def away(self) -> NDArray[np.float64]:
        """Unit vector (3,) LPS away from the viewer, into the picture."""
        return np.cross(self.right, self.down)

    @property
    def points(self) -> Points:
        """Pixel centres, row by row, shape (rows × columns, 3)."""
        rows, columns = self.shape
        across = (np.arange(columns) - (columns - 1) / 2) * self.pixel_mm
        along = (np.arange(rows) - (rows - 1) / 2) * self.pixel_mm
        xyz = (
            self.centre.single
            + along[:, None, None] * self.down
            + across[None, :, None] * self.right
        )
        return Points(xyz.reshape(-1, 3), self.frame)

    def row_column(self, points: Points) -> NDArray[np.float64]:
        """Fractional (row, column) of the points' projection on the picture, shape (n, 2)."""
        require_same_frame(self, points)
        offset = (points.xyz - self.centre.single) @ np.stack([self.down, self.right]).T
        return np.asarray(offset / self.pixel_mm + (np.asarray(self.shape) - 1) / 2)

    def behind_mm(self, points: Points) -> NDArray[np.float64]:
        """How far each point lies behind the picture (negative: before it), shape (n,)."""
        require_same_frame(self, points)
        return np.asarray((points.xyz - self.centre.single) @ self.away)


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """What to write on the four edges: R/L, A/P, H/F, two letters where the picture is oblique."""

    left: str
    right: str
    top: str
    bottom: str


def axial_plane(centre: Points, size_mm: tuple[float, float], pixel_mm: float) -> ViewPlane:
    """Seen from the feet: patient's left on the viewer's right, anterior on top."""
    return ViewPlane.spanning(centre, (1, 0, 0), (0, 1, 0), size_mm, pixel_mm)


def sagittal_plane(centre: Points, size_mm: tuple[float, float], pixel_mm: float) -> ViewPlane:
    """Seen from the patient's left: anterior on the viewer's left, head on top."""
    return ViewPlane.spanning(centre, (0, 1, 0), (0, 0, -1), size_mm, pixel_mm)


def coronal_plane(centre: Points, size_mm: tuple[float, float], pixel_mm: float) -> ViewPlane:
    """Seen from the front: patient's left on the viewer's right, head on top."""
    return ViewPlane.spanning(centre, (1, 0, 0), (0, 0, -1), size_mm, pixel_mm)


def reslice(
    volume: Volume[Scalar], plane: ViewPlane, *, order: int = 1, outside: float = 0.0
) -> NDArray[np.float64]:
    """Values of `volume` at the pixel centres of `plane`, shape (rows, columns), unit of `volume`.

    `order` 0 takes the nearest voxel (labels), 1 interpolates (intensities). Pixels that lie
    outside the volume read `outside`. Raises `FrameMismatch` for a plane of another frame.
    """
    return volume.at(plane.points, order=order, outside=outside).reshape(plane.shape)


def edge_letters(plane: ViewPlane) -> EdgeLetters:
    """The letters for the edges of `plane`, from its axes."""
    return EdgeLetters(
        left=direction_letters(-plane.right),
        right=direction_letters(plane.right),
        top=direction_letters(-plane.down),
        bottom=direction_letters(plane.down),
    )


def direction_letters(direction: NDArray[np.float64]) -> str:
    """One or two letters for a unit vector (3,) in LPS, the larger share first: "L", "PL", "HA"."""
    by_share = np.argsort(-np.abs(direction), kind="stable")[:2]
    letters = [_LETTERS[axis][0 if direction[axis] > 0 else 1] for axis in by_share]
    second_counts = abs(direction[by_share[1]]) > _SECOND_LETTER
    return letters[0] + (letters[1] if second_counts else "")
