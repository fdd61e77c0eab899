"""Letters on pixels, with the typeface that comes with matplotlib: the same on every machine."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sacroplasty.adapters.report.palette import Ink
from sacroplasty.adapters.report.picture import SCALE_BAR_MM
from sacroplasty.imaging import EdgeLetters

RGB = NDArray[np.uint8]
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_EDGE_SIZE, _NAME_SIZE = 17, 12
_INSET = 5


@dataclass(frozen=True, slots=True)
class Marks:
    """What is written on one picture.

    bar_pixels: length of the scale bar. rings: (row, column) of what is ringed, ring_pixels wide.
    """

    letters: EdgeLetters
    name: str
    bar_pixels: int
    ring_pixels: int
    rings: tuple[tuple[float, float], ...] = ()


def write_marks(picture: RGB, marks: Marks, ink: Ink) -> RGB:
    """The picture with a letter on each edge, its name, a scale bar, and rings in an ink."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    width, height = image.size
    letters = marks.letters
    places = (
        (letters.left, (_INSET, height // 2), "lm"),
        (letters.right, (width - _INSET, height // 2), "rm"),
        (letters.top, (width // 2, _INSET), "mt"),
        (letters.bottom, (width // 2, height - _INSET), "mb"),
    )
    for letter, place, anchor in places:
        _write(draw, place, letter, _EDGE_SIZE, anchor, bold=True)
    _write(draw, (_INSET, height - _INSET), marks.name, _NAME_SIZE, "lb")
    right, low = width - _INSET, height - _INSET - 3
    draw.line([(right - marks.bar_pixels, low), (right, low)], fill=_WHITE, width=2)
    _write(draw, (right, low - 4), f"{SCALE_BAR_MM:g} mm", _NAME_SIZE - 1, "rb")
    radius = marks.ring_pixels / 2
    for row, column in marks.rings:
        box = (column - radius, row - radius, column + radius, row + radius)
        draw.ellipse(box, outline=ink.colour, width=2)
    return np.asarray(image)


def write_lines(picture: RGB, lines: list[str], size: int, top: int) -> RGB:
    """The picture with lines of text at its left, the first one bold, from row `top` on."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        _write(draw, (8, top + row * round(1.5 * size)), line, size, "lt", bold=row == 0)
    return np.asarray(image)


def _write(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, size: int, anchor: str,
    *, bold: bool = False,
) -> None:  # fmt: skip
    draw.text(
        place, text, fill=_WHITE, font=_font(size, bold), anchor=anchor, stroke_width=1,
        stroke_fill=_BLACK,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
