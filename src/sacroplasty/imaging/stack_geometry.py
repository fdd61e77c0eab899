"""Where the slices of one stack lie: order, spacing, tilt, gaps and duplicates, from positions only.

SliceThickness is never used: it is the width of the beam, not the distance between slices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BrokenGeometry
from sacroplasty.imaging.series_sorting import ONE_POSITION_MM, SliceStack
from sacroplasty.imaging.slice_header import SliceHeader

_UNEVEN_STEPS = 0.1
_ROUNDED_MM = 0.1  # scanners write positions to 0.1 mm, both ends of the ladder included
_GAP_STEPS = 1.5
_SIDEWAYS_PIXELS = 0.5  # a voxel centre must stay inside its own voxel
_NOT_UNIT = 1e-3


@dataclass(frozen=True, eq=False, slots=True)
class StackGeometry:
    """A stack in order along its normal.

    places: headers by position, ascending along the normal; more than one header at a place is a
    duplicate. axes: (3, 3), columns are the unit steps of i (along a row), j (down a column) and
    k (normal) in LPS. origins_mm (n, 3): centre of each place's first voxel. along_mm (n,): those
    projected on the normal. drift_mm (2,): sideways shift per mm of travel, along i and j (a
    gantry tilt). step_mm: the usual distance between neighbours.
    """

    places: tuple[tuple[SliceHeader, ...], ...]
    axes: NDArray[np.float64]
    origins_mm: NDArray[np.float64]
    along_mm: NDArray[np.float64]
    drift_mm: NDArray[np.float64]
    step_mm: float

    @property
    def tilt_deg(self) -> float:
        """Angle between the stack's direction and its normal."""
        return float(np.degrees(np.arctan(np.linalg.norm(self.drift_mm))))

    @property
    def is_tilted(self) -> bool:
        """Whether the drift moves any voxel out of its own place."""
        travel = self.along_mm[-1] - self.along_mm[0]
        return bool((np.abs(self.drift_mm) * travel > _SIDEWAYS_PIXELS * self.pixel_mm).any())

    @property
    def pixel_mm(self) -> NDArray[np.float64]:
        """Distance between voxels along i and j, shape (2,)."""
        return self.places[0][0].pixel_mm

    @property
    def is_even(self) -> bool:
        """Whether the slices lie on an even ladder, up to rounding."""
        even = np.linspace(self.along_mm[0], self.along_mm[-1], len(self.along_mm))
        limit = max(_UNEVEN_STEPS * self.step_mm, _ROUNDED_MM)
        return not self.gaps and bool(np.abs(self.along_mm - even).max() <= limit)

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """(position along the normal, width) in mm of every step that is too wide."""
        steps = np.diff(self.along_mm)
        wide = np.flatnonzero(steps > _GAP_STEPS * self.step_mm)
        return [(float(self.along_mm[n]), float(steps[n])) for n in wide]


def lay_out(stack: SliceStack) -> StackGeometry:
    """The geometry of a stack; refuses axes that are no right angle and slices shifted sideways."""
    axes = _axes(stack.first)
    ordered = sorted(stack.slices, key=lambda s: (_along(s, axes), s.uid, s.key[1]))
    along = np.array([_along(s, axes) for s in ordered])
    starts = np.flatnonzero(np.diff(along, prepend=-np.inf) > ONE_POSITION_MM)
    ends = np.append(starts[1:], len(ordered))
    places = tuple(tuple(ordered[a:b]) for a, b in zip(starts, ends, strict=True))
    origins = np.array([place[0].plane[0] for place in places])
    along = along[starts]
    travel = along[-1] - along[0]
    drift = (origins[-1] - origins[0]) @ axes[:, :2] / travel
    step = float(np.median(np.diff(along)))
    geometry = StackGeometry(places, axes, origins, along, np.asarray(drift), step)
    _require_straight_line(geometry)
    return geometry


def _along(header: SliceHeader, axes: NDArray[np.float64]) -> float:
    return float(header.plane[0] @ axes[:, 2])


def _axes(header: SliceHeader) -> NDArray[np.float64]:
    """Right-handed unit axes (i, j, normal) as columns."""
    _, row, column = header.plane
    worst = max(abs(row @ row - 1), abs(column @ column - 1), abs(row @ column))
    if worst > _NOT_UNIT:
        raise BrokenGeometry(
            f"ImageOrientationPatient is not two unit vectors at right angles (off by {worst:.3f}, "
            f"limit {_NOT_UNIT}); export the series again."
        )
    i = row / np.linalg.norm(row)
    j = column - (column @ i) * i
    j = j / np.linalg.norm(j)
    return np.column_stack([i, j, np.cross(i, j)])


def _require_straight_line(geometry: StackGeometry) -> None:
    """First voxels must lie on one straight line, tilted or not."""
    travelled = geometry.along_mm - geometry.along_mm[0]
    sideways = (geometry.origins_mm - geometry.origins_mm[0]) @ geometry.axes[:, :2]
    off = np.abs(sideways - travelled[:, None] * geometry.drift_mm)
    if (off > _SIDEWAYS_PIXELS * geometry.pixel_mm).any():
        place = int(off.max(axis=1).argmax())
        raise BrokenGeometry(
            f"The slices do not lie on one line: the one at {geometry.along_mm[place]:.1f} mm is "
            f"shifted sideways by {off[place].max():.1f} mm. Separate reconstructions of different "
            "centring; give one of them."
        )
    shifted = [
        place
        for place in geometry.places
        for other in place[1:]
        if np.abs(other.plane[0] - place[0].plane[0]).max()
        > _SIDEWAYS_PIXELS * geometry.pixel_mm.min()
    ]
    if shifted:
        raise BrokenGeometry(
            f"{len(shifted)} place(s) hold slices that are shifted sideways against each other; "
            "give one reconstruction only."
        )
