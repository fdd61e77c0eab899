"""Calibration by the rods of a density phantom under the patient."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.density.calibration import Calibration, CalibrationMethod, fitted_line
from sacroplasty.anatomy.density.sacral_box import ct_round
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, require_same_frame
from sacroplasty.imaging import AIR_HU, CTVolume

_REACH_MM = 20.0  # along the rod, to both sides of the given point
_SAMPLING_MM = 1.0
_ROUGHEST_HU = 40.0  # SD of a homogeneous rod along its length, slice means
# Detection: what a rod looks like in the mean over the slices.
_BEHIND_BONE_MM = 15.0  # rods lie under the patient, and behind the sacrum is no round bone
_RING_MM = (8.0, 11.0)
_LEAST_CONTRAST_HU = 25.0
_DISC_SD_HU = 12.0
_RING_SD_HU = 30.0  # a place between two rods has a ring of rod and plastic
_PLASTIC_HU = (-250.0, 300.0)
_APART_MM = 12.0
_ALONG_SD_HU = 25.0


@dataclass(frozen=True, eq=False, slots=True)
class Rod:
    """One rod: a point on its axis, its known density, and the radius that is surely inside it.

    Rods are taken to run along the scanner's z, as they do in every phantom that lies on the
    table. `density_mg_cm3` is the K2HPO4-equivalent density that the maker states. For liquid
    K2HPO4 rods whose water content differs (Mindways), give the maker's corrected densities.
    """

    point: Points
    density_mg_cm3: float
    radius_mm: float = 4.0


def calibrate_from_rods(ct: CTVolume, rods: Sequence[Rod]) -> Calibration:
    """The line through the rods of a phantom that was scanned with the patient.

    Each rod's HU is the mean over a cylinder 40 mm long round the given point (clipped to the
    scan). Least squares of density on HU; uncertainty from the scatter of the rods about the line,
    so three rods or more are wanted. Raises `BadInput` for fewer than two rods, a point outside
    the scan, or a place that is not homogeneous along z (no rod there).
    """
    readings = [_read(ct, rod) for rod in rods]
    densities = [rod.density_mg_cm3 for rod in rods]
    line, covariance, residual = fitted_line(readings, densities)
    caution = "" if len(rods) > 2 else " Two rods leave nothing to check the line with."
    return Calibration(
        CalibrationMethod.RODS,
        float(line[0]),
        float(line[1]),
        covariance,
        residual,
        f"Calibrated by {len(rods)} phantom rods of {min(densities):.0f} to {max(densities):.0f} "
        f"mg/cm³, which lie within {residual:.1f} mg/cm³ (SD) of their line.{caution}",
    )


def find_rods(
    ct: CTVolume, sacrum: SacrumModel, densities_mg_cm3: Sequence[float]
) -> tuple[Rod, ...]:
    """The rods of a phantom under the patient, by their look; densities are matched by HU order.

    Looks behind the sacrum in the mean over its slices for round, even places in plastic that
    differ from their surroundings by 25 HU or more. Raises `BadInput` unless it finds as many as
    densities are given (a rod that reads like the plastic round it cannot be seen): then give the
    positions.
    """
    require_same_frame(ct, sacrum)
    part = ct_round(ct, sacrum.labels.grid, whole_slices=True)
    planes = part.hu.astype(np.float32)
    mean, along = planes.mean(axis=0), planes.std(axis=0)
    seen = _round_places(mean, along, _first_row(part, sacrum), part.grid.spacing_mm[0])
    wanted = sorted(densities_mg_cm3)
    if len(seen) != len(wanted):
        raise BadInput(
            f"Found {len(seen)} phantom rod(s) behind the sacrum and {len(wanted)} densities are "
            "given; give the position of each rod."
        )
    middle = (part.grid.shape[0] - 1) / 2
    ordered = sorted(seen, key=lambda place: float(mean[place]))
    return tuple(
        Rod(part.grid.points_at(np.array([middle, j, i])), density)
        for (j, i), density in zip(ordered, wanted, strict=True)
    )


def _read(ct: CTVolume, rod: Rod) -> float:
    """Mean HU of the rod, slice by slice."""
    require_same_frame(ct, rod.point)
    steps = np.arange(-_REACH_MM, _REACH_MM + _SAMPLING_MM, _SAMPLING_MM)
    across = np.arange(-rod.radius_mm, rod.radius_mm + 1e-6, _SAMPLING_MM)
    x, y = np.meshgrid(across, across)
    disc = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])[
        np.hypot(x, y).ravel() <= rod.radius_mm
    ]
    means = []
    for z in steps:
        points = Points(rod.point.single + disc + [0.0, 0.0, z], ct.frame)
        if ct.grid.contains(points).all():
            means.append(float(ct.volume.at(points, outside=AIR_HU).mean()))
    where = ", ".join(f"{c:.0f}" for c in rod.point.single)
    if not means:
        raise BadInput(f"The phantom rod at ({where}) mm LPS lies outside the scan.")
    if np.std(means) > _ROUGHEST_HU:
        raise BadInput(
            f"There is no rod at ({where}) mm LPS: along z its slices read {min(means):.0f} to "
            f"{max(means):.0f} HU; give a point on the rod's axis."
        )
    return float(np.mean(means))


def _first_row(part: CTVolume, sacrum: SacrumModel) -> int:
    """The first image row that is surely behind the sacrum."""
    bone = sacrum.labels.grid.points_at(np.argwhere(sacrum.mask(Structure.SACRUM))[::10])
    rows = part.grid.kji_at(bone)[:, 1]
    return int(np.ceil(rows.max() + _BEHIND_BONE_MM / part.grid.spacing_mm[1]))


def _round_places(
    mean: NDArray[np.float32], along: NDArray[np.float32], first_row: int, pixel_mm: float
) -> list[tuple[int, int]]:
    """Centres (j, i) of round, even places that stand out from plastic round them."""
    disc, ring = _disc(0.0, 4.0, pixel_mm), _disc(*_RING_MM, pixel_mm)
    inside, outside = ndimage.convolve(mean, disc), ndimage.convolve(mean, ring)
    uneven = np.sqrt(np.maximum(ndimage.convolve(mean**2, disc) - inside**2, 0.0))
    mixed = np.sqrt(np.maximum(ndimage.convolve(mean**2, ring) - outside**2, 0.0))
    restless = ndimage.convolve(along, disc)
    contrast = np.abs(inside - outside)
    even = (uneven < _DISC_SD_HU) & (mixed < _RING_SD_HU) & (restless < _ALONG_SD_HU)
    plastic = (outside > _PLASTIC_HU[0]) & (outside < _PLASTIC_HU[1])
    score = np.where(even & plastic & (contrast >= _LEAST_CONTRAST_HU), contrast, 0.0)
    score[:first_row] = 0.0
    size = 2 * round(_APART_MM / pixel_mm) + 1
    peaks = (score > 0) & (score == ndimage.maximum_filter(score, size))
    return [(int(j), int(i)) for j, i in np.argwhere(peaks)]


def _disc(inner_mm: float, outer_mm: float, pixel_mm: float) -> NDArray[np.float32]:
    """A ring of weights that sum to 1."""
    reach = int(np.ceil(outer_mm / pixel_mm))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1] * pixel_mm
    radius = np.hypot(x, y)
    ring = ((radius >= inner_mm) & (radius <= outer_mm)).astype(np.float32)
    return ring / ring.sum()
