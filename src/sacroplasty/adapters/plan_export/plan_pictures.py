"""Pictures of a plan, drawn alike on the one-page plan and in secondary captures.

True axial cut through the target, cut along the needle, and a projection from the front. Letters at
the edges are computed from the picture's own axes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sacroplasty.adapters.report.outlines import depth_in_shaft_mm
from sacroplasty.adapters.report.palette import NEEDLE
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.slices import PIXEL_MM, planes_along, window_hu
from sacroplasty.geometry import Grid, Points
from sacroplasty.imaging import (
    AIR_HU,
    ViewPlane,
    axial_plane,
    coronal_plane,
    edge_letters,
    reslice,
)
from sacroplasty.planning import Needle, PlannedNeedle

_AROUND_MM = 30.0
_SMALLEST_MM = 100.0
_PROJECTED_MM = 1.0
# Bone stands out of soft tissue in a maximum projection of this window.
_MIP_LOW_HU, _MIP_HIGH_HU = 100.0, 1300.0
_SCALE_BAR_MM = 20.0
_SHADOW = [withStroke(linewidth=1.8, foreground="black")]
_TEXT: dict[str, Any] = {"color": "white", "fontsize": 7.5, "path_effects": _SHADOW}


@dataclass(frozen=True, eq=False, slots=True)
class PlanPicture:
    """grey: (rows, columns) 0…255 on `plane`. outlined: structures and shafts are cut by the plane."""

    title: str
    plane: ViewPlane
    grey: NDArray[np.uint8]
    outlined: bool


def axial_picture(scene: Scene, planned: PlannedNeedle) -> PlanPicture:
    """The true axial cut through the target, seen from the feet."""
    needle = planned.needle
    ends = np.stack([needle.entry.single, needle.tip.single])
    middle = ends.mean(axis=0)
    centre = Points.at((middle[0], middle[1], ends[1, 2]), needle.frame)
    height, width = (max(float(np.ptp(ends[:, a])) + 2 * _AROUND_MM, _SMALLEST_MM) for a in (1, 0))
    width = max(width, 1.3 * height)
    plane = axial_plane(centre, (height, width), PIXEL_MM)
    return _cut(scene, plane, f"{planned.name}: true axial through the target")


def along_picture(scene: Scene, planned: PlannedNeedle) -> PlanPicture:
    """The cut that holds the needle's axis and is as axial as it can be."""
    plane = planes_along(planned.needle)[0]
    return _cut(scene, plane, f"{planned.name}: along the needle")


def front_picture(scene: Scene) -> PlanPicture:
    """Maximum intensity projection from the front over the sacrum, with all needles."""
    low, high = (corner.single for corner in scene.sacrum_box)
    ends = [p.single for n in scene.needles for p in (n.needle.entry, n.needle.tip)]
    low = np.min([low, *ends], axis=0) - 15.0
    high = np.max([high, *ends], axis=0) + 15.0
    ni, nj, nk = (np.ceil((high - low) / _PROJECTED_MM).astype(int) + 1).tolist()
    corner = (float(low[0]), float(low[1]), float(low[2]))
    box = Grid.axis_aligned((nk, nj, ni), corner, (_PROJECTED_MM,) * 3, scene.ct.frame)
    brightest = scene.ct.on(box, order=1, outside=AIR_HU).values.max(axis=1)[::-1]
    share = np.clip((brightest - _MIP_LOW_HU) / (_MIP_HIGH_HU - _MIP_LOW_HU), 0.0, 1.0)
    centre = Points(
        (low + (low + np.array([ni - 1, nj - 1, nk - 1]) * _PROJECTED_MM)) / 2, box.frame
    )
    size = (nk * _PROJECTED_MM, ni * _PROJECTED_MM)
    plane = coronal_plane(centre, size, _PROJECTED_MM)
    grey = np.asarray(np.round(share * 255.0), dtype=np.uint8)
    return PlanPicture("From the front (AP projection)", plane, grey, outlined=False)


def draw_picture(axes: Axes, scene: Scene, picture: PlanPicture) -> None:
    """Fill `axes`: CT, outlines, every needle, letters, scale bar. Coordinates are mm."""
    plane = picture.plane
    height, width = (n * plane.pixel_mm for n in plane.shape)
    axes.imshow(picture.grey, cmap="gray", vmin=0, vmax=255, extent=(0.0, width, height, 0.0))
    if picture.outlined:
        for ink, mask in scene.masks.items():
            _contour(axes, reslice(mask, plane), 0.5, plane, ink.colour, 0.7)
    for planned in scene.needles:
        _draw_needle(axes, planned.needle, picture)
    _letters(axes, plane, width, height)
    axes.set_xlim(0.0, width)
    axes.set_ylim(height, 0.0)
    axes.set_axis_off()


def _cut(scene: Scene, plane: ViewPlane, title: str) -> PlanPicture:
    grey = window_hu(reslice(scene.ct, plane, outside=AIR_HU))
    return PlanPicture(title, plane, grey, outlined=True)


def _contour(
    axes: Axes,
    values: NDArray[np.float64],
    level: float,
    plane: ViewPlane,
    colour: str,
    points: float,
) -> None:
    if not values.min() < level < values.max():
        return
    rows, columns = ((np.arange(n) + 0.5) * plane.pixel_mm for n in plane.shape)
    axes.contour(columns, rows, values, levels=[level], colors=[colour], linewidths=points)


def _draw_needle(axes: Axes, needle: Needle, picture: PlanPicture) -> None:
    """The shaft where the plane cuts it; dotted, its axis as projected, where that says anything."""
    plane = picture.plane
    ends = Points(np.stack([needle.entry.single, needle.tip.single]), needle.frame)
    down, right = ((plane.row_column(ends) + 0.5) * plane.pixel_mm).T
    if not picture.outlined:
        axes.plot(right, down, color=NEEDLE.colour, linewidth=1.6, path_effects=_SHADOW)
        axes.plot(right[1:], down[1:], "o", color="#ff6f3c", markersize=3.5)
        return
    if np.abs(plane.behind_mm(ends)).min() < needle.gauge.outer_diameter_mm:
        axes.plot(right, down, color=NEEDLE.colour, linewidth=0.6, linestyle=":")
        axes.plot(right[1:], down[1:], "+", color="#ff6f3c", markersize=7, markeredgewidth=1.2)
    depth = depth_in_shaft_mm(needle, plane.points).reshape(plane.shape)
    _contour(axes, depth, 0.0, plane, NEEDLE.colour, 1.0)


def _letters(axes: Axes, plane: ViewPlane, width: float, height: float) -> None:
    letters = edge_letters(plane)
    inset = 0.02 * width
    bold: dict[str, Any] = {**_TEXT, "fontweight": "bold", "fontsize": 9}
    axes.text(inset, height / 2, letters.left, ha="left", va="center", **bold)
    axes.text(width - inset, height / 2, letters.right, ha="right", va="center", **bold)
    axes.text(width / 2, inset, letters.top, ha="center", va="top", **bold)
    axes.text(width / 2, height - inset, letters.bottom, ha="center", va="bottom", **bold)
    y = height - 2 * inset
    axes.plot(
        [inset, inset + _SCALE_BAR_MM], [y, y], color="white", linewidth=1.5, path_effects=_SHADOW
    )
    axes.text(inset, y - inset, "20 mm", ha="left", va="bottom", **_TEXT)
