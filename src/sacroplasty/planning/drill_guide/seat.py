"""Where a guide is put on: its axes, its lattice, and the surface that it must slide onto.

The guide's frame looks at the patient as the operator does: `right` and `up` as seen from outside
with the head on top, `out` against the mean needle direction. right × up = out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.planning.distance_field import signed_distance_mm
from sacroplasty.planning.drill_guide.guide_settings import GuideKind, GuideSettings
from sacroplasty.planning.needle import Needle

# The plate follows the surface this far below the contact points, then it ends.
_BELOW_MM = 12.0
_ABOVE_TUBE_MM = 3.0
# Rounds the stair-steps of a label map; of the order of its voxels.
_SMOOTHING_VOXELS = 1.0
# Share of "up" that must be left across the guide for an arrow to the head to mean anything.
_LEAST_UP = 0.35
# A contact point farther than this from the surface belongs to another surface.
_ON_SURFACE_MM = 3.0
_FAR_MM = 1.0e3


@dataclass(frozen=True, eq=False, slots=True)
class Seat:
    """contacts: (n, 3) where the axes meet the surface, LPS mm. has_cranial: `up` is to the head."""

    contacts: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    out: NDArray[np.float64]
    has_cranial: bool


def contact_point(needle: Needle, bone_entry_depth_mm: float, kind: GuideKind) -> Points:
    """Where the needle's axis meets skin or bone."""
    depth = 0.0 if kind is GuideKind.SKIN else bone_entry_depth_mm
    return Points(needle.entry.single + depth * needle.direction, needle.frame)


def seat_of(contacts: list[Points], needles: list[Needle], sacrum: SacrumModel) -> Seat:
    """The axes of one guide."""
    out = -np.sum([needle.direction for needle in needles], axis=0)
    if np.linalg.norm(out) < _LEAST_UP * len(needles):
        raise BadInput("The needles come from opposite sides; make a guide for each by itself.")
    out = out / np.linalg.norm(out)
    _, dorsal, cranial = sacrum.scanner_from_sacrum.rotation.T
    up = cranial - (cranial @ out) * out
    has_cranial = bool(np.linalg.norm(up) > _LEAST_UP)
    if not has_cranial:
        up = dorsal - (dorsal @ out) * out
    up = up / np.linalg.norm(up)
    xyz = np.array([contact.single for contact in contacts])
    return Seat(xyz, np.cross(up, out), up, out, has_cranial)


def lattice(seat: Seat, settings: GuideSettings, sacrum: SacrumModel) -> Grid:
    """An isotropic grid in the guide's axes (i right, j up, k out) that holds the whole guide."""
    axes = np.stack([seat.right, seat.up, seat.out], axis=1)
    around = settings.rim_mm + 2 * settings.grid_mm
    # A tilted tube leans out of its plate's outline.
    lean = np.array([settings.tube_length_mm / 2] * 2 + [0.0])
    low = (seat.contacts @ axes).min(axis=0) - np.array([around, around, _BELOW_MM]) - lean
    high = (seat.contacts @ axes).max(axis=0) + lean
    high += [around, around, settings.tube_length_mm + _ABOVE_TUBE_MM]
    steps = np.ceil((high - low) / settings.grid_mm / 2).astype(int) * 2
    ni, nj, nk = (steps + 1).tolist()
    # Centred, so that a mirrored patient gets the mirrored lattice.
    start = axes @ ((low + high) / 2 - steps * settings.grid_mm / 2)
    origin = (float(start[0]), float(start[1]), float(start[2]))
    return Grid((nk, nj, ni), origin, (settings.grid_mm,) * 3, axes, sacrum.frame)


def surface_distance(sacrum: SacrumModel, kind: GuideKind) -> Volume[np.float32]:
    """Signed distance in mm to the body (SKIN) or to bone with its openings closed (BONE).

    On the sacrum's working grid. Raises `BadInput` where the scan does not show the skin.
    """
    labels = sacrum.labels
    if kind is GuideKind.SKIN:
        solid = labels.values != Structure.OUTSIDE
        if solid.all():
            raise BadInput(
                "The scan does not reach the skin, so there is nothing to lay a skin guide on; "
                "make a bone guide."
            )
    else:
        soft = (Structure.OUTSIDE, Structure.SOFT_TISSUE, Structure.DISC_L5S1)
        solid = ~sacrum.mask(*soft)
    distance = signed_distance_mm(solid, labels.grid.spacing_mm[0])
    smooth = ndimage.gaussian_filter(distance, _SMOOTHING_VOXELS, mode="nearest", truncate=3.0)
    return Volume(smooth, labels.grid)


def require_on_surface(contacts: NDArray[np.float64], surface: Volume[np.float32]) -> None:
    """Raises `BadInput` for a needle that does not meet the surface where it should."""
    distances = surface.at(Points(contacts, surface.frame), outside=_FAR_MM)
    if (worst := float(np.abs(distances).max())) > _ON_SURFACE_MM:
        told = f"{worst:.0f} mm from it" if worst < _FAR_MM else "outside the scan"
        raise BadInput(
            f"A needle should meet the surface that the guide sits on and lies {told} there "
            f"(limit {_ON_SURFACE_MM:g} mm); make the other kind of guide."
        )


def swept_distance(surface: Volume[np.float32], grid: Grid) -> NDArray[np.float64]:
    """Distance from each lattice point to the surface on the guide's whole way down, (k, j, i) mm.

    A guide is put on along `out`; at a point it may be solid only if nothing is in the way there or
    anywhere above: min over t ≥ 0 of d(x + t·out). So no undercut can catch it. Beyond the scan the
    distance is far on the air side and the guide ends where the surface is no longer seen.
    """
    values = surface.on(grid, order=1, outside=_FAR_MM).values.astype(np.float64)
    return np.asarray(np.minimum.accumulate(values[::-1], axis=0)[::-1])
