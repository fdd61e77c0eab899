"""What a picture of the heat needs, and nothing about how it is drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.geometry import Points, require_same_frame
from sacroplasty.injection.heat.heat_run import HeatCourse, HeatRun

_PLANES = (("axial", 0), ("coronal", 1), ("sagittal", 2))


@dataclass(frozen=True, eq=False, slots=True)
class HeatSlice:
    """One plane through a point; all arrays have the shape of the plane.

    plane: axial (rows j, columns i), coronal (k, i) or sagittal (k, j) of the grid, whose axes are
    those of the scanner for a simulated injection. across_mm: LPS coordinate of the plane.
    extent_mm: outer faces (first column, last column, first row, last row) in LPS. peak_c, cem43_min
    and cement are those of the run, labels are `Structure` values.
    """

    plane: str
    across_mm: float
    extent_mm: tuple[float, float, float, float]
    peak_c: NDArray[np.float32]
    cem43_min: NDArray[np.float32]
    cement: NDArray[np.bool_]
    labels: NDArray[np.uint8]


@dataclass(frozen=True, eq=False, slots=True)
class HeatPicture:
    """Three planes through the hottest nerve, and the course of the cure."""

    slices: tuple[HeatSlice, HeatSlice, HeatSlice]
    where: Points
    root_names: tuple[str, ...]
    course: HeatCourse


def heat_picture(heat: HeatRun, sacrum: SacrumModel, where: Points | None = None) -> HeatPicture:
    """Planes through `where`, or through the point of a nerve's space that got hottest.

    A point outside the box is taken to its nearest voxel. Raises `FrameMismatch` for a model of
    another patient.
    """
    require_same_frame(heat, sacrum)
    grid = heat.peak_c.grid
    if where is None:
        where = (
            max(heat.roots, key=lambda root: root.peak_c).where if heat.roots else _hottest(heat)
        )
    kji = np.rint(grid.kji_at(where)[0]).astype(int).clip(0, np.array(grid.shape) - 1)
    labels = sacrum.labels.on(grid, order=0, outside=float(Structure.SOFT_TISSUE)).values
    axial, coronal, sagittal = (
        _slice(heat, labels, name, axis, int(kji[axis])) for name, axis in _PLANES
    )
    return HeatPicture(
        slices=(axial, coronal, sagittal),
        where=where,
        root_names=tuple(root.name for root in heat.roots),
        course=heat.course,
    )


def _hottest(heat: HeatRun) -> Points:
    index = np.unravel_index(int(np.argmax(heat.peak_c.values)), heat.peak_c.grid.shape)
    return heat.peak_c.grid.points_at(np.array(index))


def _slice(heat: HeatRun, labels: NDArray[np.uint8], name: str, axis: int, index: int) -> HeatSlice:
    grid = heat.peak_c.grid
    first, last = grid.points_at(np.array([[0, 0, 0], np.array(grid.shape) - 1])).xyz[:, ::-1]
    half = np.sign(last - first) * grid.spacing_mm[0] / 2
    rows, columns = (a for a in range(3) if a != axis)
    return HeatSlice(
        plane=name,
        across_mm=float(first[axis] + 2 * half[axis] * index),
        extent_mm=(
            float(first[columns] - half[columns]),
            float(last[columns] + half[columns]),
            float(first[rows] - half[rows]),
            float(last[rows] + half[rows]),
        ),
        peak_c=np.take(heat.peak_c.values, index, axis),
        cem43_min=np.take(heat.cem43_min.values, index, axis),
        cement=np.take(heat.cement.values, index, axis),
        labels=np.take(labels, index, axis),
    )
