"""The guide as a field: negative inside the solid, about a distance in mm near its surface."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Side
from sacroplasty.geometry import Grid
from sacroplasty.planning.drill_guide.guide_settings import GuideSettings
from sacroplasty.planning.drill_guide.letters import (
    RAISED_MM,
    STROKE_MM,
    arrow,
    letter,
    stroke_distance,
)
from sacroplasty.planning.drill_guide.seat import Seat
from sacroplasty.planning.needle import Needle

# From a needle's axis to the middle of its letter or arrow: beside the tube, on the plate.
_MARK_MM = 9.5
_EVERY_NEIGHBOUR = np.ones((3, 3, 3))


@dataclass(frozen=True, eq=False, slots=True)
class GuidedNeedle:
    """A needle with its side, in the order of the seat's contact points."""

    needle: Needle
    side: Side


def guide_field(
    seat: Seat,
    needles: list[GuidedNeedle],
    swept: NDArray[np.float64],
    grid: Grid,
    settings: GuideSettings,
) -> NDArray[np.float64]:
    """Plate, tubes and marks, less the channels and less all that is under the offset.

    swept: `swept_distance` on `grid`. Only the largest connected piece is kept.
    """
    x, y = _plane(seat, grid)
    spots = (seat.contacts @ np.stack([seat.right, seat.up], axis=1)).tolist()
    top = settings.offset_mm + settings.thickness_mm
    plate = np.maximum(swept - top, _outline(x, y, spots) - settings.rim_mm)
    marks = _marks(seat, needles, spots, x, y) - STROKE_MM
    solid = np.minimum(plate, np.maximum(marks, swept - top - RAISED_MM))
    for guided, contact in zip(needles, seat.contacts, strict=True):
        solid = np.minimum(solid, _tube(guided.needle, contact, grid, settings))
    for guided, contact in zip(needles, seat.contacts, strict=True):
        bore = guided.needle.gauge.outer_diameter_mm + settings.channel_clearance_mm
        from_axis, _ = _cylinder(guided.needle, contact, grid)
        solid = np.maximum(solid, bore / 2 - from_axis)
    solid = np.maximum(solid, settings.offset_mm - swept)
    return _largest_piece(np.maximum(solid, _off_lattice(grid)), settings.grid_mm)


def _plane(seat: Seat, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates along right (1, 1, i) and up (1, j, 1) in mm, as `contacts @ axes` has them."""
    _, nj, ni = grid.shape
    origin = np.asarray(grid.origin_mm)
    x = float(origin @ seat.right) + np.arange(ni, dtype=np.float64) * grid.spacing_mm[0]
    y = float(origin @ seat.up) + np.arange(nj, dtype=np.float64) * grid.spacing_mm[1]
    return np.asarray(x)[None, None, :], np.asarray(y)[None, :, None]


def _outline(
    x: NDArray[np.float64], y: NDArray[np.float64], spots: list[list[float]]
) -> NDArray[np.float64]:
    """Distance to the spots and to the straight lines between every two."""
    ends = [(spot, spot) for spot in spots] + list(combinations(spots, 2))
    strokes = tuple(((a[0], a[1]), (b[0], b[1])) for a, b in ends)
    return stroke_distance(x, y, strokes)


def _marks(
    seat: Seat,
    needles: list[GuidedNeedle],
    spots: list[list[float]],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Distance to the middle lines of all letters and arrows.

    The letter stands lateral of its needle. The viewer looks at the back: the patient's left is on
    the viewer's left.
    """
    least = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf)
    for guided, (right, up) in zip(needles, spots, strict=True):
        aside = -guided.side.sign * _MARK_MM
        least = np.minimum(least, stroke_distance(x - right - aside, y - up, letter(guided.side)))
        if seat.has_cranial:
            least = np.minimum(least, stroke_distance(x - right, y - up - _MARK_MM, arrow()))
    return least


def _cylinder(
    needle: Needle, contact: NDArray[np.float64], grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance from the needle's axis, and height above the contact along it, (k, j, i) mm."""
    nk, nj, ni = grid.shape
    start = np.asarray(grid.origin_mm) - contact
    h = grid.spacing_mm[0]
    right, up, out = grid.direction.T
    back = -needle.direction
    height = (
        float(start @ back)
        + (np.arange(nk) * h * float(out @ back))[:, None, None]
        + (np.arange(nj) * h * float(up @ back))[None, :, None]
        + (np.arange(ni) * h * float(right @ back))[None, None, :]
    )
    squared = (
        (float(start @ out) + np.arange(nk) * h)[:, None, None] ** 2
        + (float(start @ up) + np.arange(nj) * h)[None, :, None] ** 2
        + (float(start @ right) + np.arange(ni) * h)[None, None, :] ** 2
    )
    return np.sqrt(np.maximum(squared - height**2, 0.0)), height


def _tube(
    needle: Needle, contact: NDArray[np.float64], grid: Grid, settings: GuideSettings
) -> NDArray[np.float64]:
    from_axis, height = _cylinder(needle, contact, grid)
    bore = needle.gauge.outer_diameter_mm + settings.channel_clearance_mm
    # Downwards it ends on the plate's underside, at the latest one thickness below the contact.
    ends = np.maximum(height - settings.tube_length_mm, -height - settings.thickness_mm)
    return np.maximum(from_axis - bore / 2 - settings.wall_mm, ends)


def _off_lattice(grid: Grid) -> NDArray[np.float64]:
    """Closes the solid one and a half voxels before the lattice ends."""
    edges = []
    for n in grid.shape:
        index = np.arange(n)
        edges.append(1.5 - np.minimum(index, n - 1 - index))
    k, j, i = edges
    inset = np.maximum(np.maximum(k[:, None, None], j[None, :, None]), i[None, None, :])
    return np.asarray(inset * grid.spacing_mm[0])


def _largest_piece(field: NDArray[np.float64], grid_mm: float) -> NDArray[np.float64]:
    parts, count = ndimage.label(field < 0, _EVERY_NEIGHBOUR)
    if count <= 1:
        return field
    largest = 1 + int(np.bincount(parts.ravel())[1:].argmax())
    return np.where((parts > 0) & (parts != largest), grid_mm, field)
