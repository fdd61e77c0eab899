"""Find the needles of a scan: thin, straight, long, and one end outside the body."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.geometry import Points
from sacroplasty.imaging import AIR_HU, CTVolume
from sacroplasty.planning.placed.blurred_tube import Sampling, fit_tube
from sacroplasty.planning.placed.found_needle import FoundNeedle
from sacroplasty.planning.placed.metal import metal_mask, thin_metal
from sacroplasty.planning.placed.straight_runs import Run, straight_runs
from sacroplasty.reference import constant

FloatArray = NDArray[np.float64]

_WITHIN_MM, _WITHIN_SLICE = 1.2, 0.35  # half width of a run, and more for thick slices
_ABOUT_MM = 7.0  # metal this near belongs to a run when its width is measured
_AIR_HU = -300.0
_RING_MM, _RING_POINTS = 11.0, 12  # wider than a hub
_LOOKED_AT_MM = (2.0, 5.0, 9.0, 14.0, 20.0)
_AIR_SHARE = 0.6
_EDGE_MM = 4.0
_FITTED_MM, _BEYOND_MM, _AWAY_MM = 70.0, 8.0, 5.0
_SATURATED_VOXELS = 20
_BEYOND_ALL_HU = 1e6


@dataclass(frozen=True, eq=False, slots=True)
class Search:
    """The needles of a scan and, in words, what else was straight metal.

    longest_mm: the longest straight run of metal that was seen, needle or not.
    """

    needles: tuple[FoundNeedle, ...]
    others: tuple[str, ...]
    longest_mm: float


def find_needles(ct: CTVolume) -> Search:
    """All needles in a scan, by metal alone: no plan and no anatomy is asked.

    Accuracy on virtual scans: see the page on placed needles. A needle that leaves the field is
    found by the part that is seen; its tip must be in the field.
    """
    metal = thin_metal(ct)
    points = ct.grid.points_at(np.argwhere(metal)).xyz
    part = ndimage.label(metal, np.ones((3, 3, 3)))[0][metal].astype(np.int64)
    within = _WITHIN_MM + _WITHIN_SLICE * max(ct.grid.spacing_mm)
    least = constant("placed_least_length").value
    runs = straight_runs(points, part, within, least) if len(points) else []
    everywhere = ct.grid.points_at(np.argwhere(metal_mask(ct))).xyz
    kept, others = [], []
    for run in runs:
        oriented, why = _as_needle(ct, run, everywhere)
        if oriented is None:
            others.append(f"straight metal of {run.length_mm:.0f} mm is no needle: {why}")
        else:
            kept.append(oriented)
    sampling = _sampling(ct)
    needles = tuple(
        _refined(ct, run, [other for other in kept if other is not run], sampling) for run in kept
    )
    longest = max((run.length_mm for run in runs), default=0.0)
    return Search(tuple(sorted(needles, key=_by_place)), tuple(others), longest)


def _by_place(needle: FoundNeedle) -> tuple[float, ...]:
    return tuple(needle.tip.single.tolist())


def _as_needle(ct: CTVolume, run: Run, metal: FloatArray) -> tuple[Run | None, str]:
    """The run from outside to tip, or the reason why it is no needle."""
    width, limit = _width_mm(run, metal, ct.grid.voxel_mm3), constant("placed_thickest").value
    limit += 0.5 * (max(ct.grid.spacing_mm) - 1.0)
    if width > limit:
        return None, f"{width:.1f} mm wide with its blooming, limit {limit:.1f} mm"
    turned = Run(run.end, run.start)
    outside = [_in_air(ct, r) for r in (run, turned)]
    if all(outside):
        return None, "both ends lie outside the body"
    if not any(outside):
        outside = [_at_edge(ct, r.start) for r in (run, turned)]
    if outside[0] == outside[1]:
        return None, "both ends lie inside the body" if not outside[0] else "it crosses the field"
    return (run if outside[0] else turned), ""


def _width_mm(run: Run, metal: FloatArray, voxel_mm3: float) -> float:
    """Diameter of the circle whose area is the median cross-section of metal about the run."""
    along = (metal - run.start) @ run.direction
    near = (run.off_axis_mm(metal) <= _ABOUT_MM) & (along >= 0) & (along <= run.length_mm)
    stations = np.bincount((along[near] / 4.0).astype(int), minlength=1)
    area = float(np.median(stations)) * voxel_mm3 / 4.0
    return 2.0 * float(np.sqrt(area / np.pi))


def _in_air(ct: CTVolume, run: Run) -> bool:
    """Whether there is air about the first centimetres of the run."""
    around = _ring(run.direction)
    for depth in _LOOKED_AT_MM:
        points = Points(run.start + depth * run.direction + around, ct.frame)
        seen = ct.grid.contains(points)
        if seen.mean() < _AIR_SHARE:
            continue
        hu = ct.volume.at(points, outside=AIR_HU)[seen]
        if (hu < _AIR_HU).mean() >= _AIR_SHARE:
            return True
    return False


def _ring(direction: FloatArray) -> FloatArray:
    least = np.eye(3)[int(np.argmin(np.abs(direction)))]
    first = np.cross(direction, least)
    first /= np.linalg.norm(first)
    second = np.cross(direction, first)
    angle = np.linspace(0.0, 2.0 * np.pi, _RING_POINTS, endpoint=False)[:, None]
    return np.asarray(_RING_MM * (np.cos(angle) * first + np.sin(angle) * second))


def _at_edge(ct: CTVolume, end: FloatArray) -> bool:
    """Whether an end lies at a face of the field."""
    kji = ct.grid.kji_at(Points(end[None], ct.frame))[0]
    inside = np.minimum(kji, np.asarray(ct.grid.shape) - 1 - kji) * ct.grid.spacing_kji_mm
    return bool(inside.min() < _EDGE_MM)


def _sampling(ct: CTVolume) -> Sampling:
    slice_mm = max(ct.grid.spacing_mm[2], ct.acquisition.slice_thickness_mm or 0.0)
    ceiling = int(ct.hu.max())
    saturates = int((ct.hu == ceiling).sum()) >= _SATURATED_VOXELS
    return Sampling(
        ct.grid.direction[:, 2], slice_mm, float(ceiling) if saturates else _BEYOND_ALL_HU
    )


def _refined(ct: CTVolume, run: Run, others: list[Run], sampling: Sampling) -> FoundNeedle:
    """Axis and tip below the size of a voxel; where another needle passes, nothing is compared."""
    points, hu = _voxels_about(ct, run)
    for other in others:
        apart = other.off_axis_mm(points) > _AWAY_MM
        points, hu = points[apart], hu[apart]
    tube = fit_tube(points, hu, run.end, run.direction, sampling)
    outer = tube.tip - tube.direction * float((tube.tip - run.start) @ tube.direction)
    return FoundNeedle(
        Points.at(tube.tip, ct.frame), Points.at(outer, ct.frame), tube.residual_hu, tube.blur_mm
    )


def _voxels_about(ct: CTVolume, run: Run) -> tuple[FloatArray, FloatArray]:
    """Centres (n, 3) and HU (n,) of the voxels about the last part of a run and beyond its tip."""
    first = max(run.length_mm - _FITTED_MM, 0.0)
    ends = np.stack([run.start + first * run.direction, run.end + _BEYOND_MM * run.direction])
    kji = ct.grid.kji_at(Points(ends, ct.frame))
    room = _AWAY_MM / np.asarray(ct.grid.spacing_kji_mm) + 1.0
    low = np.clip(np.floor(kji.min(axis=0) - room).astype(int), 0, np.asarray(ct.grid.shape) - 1)
    high = np.clip(np.ceil(kji.max(axis=0) + room).astype(int) + 1, low + 1, ct.grid.shape)
    box = ct.volume.cropped(tuple(low.tolist()), tuple(high.tolist()))
    points = box.grid.points_at(np.indices(box.grid.shape).reshape(3, -1).T).xyz
    along = (points - run.start) @ run.direction
    near = run.off_axis_mm(points) <= _AWAY_MM
    near &= (along >= first) & (along <= run.length_mm + _BEYOND_MM)
    return points[near], box.values.ravel()[near].astype(np.float64)
