"""The pictures of one planned needle: along it, down its barrel, and the CT slices to find."""

from dataclasses import replace

import numpy as np
from markupsafe import Markup

from sacroplasty.adapters.report.depth_ticks import DepthMark, draw_ticks
from sacroplasty.adapters.report.needle_planes import (
    PIXEL_MM,
    plane_across,
    plane_name,
    planes_holding,
)
from sacroplasty.adapters.report.outlines import (
    draw_needle,
    draw_outlines,
    draw_structures,
    place_mm,
)
from sacroplasty.adapters.report.palette import NEEDLE
from sacroplasty.adapters.report.picture import Letters, Picture, frame_svg
from sacroplasty.adapters.report.plan_words import beside_midline, depth_marks, slice_text
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import side_phrase
from sacroplasty.adapters.report.slices import window_hu
from sacroplasty.geometry import Points
from sacroplasty.imaging import AIR_HU, ViewPlane, axial_plane, edge_letters, reslice
from sacroplasty.planning import PlannedNeedle, TrajectoryPlan

_MARGIN_MM = 12.0


def along_pictures(scene: Scene, plan: TrajectoryPlan, planned: PlannedNeedle) -> list[Picture]:
    """Two cuts that hold the whole axis, with the depths as ticks."""
    marks = depth_marks(plan, planned)
    planes = planes_holding(planned.needle, marks[-1].depth_mm)
    return [_along(scene, planned, plane, marks) for plane in planes]


def barrel_pictures(scene: Scene, plan: TrajectoryPlan, planned: PlannedNeedle) -> list[Picture]:
    """Cuts across the needle at the cortex, halfway to the target, and at the target."""
    cortex, target = planned.bone_entry_depth_mm, planned.needle.length_mm
    places = (
        ("where it enters bone", cortex),
        ("halfway through bone", (cortex + target) / 2),
        ("at the target", target),
    )
    margin_mm = plan.margins.neural_mm
    return [_barrel(scene, planned, margin_mm, *place) for place in places]


def slice_pictures(scene: Scene, plan: TrajectoryPlan, planned: PlannedNeedle) -> list[Picture]:
    """The axial CT slices through skin entry and target, with this needle alone."""
    needle, scene = planned.needle, replace(scene, needles=(planned,))
    start = depth_marks(plan, planned)[0].says
    at_entry, at_target = (_axial(scene, planned, point) for point in (needle.entry, needle.tip))
    entry = _framed(
        scene,
        at_entry,
        draw_outlines(scene, at_entry, with_cement=False) + _offset(scene, planned, at_entry),
        f"Axial slice of the {start} entry",
        f"{slice_text(planned).capitalize()}. The entry lies {beside_midline(planned)}; broken line: "
        "midline of the sacrum.",
    )
    depth = f"{needle.length_mm:.0f} mm deep"
    tip_mm = f"{float(needle.tip.single[2]):.1f}".replace("-", "−")
    target = _framed(
        scene,
        at_target,
        draw_outlines(scene, at_target, with_cement=False),
        "Axial slice of the target",
        f"Slice z {tip_mm} mm, target {depth}. Dotted: the way to it, projected.",
    )
    return [entry, target]


def _along(
    scene: Scene, planned: PlannedNeedle, plane: ViewPlane, marks: tuple[DepthMark, ...]
) -> Picture:
    overlay = draw_structures(scene, plane)
    for other in scene.needles:
        overlay += draw_needle(other.needle, plane)
    overlay += draw_ticks(planned.needle, plane, marks, planned.side.sign)
    title = f"Along {planned.name}, {plane_name(plane)} plane"
    caption = f"{side_phrase(planned.side).capitalize()}. Depths from the {marks[0].says}."
    return _framed(scene, plane, overlay, title, caption)


def _barrel(
    scene: Scene, planned: PlannedNeedle, margin_mm: float, where: str, depth_mm: float
) -> Picture:
    plane = plane_across(planned.needle, depth_mm)
    y, x = (edge * plane.pixel_mm / 2 for edge in plane.shape)
    radius = planned.needle.gauge.outer_diameter_mm / 2
    rings = Markup(
        '<circle class="shaft" cx="{x}" cy="{y}" r="{r}" fill="{ink}" stroke="{ink}"/>'
        '<circle class="margin" cx="{x}" cy="{y}" r="{m}"/>'
    ).format(
        x=f"{x:.2f}",
        y=f"{y:.2f}",
        r=f"{radius:.2f}",
        m=f"{radius + margin_mm:.2f}",
        ink=NEEDLE.colour,
    )
    overlay = draw_structures(scene, plane) + rings
    title = f"Down the barrel {where}, {depth_mm:.0f} mm deep"
    return _framed(scene, plane, overlay, title, "Seen from the hub, as the operator looks.")


def _axial(scene: Scene, planned: PlannedNeedle, through: Points) -> ViewPlane:
    """An axial window that holds the sacrum and this needle."""
    low, high = scene.sacrum_box
    shown = np.stack([p.single for p in (low, high, planned.needle.entry, planned.needle.tip)])
    first, last = shown.min(axis=0) - _MARGIN_MM, shown.max(axis=0) + _MARGIN_MM
    centre = (first + last) / 2
    centre[2] = through.single[2]
    width, height, _ = last - first
    return axial_plane(Points(centre, scene.ct.frame), (height, width), PIXEL_MM)


def _offset(scene: Scene, planned: PlannedNeedle, plane: ViewPlane) -> Markup:
    """The midline of the sacrum, and how far beside it the entry lies."""
    x, y = place_mm(plane, planned.needle.entry)
    lateral = planned.guidance.lateral_offset_mm * planned.side.sign
    # In an axial picture a step to the patient's left is one to the right.
    midline_x = x - lateral
    normal = scene.sacrum.scanner_from_sacrum.rotation[:, 0]
    lean = -float(normal[1] / normal[0])
    height = plane.shape[0] * plane.pixel_mm
    return Markup(
        '<path class="midline" d="M{} 0L{} {}"/><path class="measure" d="M{} {}H{}"/>'
        '<circle class="tip" cx="{}" cy="{}" r="2.6"/>'
        '<text class="depth" x="{}" y="{}" text-anchor="middle">{} mm</text>'
    ).format(
        f"{midline_x - y * lean:.1f}",
        f"{midline_x + (height - y) * lean:.1f}",
        f"{height:.1f}",
        f"{midline_x:.1f}",
        f"{y:.1f}",
        f"{x:.1f}",
        f"{x:.1f}",
        f"{y:.1f}",
        f"{(x + midline_x) / 2:.1f}",
        f"{y - 3.0:.1f}",
        f"{abs(lateral):.0f}",
    )


def _framed(scene: Scene, plane: ViewPlane, overlay: Markup, title: str, caption: str) -> Picture:
    grey = window_hu(reslice(scene.ct, plane, outside=AIR_HU))
    alt = f"CT. {title}. {caption}"
    letters = Letters.of(edge_letters(plane))
    return Picture(frame_svg(grey, plane.pixel_mm, letters, overlay, alt), title, caption, alt)
