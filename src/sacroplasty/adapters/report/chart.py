"""Line charts as SVG whose ink follows the page's own colours."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

_WIDTH, _HEIGHT = 500.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 44.0, 40.0
# More points than pixels add bytes, not detail.
_MOST_POINTS = 700


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """One curve. `style` is a class of the style sheet: "solid" or "dashed"."""

    says: str
    y: NDArray[np.float64]
    style: str = "solid"


@dataclass(frozen=True, slots=True)
class Span:
    """A shaded stretch of the horizontal axis with its name."""

    start: float
    end: float
    says: str


def line_chart(
    x: NDArray[np.float64],
    lines: list[Line],
    spans: list[Span],
    axes: tuple[str, str],
    alt: str,
) -> Markup:
    """A chart of `lines` over `x`; both axes start at 0. axes: names with units, (x, y)."""
    x_ticks = _ticks(float(x.max()))
    y_ticks = _ticks(max(float(line.y.max()) for line in lines))
    box = _Box(max(float(x.max()), 1e-9), y_ticks[-1])
    parts = [_span(span, i, box) for i, span in enumerate(spans)]
    parts += [_y_tick(t, box) for t in y_ticks] + [_x_tick(t, box) for t in x_ticks]
    parts += [_curve(x, line, box) for line in lines]
    parts.append(_titles(axes))
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(f"{_WIDTH:g}", f"{_HEIGHT:g}", alt, Markup("").join(parts))


@dataclass(frozen=True, slots=True)
class _Box:
    """Where data land on the page."""

    x_max: float
    y_max: float

    def x(self, value: float) -> float:
        return _LEFT + value / self.x_max * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value / self.y_max * (_HEIGHT - _TOP - _BOTTOM)


def _ticks(largest: float) -> list[float]:
    ticks = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(0.0, max(largest, 1e-9))
    return [float(t) for t in ticks if t >= 0]


def _span(span: Span, index: int, box: _Box) -> Markup:
    left, right = box.x(span.start), box.x(span.end)
    return Markup(
        '<rect class="span span-{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="span-says" x="{}" y="{}" text-anchor="middle">{}</text>'
    ).format(
        index % 2,
        f"{left:.1f}",
        f"{_TOP:g}",
        f"{right - left:.1f}",
        f"{_HEIGHT - _TOP - _BOTTOM:g}",
        f"{(left + right) / 2:.1f}",
        f"{_TOP - 8:g}",
        span.says,
    )


def _y_tick(value: float, box: _Box) -> Markup:
    y = box.y(value)
    return Markup(
        '<path class="rule" d="M{} {}H{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
    ).format(
        f"{_LEFT:g}",
        f"{y:.1f}",
        f"{_WIDTH - _RIGHT:g}",
        f"{_LEFT - 8:g}",
        f"{y + 4:.1f}",
        f"{value:g}",
    )


def _x_tick(value: float, box: _Box) -> Markup:
    if value > box.x_max * 1.0001:
        return Markup("")
    return Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        f"{box.x(value):.1f}", f"{_HEIGHT - _BOTTOM + 17:g}", f"{value:g}"
    )


def _curve(x: NDArray[np.float64], line: Line, box: _Box) -> Markup:
    keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_POINTS)).round().astype(int))
    points = " ".join(
        f"{box.x(a):.1f},{box.y(b):.1f}" for a, b in zip(x[keep], line.y[keep], strict=True)
    )
    middle = len(x) // 2
    return Markup(
        '<polyline class="curve {}" points="{}"/><text class="curve-says" x="{}" y="{}">{}</text>'
    ).format(
        line.style, points, f"{box.x(x[middle]):.1f}", f"{box.y(line.y[middle]) - 8:.1f}", line.says
    )


def _titles(axes: tuple[str, str]) -> Markup:
    return Markup(
        '<text class="axis-says" x="{}" y="{}" text-anchor="end">{}</text>'
        '<text class="axis-says" x="4" y="{}">{}</text>'
    ).format(f"{_WIDTH - _RIGHT:g}", f"{_HEIGHT - 4:g}", axes[0], "14", axes[1])
