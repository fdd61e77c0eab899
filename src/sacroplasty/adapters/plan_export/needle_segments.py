"""Planned needles and cement as a DICOM SEG on the CT's slices: what a viewer without lines can show.

Few viewers draw SR lines; all of them draw a SEG. One segment per needle, its shaft from entry to
target, and one for the ball that holds its planned cement: a target zone and no forecast of where
cement goes. A shaft thinner than a voxel is drawn a voxel thick, so that it never breaks.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from sacroplasty.adapters.label_export.ct_slices import CtSlice, ct_slices
from sacroplasty.adapters.label_export.derived_object import SeriesWords, coded
from sacroplasty.adapters.label_export.dicom_segmentation import write_segments
from sacroplasty.adapters.label_export.seg_modules import SegWords, segment_item
from sacroplasty.adapters.plan_export.plan_codes import (
    CEMENT_ZONE,
    LATERALITY,
    NEEDLE,
    PHYSICAL,
    planned_content,
)
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import PlannedNeedle, TrajectoryPlan
from sacroplasty.units import mm3_from_ml

Mask = NDArray[np.bool_]
_WORDS = SegWords(
    SeriesWords("SEG", 98, "Planned needles (research software)"),
    "NEEDLES",
    "Planned needles and cement zones",
    overlap=True,
)
_LONGEST_LABEL = 64


@dataclass(frozen=True, eq=False, slots=True)
class _Rod:
    """A cylinder with flat ends from `start` along `direction`, or a ball where it has no length."""

    start: NDArray[np.float64]
    direction: NDArray[np.float64]
    length_mm: float
    radius_mm: float

    def holds(self, xyz: NDArray[np.float64], least_mm: float) -> Mask:
        """Which points (n, 3) lie inside, drawn at least `least_mm` in radius."""
        offset = xyz - self.start
        if self.length_mm == 0.0:
            return np.asarray(np.linalg.norm(offset, axis=1) <= self.radius_mm)
        along = offset @ self.direction
        off_axis = np.linalg.norm(offset - along[:, None] * self.direction, axis=1)
        beside = off_axis <= max(self.radius_mm, least_mm)
        return np.asarray(beside & (along >= 0.0) & (along <= self.length_mm))


def write_needle_segmentation(plan: TrajectoryPlan, ct: CTVolume, source: Path, path: Path) -> None:
    """Write one SEG object on the slices of the CT in `source`; same input, same bytes.

    It carries the study's patient identity. Raises `BadInput` (no needle, not DICOM, needles
    outside the slices), `FrameMismatch`, `CaseConflict` where the file cannot be written.
    """
    if not plan.needles:
        raise BadInput("The plan holds no needle, so there is no segmentation to write.")
    slices = ct_slices(source, ct.acquisition.series_uid, plan.needles[0].needle.frame)
    segments: list[tuple[Dataset, list[Mask]]] = []
    for planned in plan.needles:
        for name, kind, rod in (
            (f"{planned.name} planned path", NEEDLE, _shaft(planned)),
            (f"{planned.name} planned cement zone", CEMENT_ZONE, _ball(planned)),
        ):
            masks = _painted(rod, slices)
            if not any(mask.any() for mask in masks):
                raise BadInput(
                    f"The {name} lies on no slice of the series; give the series that was planned on."
                )
            item = segment_item(
                len(segments) + 1, name[:_LONGEST_LABEL], coded(*PHYSICAL), _kind(kind, planned)
            )
            segments.append((item, masks))
    write_segments(segments, slices, _WORDS, ("needles", planned_content(plan)), path)


def cement_radius_mm(cement_ml: float) -> float:
    """Of the ball with that volume: (3V/4π)^⅓."""
    return float((3.0 * mm3_from_ml(cement_ml) / (4.0 * math.pi)) ** (1.0 / 3.0))


def _shaft(planned: PlannedNeedle) -> _Rod:
    needle = planned.needle
    radius = needle.gauge.outer_diameter_mm / 2
    return _Rod(needle.entry.single, needle.direction, needle.length_mm, radius)


def _ball(planned: PlannedNeedle) -> _Rod:
    needle = planned.needle
    return _Rod(needle.tip.single, needle.direction, 0.0, cement_radius_mm(planned.cement_ml))


def _kind(code: tuple[str, str, str], planned: PlannedNeedle) -> Dataset:
    kind = coded(*code)
    kind.SegmentedPropertyTypeModifierCodeSequence = [coded(*LATERALITY[planned.side])]
    return kind


def _painted(rod: _Rod, slices: list[CtSlice]) -> list[Mask]:
    """One mask per slice; only the rectangle around the rod is looked at."""
    thickness = _between_slices_mm(slices)
    ends = np.stack([rod.start, rod.start + rod.length_mm * rod.direction])
    masks = []
    for one in slices:
        grid = one.grid
        row, column = grid.shape[1:]
        least = 0.5 * math.hypot(grid.spacing_mm[0], grid.spacing_mm[1], thickness)
        reach = max(rod.radius_mm, least) + thickness
        kji = grid.kji_at(Points(ends, grid.frame))
        mask = np.zeros((row, column), dtype=np.bool_)
        normal_mm = kji[:, 0] * grid.spacing_mm[2]
        if normal_mm.min() <= reach and normal_mm.max() >= -reach:
            steps = reach / np.array(grid.spacing_kji_mm[1:])
            low = np.clip(np.floor(kji[:, 1:].min(axis=0) - steps), 0, (row, column)).astype(int)
            high = np.clip(np.ceil(kji[:, 1:].max(axis=0) + steps) + 1, 0, (row, column)).astype(
                int
            )
            shape = tuple(np.maximum(high - low, 0).tolist())
            j, i = (axis.ravel() for axis in np.indices(shape))
            points = grid.points_at(np.stack([np.zeros_like(j), j + low[0], i + low[1]], axis=1))
            inside = rod.holds(points.xyz, least).reshape(shape)
            mask[low[0] : high[0], low[1] : high[1]] = inside
        masks.append(mask)
    return masks


def _between_slices_mm(slices: list[CtSlice]) -> float:
    if len(slices) < 2:
        return float(slices[0].grid.spacing_mm[2])
    return float(np.linalg.norm(np.subtract(slices[1].grid.origin_mm, slices[0].grid.origin_mm)))
