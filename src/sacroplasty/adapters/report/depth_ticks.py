"""Depths along a needle as ticks with their mm, set so that no two labels meet."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sacroplasty.adapters.report.outlines import place_mm
from sacroplasty.geometry import Points
from sacroplasty.imaging import ViewPlane
from sacroplasty.planning import Needle

_TICK_MM = 3.2
_GAP_MM = 4.0
# As the style sheet sets `.depth`, in shares of the picture's width; a letter is about this wide.
_TEXT_SHARE = 0.036
_LINE = 1.3
_LETTER = 0.61
# A needle that rises less than this per mm to the side lies in the picture.
_LIES = 0.5


@dataclass(frozen=True, slots=True)
class DepthMark:
    """A place on the needle: how deep from its entry, and what is there."""

    depth_mm: float
    says: str

    @property
    def text(self) -> str:
        """As it is written beside the tick."""
        return f"{self.says} {self.depth_mm:.0f} mm"


@dataclass(frozen=True, slots=True)
class _Label:
    """A tick at `at` (x, y) with its text at `text_at`, mm of the picture; anchor as in SVG."""

    mark: DepthMark
    at: tuple[float, float]
    text_at: tuple[float, float]
    anchor: str = "start"


def draw_ticks(
    needle: Needle, plane: ViewPlane, marks: tuple[DepthMark, ...], outward: float
) -> Markup:
    """Ticks across the needle with labels; the way on from the tip as a broken line.

    outward: LPS x direction of the needle's own side, where labels hide the least.
    """
    height, width = (n * plane.pixel_mm for n in plane.shape)
    ends = np.array([place_mm(plane, needle.entry), place_mm(plane, needle.tip)])
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    placed = [(mark, _at(needle, plane, mark.depth_mm)) for mark in marks]
    steep = abs(along[1]) >= _LIES * abs(along[0])
    to_right = plane.right[0] * outward > 0 if abs(plane.right[0]) > 0.5 else True
    labels = _beside(placed, width, to_right=to_right) if steep else _stair(placed, width, height)
    return _way_on(placed, ends[1]) + Markup("").join(_drawn(label, along) for label in labels)


def _at(needle: Needle, plane: ViewPlane, depth_mm: float) -> tuple[float, float]:
    return place_mm(plane, Points(needle.entry.single + depth_mm * needle.direction, needle.frame))


def _beside(
    placed: list[tuple[DepthMark, tuple[float, float]]], width: float, *, to_right: bool
) -> list[_Label]:
    """One under the other beside an upright needle, on the wanted side where there is room."""
    line = _LINE * _TEXT_SHARE * width
    rows = sorted(placed, key=lambda row: row[1][1])
    heights = _spread([at[1] for _, at in rows], line)
    labels = []
    for (mark, (x, y)), text_y in zip(rows, heights, strict=True):
        reach, wide = _TICK_MM + _GAP_MM, _wide(mark, width)
        fits_right, fits_left = x + reach + wide < width - 1.0, x - reach - wide > 1.0
        if fits_right and (to_right or not fits_left):
            text_x, anchor = x + reach, "start"
        else:
            text_x, anchor = max(x - reach, wide + 1.0), "end"
        labels.append(_Label(mark, (x, y), (text_x, text_y + 0.3 * line), anchor))
    return labels


def _spread(wanted: list[float], least: float) -> list[float]:
    """Rising positions near the wanted ones, at least `least` apart, moved up and down alike."""
    spread = np.array(wanted)
    for _ in range(40):
        for low, high in pairwise(range(len(spread))):
            short = least - (spread[high] - spread[low])
            if short > 0:
                spread[low] -= short / 2
                spread[high] += short / 2
    return [float(y) for y in spread]


def _stair(
    placed: list[tuple[DepthMark, tuple[float, float]]], width: float, height: float
) -> list[_Label]:
    """Like stairs over (or under) a needle that lies in the picture; the rightmost is nearest."""
    line = _LINE * _TEXT_SHARE * width
    rows = sorted(placed, key=lambda row: -row[1][0])
    heights = [at[1] for _, at in rows]
    above = min(heights) > (len(rows) + 1) * line + _GAP_MM
    nearest = min(heights) - _TICK_MM - _GAP_MM if above else max(heights) + 3 * _GAP_MM
    step = -line if above else line
    return [
        _Label(mark, at, (_inside(at[0], mark, width), min(nearest + step * n, height - 1.0)))
        for n, (mark, at) in enumerate(rows)
    ]


def _wide(mark: DepthMark, width: float) -> float:
    return _LETTER * _TEXT_SHARE * width * len(mark.text)


def _inside(x: float, mark: DepthMark, width: float) -> float:
    return float(np.clip(x, 1.0, width - _wide(mark, width) - 1.0))


def _way_on(
    placed: list[tuple[DepthMark, tuple[float, float]]], tip: NDArray[np.float64]
) -> Markup:
    x, y = placed[-1][1]
    return Markup('<path class="way-on" d="M{} {}L{} {}"/>').format(
        *(f"{v:.1f}" for v in (*tip, x, y))
    )


def _drawn(label: _Label, along: NDArray[np.float64]) -> Markup:
    (x, y), (text_x, text_y) = label.at, label.text_at
    across = np.array([-along[1], along[0]]) * _TICK_MM
    tick = (x - across[0], y - across[1], x + across[0], y + across[1])
    towards = -0.8 if label.anchor == "start" else 0.8
    leader = (x, y, text_x + towards, text_y - 1.2)
    return Markup(
        '<path class="tick-mark" d="M{} {}L{} {}"/><path class="leader" d="M{} {}L{} {}"/>'
        '<text class="depth" x="{}" y="{}" text-anchor="{}">{}</text>'
    ).format(*(f"{v:.1f}" for v in (*tick, *leader, text_x, text_y)), label.anchor, label.mark.text)
