"""What matters most: a bar from the chance in the lowest third of a number to that in the highest."""

from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from sacroplasty.injection import Influence

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BOTTOM = 640.0, 232.0, 60.0, 10.0, 26.0, 40.0
_PERCENT = 100.0
_LEAST_FULL_SCALE = 5.0


def tornado_chart(bars: tuple[Influence, ...]) -> Markup:
    """A row per number, the longest bar first; an open dot is its lowest third, a full one its highest."""
    shares = [_PERCENT * c.share for bar in bars for c in (bar.low_third, bar.high_third)]
    largest = max(_LEAST_FULL_SCALE, *shares)
    ticks = [float(t) for t in MaxNLocator(nbins=5).tick_values(0.0, largest) if t >= 0]
    base = _TOP + _ROW * len(bars)
    parts = [_tick(t, ticks[-1], base) for t in ticks]
    parts += [_row(bar, n, ticks[-1]) for n, bar in enumerate(bars)]
    longest = bars[0]
    says = (
        f"What matters most is {longest.number}: {_PERCENT * longest.low_third.share:.0f} % in its "
        f"lowest third, {_PERCENT * longest.high_third.share:.0f} % in its highest."
    )
    return Markup(
        '<svg class="chart tornado" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<text class="axis-says" x="{}" y="{}" text-anchor="end">'
        "foraminal or canal leak, % of members</text></svg>"
    ).format(
        f"{_WIDTH:g}",
        f"{base + _BOTTOM:g}",
        says,
        Markup("").join(parts),
        f"{_WIDTH - _RIGHT:g}",
        f"{base + _BOTTOM - 5:g}",
    )


def _x(percent: float, full: float) -> float:
    return _LEFT + percent / full * (_WIDTH - _LEFT - _RIGHT)


def _tick(value: float, full: float, base: float) -> Markup:
    x = f"{_x(value, full):.1f}"
    return Markup(
        '<path class="rule" d="M{} {}V{}"/><text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>'
    ).format(x, f"{_TOP:g}", f"{base:g}", x, f"{base + 15:g}", f"{value:g}")


def _row(bar: Influence, index: int, full: float) -> Markup:
    y = _TOP + _ROW * (index + 0.5)
    low, high = (_x(_PERCENT * c.share, full) for c in (bar.low_third, bar.high_third))
    return Markup(
        '<text class="row-says" x="{}" y="{}" text-anchor="end">{}</text>'
        '<path class="interval {}" d="M{} {}H{}"/><circle class="third low" cx="{}" cy="{}" r="4.5"/>'
        '<circle class="share" cx="{}" cy="{}" r="4"/>'
    ).format(
        f"{_LEFT - 12:g}",
        f"{y + 4:.1f}",
        bar.number,
        "certain" if bar.is_certain else "faint",
        f"{low:.1f}",
        f"{y:.1f}",
        f"{high:.1f}",
        f"{low:.1f}",
        f"{y:.1f}",
        f"{high:.1f}",
        f"{y:.1f}",
    )
