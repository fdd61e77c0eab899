"""A picture of the page: pixels as PNG, drawn-over lines and letters as SVG in mm."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sacroplasty.adapters.report.png import data_uri
from sacroplasty.imaging import EdgeLetters

SCALE_BAR_MM = 20.0
# Text sizes and insets are shares of the picture's width, so that all pictures read alike.
_LETTER_SHARE = 0.042


@dataclass(frozen=True, slots=True)
class Picture:
    """One figure: `svg` as markup, what it shows (`title`), what to see (`caption`), `alt` text."""

    svg: Markup
    title: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters for the four edges; empty ones are left out."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""

    @classmethod
    def of(cls, edges: EdgeLetters) -> "Letters":
        """The same letters as a cut's edges."""
        return cls(edges.left, edges.right, edges.top, edges.bottom)


def frame_svg(
    pixels: NDArray[np.uint8], pixel_mm: float, letters: Letters, overlay: Markup, alt: str
) -> Markup:
    """`pixels` with `overlay` (SVG in mm from the top left corner), letters and a scale bar."""
    height, width = (n * pixel_mm for n in pixels.shape[:2])
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-label="{alt}" style="--fs:{fs}px">'
        '<image href="{data}" width="{w}" height="{h}" preserveAspectRatio="none"/>'
        '<g class="overlay">{overlay}</g>{letters}{bar}</svg>'
    ).format(
        w=f"{width:.1f}",
        h=f"{height:.1f}",
        alt=alt,
        fs=f"{width * _LETTER_SHARE:.2f}",
        data=data_uri(pixels),
        overlay=overlay,
        letters=_letters(letters, width, height),
        bar=_scale_bar(width, height),
    )


def to_grey(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """`values` windowed: `low` and below black, `high` and above white."""
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(np.round(share * 255.0), dtype=np.uint8)


def _letters(letters: Letters, width: float, height: float) -> Markup:
    size = width * _LETTER_SHARE
    inset = 0.4 * size
    places = (
        (letters.left, inset, height / 2, "start"),
        (letters.right, width - inset, height / 2, "end"),
        (letters.top, width / 2, inset + 0.8 * size, "middle"),
        (letters.bottom, width / 2, height - inset, "middle"),
    )
    return Markup("").join(
        Markup('<text class="edge" x="{}" y="{}" text-anchor="{}">{}</text>').format(
            f"{x:.1f}", f"{y:.1f}", anchor, letter
        )
        for letter, x, y, anchor in places
        if letter
    )


def _scale_bar(width: float, height: float) -> Markup:
    size = width * _LETTER_SHARE
    x, y = 0.5 * size, height - 0.6 * size
    tick = 0.2 * size
    return Markup(
        '<path class="bar" d="M{x} {up}V{down}M{x} {y}H{end}M{end} {up}V{down}"/>'
        '<text class="bar-says" x="{x}" y="{text}">20 mm</text>'
    ).format(
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        up=f"{y - tick:.1f}",
        down=f"{y + tick:.1f}",
        end=f"{x + SCALE_BAR_MM:.1f}",
        text=f"{y - 0.45 * size:.1f}",
    )
