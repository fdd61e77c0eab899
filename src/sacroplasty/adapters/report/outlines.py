"""Outlines on a cut: structures, cement and needles as SVG paths in mm of the picture."""

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sacroplasty.adapters.report.palette import CEMENT, NEEDLE, Ink
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.geometry import Points
from sacroplasty.imaging import ViewPlane, reslice
from sacroplasty.planning import Needle, PlannedNeedle

# A tip farther than this from the cut is not named on it.
_NAMED_WITHIN_MM = 4.0
# Share of the picture that a name beside a tip takes, edge letter included.
_ROOM_FOR_NAME = 0.33


def draw_outlines(scene: Scene, plane: ViewPlane, *, with_cement: bool) -> Markup:
    """All overlays of one cut, back to front: structures, cement, needles, names."""
    parts = [draw_structures(scene, plane)]
    if with_cement and scene.cement is not None:
        parts.append(_cement(reslice(scene.cement, plane), plane))
    parts += [draw_needle(planned.needle, plane) for planned in scene.needles]
    parts += [_tip_name(planned, plane) for planned in scene.needles]
    return Markup("").join(parts)


def draw_structures(scene: Scene, plane: ViewPlane) -> Markup:
    """The outlines of the anatomy alone."""
    parts = [_outline(reslice(mask, plane), plane, ink) for ink, mask in scene.masks.items()]
    return Markup("").join(parts)


def contour_path(values: NDArray[np.float64], level: float, pixel_mm: float) -> str:
    """The lines where `values` (rows, columns) cross `level`, as an SVG path in mm; "" if none.

    The rim is set to the far side of the level, so that every line closes.
    """
    closed = np.pad(values, 1, constant_values=min(float(values.min()), level - 1.0))
    if float(closed.max()) <= level:
        return ""
    lines = Figure().add_subplot().contour(closed, levels=[level]).allsegs[0]
    return "".join(_path((line - 0.5) * pixel_mm) for line in lines if len(line) > 3)


def _path(line_mm: NDArray[np.float64]) -> str:
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in line_mm)
    return f"M{points}Z"


def _outline(inside: NDArray[np.float64], plane: ViewPlane, ink: Ink) -> Markup:
    path = contour_path(inside, 0.5, plane.pixel_mm)
    if not path:
        return Markup("")
    dash = Markup(' stroke-dasharray="{}"').format(ink.dash) if ink.dash else ""
    return Markup('<path class="ink" d="{}" stroke="{}"{}/>').format(path, ink.colour, dash)


def _cement(saturation: NDArray[np.float64], plane: ViewPlane) -> Markup:
    path = contour_path(saturation, 0.5, plane.pixel_mm)
    if not path:
        return Markup("")
    return Markup('<path class="cement" d="{}" fill="{}" stroke="{}"/>').format(
        path, CEMENT.colour, CEMENT.colour
    )


def depth_in_shaft_mm(needle: Needle, points: Points) -> NDArray[np.float64]:
    """How deep each point lies inside the shaft (a cylinder from entry to tip), negative outside."""
    offset = points.xyz - needle.entry.single
    along = offset @ needle.direction
    from_axis = np.linalg.norm(offset - along[:, None] * needle.direction, axis=1)
    radial = needle.gauge.outer_diameter_mm / 2 - from_axis
    return np.asarray(np.minimum(radial, np.minimum(along, needle.length_mm - along)))


def draw_needle(needle: Needle, plane: ViewPlane) -> Markup:
    """The shaft where the cut meets it (filled), and the whole axis projected on it (dotted)."""
    depth = depth_in_shaft_mm(needle, plane.points).reshape(plane.shape)
    shaft = contour_path(depth, 0.0, plane.pixel_mm)
    off_plane = np.abs([plane.behind_mm(needle.entry)[0], plane.behind_mm(needle.tip)[0]])
    if off_plane.min() > _NAMED_WITHIN_MM and not shaft:
        return Markup("")
    entry, tip = place_mm(plane, needle.entry), place_mm(plane, needle.tip)
    axis = Markup('<path class="axis" d="M{} {}L{} {}" stroke="{}"/>').format(
        *(f"{v:.1f}" for v in (*entry, *tip)), NEEDLE.colour
    )
    cut = Markup('<path class="shaft" d="{}" fill="{}" stroke="{}"/>').format(
        shaft, NEEDLE.colour, NEEDLE.colour
    )
    return cut if off_plane.max() < needle.gauge.outer_diameter_mm / 2 else axis + cut


def _tip_name(planned: PlannedNeedle, plane: ViewPlane) -> Markup:
    if abs(float(plane.behind_mm(planned.needle.tip)[0])) > _NAMED_WITHIN_MM:
        return Markup("")
    x, y = place_mm(plane, planned.needle.tip)
    # The name stands beside the tip, towards the nearer edge where there is room, else above it.
    width = plane.shape[1] * plane.pixel_mm
    to_right = x >= width / 2
    room = width - x if to_right else x
    beside = room > _ROOM_FOR_NAME * width
    shift = (4.0 if to_right else -4.0) if beside else 0.0
    return Markup(
        '<circle class="tip" cx="{}" cy="{}" r="2.2"/>'
        '<text class="name" x="{}" y="{}" text-anchor="{}">{} {}</text>'
    ).format(
        f"{x:.1f}",
        f"{y:.1f}",
        f"{x + shift:.1f}",
        f"{y - 1 if beside else y - 5:.1f}",
        ("start" if to_right else "end") if beside else "middle",
        planned.side.value,
        planned.level.value,
    )


def place_mm(plane: ViewPlane, point: Points) -> tuple[float, float]:
    """Where a point is drawn, (x, y) in mm from the picture's top left corner."""
    row, column = plane.row_column(point)[0]
    return float((column + 0.5) * plane.pixel_mm), float((row + 0.5) * plane.pixel_mm)
