"""The control scan in the planes of its needles: where the needle is, and where it was planned."""

import numpy as np
from markupsafe import Markup

from sacroplasty.adapters.report.palette import OUTLINES, Ink
from sacroplasty.adapters.report.picture import Picture
from sacroplasty.adapters.report.scene import Scene, around_nonzero
from sacroplasty.adapters.report.slices import PIXEL_MM, cut_picture, planes_along
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.imaging import AIR_HU, CTVolume, ViewPlane, axial_plane, carried
from sacroplasty.planning import Needle, PlacedNeedle, PlacedReport, Planned

FOUND_INK = Ink("found", "needle as found", "#ff8a3c", "", ())
PLANNED_INK = Ink("planned", "needle as planned", "#ffffff", "3 1.5", ())

_VOXEL_MM, _MARGIN_MM = 0.8, 45.0
_AXIAL_SIZE_MM = (150.0, 160.0)
_ABOVE_TIP_MM = 55.0  # of the axial picture's centre: the skin of the back is in it


def control_scene(scan: CTVolume, planned: Planned, report: PlacedReport) -> Scene:
    """The control scan in the frame of the plan, with the outlines of the planned sacrum."""
    ends = [
        point.single
        for needle in [p.needle for p in report.needles] + [p.needle for p in planned.plan.needles]
        for point in (needle.entry, needle.tip)
    ]
    grid = _box(np.stack(ends), planned.ct.grid)
    lifted = Volume(scan.hu.astype(np.int32) - AIR_HU, scan.grid)  # outside its field reads as air
    values = carried(lifted, report.laid.planning_from_scan, grid).values + AIR_HU
    masks = {
        ink: around_nonzero(Volume(mask.astype(np.uint8), planned.sacrum.labels.grid))
        for ink in OUTLINES
        if (mask := planned.sacrum.mask(*ink.structures)).any()
    }
    return Scene(Volume(values.astype(np.int16), grid), planned.sacrum, masks, None, ())


def _box(points: np.ndarray[tuple[int, ...], np.dtype[np.float64]], near: Grid) -> Grid:
    low, high = points.min(axis=0) - _MARGIN_MM, points.max(axis=0) + _MARGIN_MM
    ni, nj, nk = (np.ceil((high - low) / _VOXEL_MM).astype(int) + 1).tolist()
    x, y, z = low.tolist()
    return Grid.axis_aligned((nk, nj, ni), (x, y, z), (_VOXEL_MM,) * 3, near.frame)


def placed_cuts(scene: Scene, placed: PlacedNeedle) -> list[Picture]:
    """Axial through the tip, and two cuts at right angles along the needle as it was found."""
    tip = placed.found.tip.single
    centre = Points(tip + np.array([0.0, _ABOVE_TIP_MM, 0.0]), scene.ct.frame)
    planes = (
        ("axial through the tip", axial_plane(centre, _AXIAL_SIZE_MM, PIXEL_MM)),
        *zip(
            ("first plane along the needle", "second plane along the needle"),
            planes_along(placed.needle),
            strict=True,
        ),
    )
    caption = "Control scan on the outlines of the plan."
    return [
        cut_picture(scene, plane, f"{placed.name}, {name}", caption, mark=_needles(placed, plane))
        for name, plane in planes
    ]


def _needles(placed: PlacedNeedle, plane: ViewPlane) -> Markup:
    lines = [_line(placed.needle, plane, FOUND_INK)]
    if placed.planned is not None:
        lines.insert(0, _line(placed.planned.needle, plane, PLANNED_INK))
    return Markup("").join(lines)


def _line(needle: Needle, plane: ViewPlane, ink: Ink) -> Markup:
    """The axis, projected on the picture, with a ring about the tip."""
    (row, column), (tip_row, tip_column) = (
        (plane.row_column(point)[0] + 0.5) * plane.pixel_mm for point in (needle.entry, needle.tip)
    )
    dash = Markup(' stroke-dasharray="{}"').format(ink.dash) if ink.dash else ""
    return Markup(
        '<path class="ink" d="M{x} {y}L{tx} {ty}" stroke="{colour}"{dash}/>'
        '<circle class="ink" cx="{tx}" cy="{ty}" r="1.8" stroke="{colour}"/>'
    ).format(
        x=f"{column:.1f}",
        y=f"{row:.1f}",
        tx=f"{tip_column:.1f}",
        ty=f"{tip_row:.1f}",
        colour=ink.colour,
        dash=dash,
    )
