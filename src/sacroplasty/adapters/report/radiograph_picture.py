"""Radiographs as pictures: bone is white, and one window serves a view before and after cement."""

from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sacroplasty.adapters.report.picture import Letters, Picture, frame_svg, to_grey
from sacroplasty.adapters.report.png import encode_png
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.fluoroscopy import CArmPose, Radiograph, Screen, to_display
from sacroplasty.imaging import direction_letters
from sacroplasty.pathway import View

# Below this a difference is rounding of float32, not cement.
_LEAST_ADDED = 0.01


def write_radiograph_png(path: Path, radiograph: Radiograph, *, windowed_like: Radiograph) -> None:
    """Write a radiograph as 8-bit grey PNG, bone white.

    Level and window are those of `windowed_like`, the patient alone, so that two pictures of one
    view can be compared. Line integrals are never changed.
    """
    screen = Screen.of(windowed_like)
    write_for_a_person(path, encode_png(to_display(screen.shown(radiograph), screen.window)))


def radiograph_pictures(view: View) -> list[Picture]:
    """One view before and after the cement, needles in both, and what the cement added."""
    screen = Screen.of(view.patient)
    window = screen.window
    added = view.after.line_integrals.astype(np.float64) - view.before.line_integrals
    most = float(added.max())
    name = view.before.pose.name
    stated = f"levelled, window {window.low:.1f} to {window.high:.1f} (line integral)"
    pictures = [
        _picture(
            to_display(screen.shown(view.before), window),
            view,
            f"{name}, before",
            f"Needles in place, no cement yet; {stated}.",
        ),
        _picture(
            to_display(screen.shown(view.after), window),
            view,
            f"{name}, after",
            f"After cement; {stated}.",
        ),
    ]
    if most > _LEAST_ADDED:
        what = (
            "cement adds" if view.withdraw_mm_per_ml == 0 else "cement and needles that moved add"
        )
        caption = f"After less before: {what} at most {most:.2f} to the line integral."
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


def _triple(xyz: NDArray[np.float64]) -> str:
    return ", ".join(f"{x:.0f}".replace("-", "−") for x in np.round(xyz) + 0.0)
