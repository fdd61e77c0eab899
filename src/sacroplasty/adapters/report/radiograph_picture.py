"""Radiographs as pictures: bone is white, and one window serves a view before and after cement."""

from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sacroplasty.adapters.report.atomic import write_atomically
from sacroplasty.adapters.report.picture import Letters, Picture, frame_svg, to_grey
from sacroplasty.adapters.report.png import encode_png
from sacroplasty.fluoroscopy import CArmPose, Radiograph
from sacroplasty.imaging import direction_letters
from sacroplasty.pathway import View

# The window spans these percentiles of the pixels that the patient covers: those above a share of
# the brightest. Air beside the patient would otherwise take half of the greys.
_DARKEST_PERCENT, _BRIGHTEST_PERCENT = 5.0, 99.8
_COVERED_SHARE = 0.1
_LEAST_WINDOW = 1e-3
# Below this a difference is rounding of float32, not cement.
_LEAST_ADDED = 0.01


def write_radiograph_png(
    path: Path, radiograph: Radiograph, *, window_of: Radiograph | None = None
) -> None:
    """Write a radiograph as 8-bit grey PNG, bone white.

    The window is that of `window_of` (the view before the cement), so that two pictures of one
    view can be compared; without it, of the radiograph itself. Line integrals are never changed.
    """
    low, high = display_window(window_of or radiograph)
    write_atomically(path, encode_png(to_grey(_integrals(radiograph), low, high)))


def display_window(radiograph: Radiograph) -> tuple[float, float]:
    """Line integrals (dimensionless) shown as black and as white."""
    integrals = _integrals(radiograph)
    high = float(np.percentile(integrals, _BRIGHTEST_PERCENT))
    covered = integrals[integrals > _COVERED_SHARE * high]
    low = float(np.percentile(covered, _DARKEST_PERCENT)) if covered.size else 0.0
    return low, max(high, low + _LEAST_WINDOW)


def radiograph_pictures(view: View) -> list[Picture]:
    """One view before and after the cement, and what the cement added."""
    low, high = display_window(view.before)
    before, after = _integrals(view.before), _integrals(view.after)
    added = after - before
    most = float(added.max())
    name = view.before.pose.name
    stated = f"window {low:.1f} to {high:.1f} (line integral)"
    pictures = [
        _picture(to_grey(before, low, high), view, f"{name}, before", f"Before cement; {stated}."),
        _picture(to_grey(after, low, high), view, f"{name}, after", f"After cement; {stated}."),
    ]
    if most > _LEAST_ADDED:
        caption = f"After less before: cement adds at most {most:.2f} to the line integral."
        pictures.append(_picture(to_grey(added, 0.0, most), view, f"{name}, difference", caption))
    return pictures


def pose_sentence(pose: CArmPose) -> str:
    """Where source and detector stand, in numbers."""
    source, detector = pose.source.single, pose.detector_centre.single
    beam = float(np.linalg.norm(detector - source))
    rows, columns = pose.shape
    return (
        f"{pose.name}: source at ({_triple(source)}) mm, detector centre at ({_triple(detector)}) mm "
        f"LPS, {beam:.0f} mm apart; {columns} × {rows} pixels of {pose.pixel_mm:g} mm. "
        "The scale bar holds at the detector."
    )


def _picture(grey: NDArray[np.uint8], view: View, title: str, caption: str) -> Picture:
    pose = view.before.pose
    letters = Letters(
        left=direction_letters(-pose.right),
        right=direction_letters(pose.right),
        top=direction_letters(-pose.down),
        bottom=direction_letters(pose.down),
    )
    alt = f"Simulated radiograph. {title}. {caption}"
    return Picture(frame_svg(grey, pose.pixel_mm, letters, Markup(""), alt), title, caption, alt)


def _integrals(radiograph: Radiograph) -> NDArray[np.float64]:
    return radiograph.line_integrals.astype(np.float64)


def _triple(xyz: NDArray[np.float64]) -> str:
    return ", ".join(f"{x:.0f}".replace("-", "−") for x in np.round(xyz) + 0.0)
