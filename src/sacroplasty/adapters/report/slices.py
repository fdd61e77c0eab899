"""The CT pictures: axial, sagittal and coronal cuts, and two cuts along every needle."""

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sacroplasty.adapters.report.outlines import draw_outlines
from sacroplasty.adapters.report.picture import Letters, Picture, frame_svg, to_grey
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import clearance_phrase, side_phrase
from sacroplasty.geometry import Points
from sacroplasty.imaging import (
    AIR_HU,
    ViewPlane,
    axial_plane,
    edge_letters,
    reslice,
    sagittal_plane,
)
from sacroplasty.planning import Needle, PlannedNeedle

# The bone window that the captions state.
WINDOW_HU, LEVEL_HU = 1800.0, 400.0
PIXEL_MM = 0.5
# What is shown around the sacrum and the needles, and the largest picture edge.
_MARGIN_MM = 12.0
_LARGEST_MM = 210.0
_ALONG_MARGIN_MM = 22.0
_SAME_LEVEL_MM = 0.3
_NO_MARK = Markup("")


def standard_cuts(scene: Scene) -> list[Picture]:
    """Axial and sagittal through every tip, sagittal through the midline, oblique coronal."""
    pictures = []
    for at_level in _by_tip_level(scene.needles):
        cut = axial_plane(*_window(scene, at_level[0].needle.tip, axes=(1, 0)))
        title = f"Axial through the tip of {' and '.join(planned.name for planned in at_level)}"
        caption = " ".join(_tip_caption(planned) for planned in at_level)
        pictures.append(cut_picture(scene, cut, title, caption))
    for planned in scene.needles:
        cut = sagittal_plane(*_window(scene, planned.needle.tip, axes=(2, 1)))
        title = f"Sagittal through the tip of {planned.name}"
        pictures.append(cut_picture(scene, cut, title, _tip_caption(planned)))
    pictures.append(midline_cut(scene))
    if scene.needles:
        pictures.append(_oblique_coronal(scene))
    return pictures


def _by_tip_level(needles: tuple[PlannedNeedle, ...]) -> list[list[PlannedNeedle]]:
    """Needles whose tips lie so near one axial plane that one picture shows them all."""
    levels: list[list[PlannedNeedle]] = []
    for planned in needles:
        height = planned.needle.tip.single[2]
        if levels and abs(levels[-1][0].needle.tip.single[2] - height) < _SAME_LEVEL_MM:
            levels[-1].append(planned)
        else:
            levels.append([planned])
    return levels


def needle_cuts(scene: Scene, planned: PlannedNeedle) -> list[Picture]:
    """Two cuts at right angles that hold the needle's axis, before and after the cement."""
    pictures = []
    for name, plane in zip(("first", "second"), planes_along(planned.needle), strict=True):
        for after in (False, True):
            when = "after injection" if after else "plan"
            title = f"{planned.name}, {name} plane along the needle, {when}"
            caption = f"From entry to tip, {planned.needle.length_mm:.0f} mm. " + (
                "Orange: simulated cement."
                if after
                else f"Bone begins {planned.bone_entry_depth_mm:.0f} mm below the entry."
            )
            pictures.append(cut_picture(scene, plane, title, caption, with_cement=after))
    return pictures


def planes_along(needle: Needle) -> tuple[ViewPlane, ViewPlane]:
    """Two pictures at right angles, both holding the axis, turned the way a reader expects.

    The first is as axial as it can be (short-axis needle, from the back) or coronal (long-axis
    needle, from below): patient's left on the viewer's right. The second is the sagittal-like one:
    head on top, anterior on the viewer's left. Both are 2 × 22 mm wider than the needle is long.
    """
    axis = needle.direction
    across = np.array([1.0, 0.0, 0.0]) - axis[0] * axis
    if np.linalg.norm(across) < 0.2:  # a transverse needle: no left-right direction is left over
        across = np.array([0.0, 1.0, 0.0]) - axis[1] * axis
    across /= np.linalg.norm(across)
    middle = Points((needle.entry.single + needle.tip.single) / 2, needle.frame)
    length = needle.length_mm + 2 * _ALONG_MARGIN_MM
    size = (length, max(length, 90.0))
    down = axis if axis[1] - axis[2] > 0 else -axis
    first = ViewPlane.spanning(middle, across, down, size, PIXEL_MM)
    third = np.cross(axis, across)
    upright = abs(axis[2]) > abs(axis[1])
    dorsal, caudal = (third, axis) if upright else (axis, third)
    right = dorsal if dorsal[1] > 0 else -dorsal
    caudal = caudal if caudal[2] < 0 else -caudal
    size = (length, max(length, 90.0)) if upright else (max(length, 90.0), length)
    return first, ViewPlane.spanning(middle, right, caudal, size, PIXEL_MM)


def window_hu(hu: NDArray[np.float64]) -> NDArray[np.uint8]:
    """HU in the stated bone window as grey."""
    return to_grey(hu, LEVEL_HU - WINDOW_HU / 2, LEVEL_HU + WINDOW_HU / 2)


def cut_picture(
    scene: Scene,
    plane: ViewPlane,
    title: str,
    caption: str,
    *,
    with_cement: bool = True,
    mark: Markup = _NO_MARK,
) -> Picture:
    """The CT in a plane with everything that is drawn over it, `mark` (SVG in mm) on top."""
    grey = window_hu(reslice(scene.ct, plane, outside=AIR_HU))
    overlay = draw_outlines(scene, plane, with_cement=with_cement) + mark
    alt = f"CT. {title}. {caption}"
    letters = Letters.of(edge_letters(plane))
    return Picture(frame_svg(grey, plane.pixel_mm, letters, overlay, alt), title, caption, alt)


def _window(
    scene: Scene, through: Points, axes: tuple[int, int]
) -> tuple[Points, tuple[float, float], float]:
    """Centre, size (height, width) and pixel of a cut through a point that shows all that matters.

    axes: the LPS axes along the picture's height and width.
    """
    low, high = (corner.single for corner in scene.sacrum_box)
    ends = [p.single for n in scene.needles for p in (n.needle.entry, n.needle.tip)]
    low = np.min([low, *ends], axis=0) - _MARGIN_MM
    high = np.max([high, *ends], axis=0) + _MARGIN_MM
    centre = (low + high) / 2
    fixed = 3 - sum(axes)
    centre[fixed] = through.single[fixed]
    height, width = (min(float(high[a] - low[a]), _LARGEST_MM) for a in axes)
    return Points(centre, scene.ct.frame), (height, width), PIXEL_MM


def midline_cut(scene: Scene) -> Picture:
    """The sacrum's own midline plane, seen from the patient's left."""
    left, dorsal, cranial = scene.sacrum.scanner_from_sacrum.rotation.T
    endplate = scene.sacrum.scanner_from_sacrum.translation
    plane = _sacral_plane(scene, endplate, left, dorsal, -cranial)
    caption = "In the sacrum's own axes, through the centre of the S1 endplate."
    return cut_picture(scene, plane, "Midline sagittal", caption)


def _oblique_coronal(scene: Scene) -> Picture:
    """Along the sacrum's own axes, through the middle of the needle tips, seen from the front."""
    tips = np.array([planned.needle.tip.single for planned in scene.needles])
    left, dorsal, cranial = scene.sacrum.scanner_from_sacrum.rotation.T
    plane = _sacral_plane(scene, tips.mean(axis=0), dorsal, left, -cranial)
    caption = "Along the S1–S2 axis of the sacrum, seen from the front."
    return cut_picture(scene, plane, "Oblique coronal through the needle tips", caption)


def _sacral_plane(
    scene: Scene,
    through: NDArray[np.float64],
    normal: NDArray[np.float64],
    right: NDArray[np.float64],
    down: NDArray[np.float64],
) -> ViewPlane:
    """A square plane that holds the whole sacrum; its normal and axes are unit vectors in LPS."""
    low, high = (corner.single for corner in scene.sacrum_box)
    centre = (low + high) / 2
    centre = centre + normal * float((through - centre) @ normal)
    edge = min(float(max(high - low)) + 2 * _MARGIN_MM, _LARGEST_MM)
    return ViewPlane.spanning(Points(centre, scene.ct.frame), right, down, (edge, edge), PIXEL_MM)


def _tip_caption(planned: PlannedNeedle) -> str:
    return f"{side_phrase(planned.side).capitalize()}, {planned.level}: {clearance_phrase(planned)}"
