"""Chances as dots with their 95 % intervals, a row each, as SVG."""

from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from sacroplasty.adapters.report.plan_words import chance_text, percent_text
from sacroplasty.planning import Chance

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BOTTOM = 640.0, 232.0, 132.0, 10.0, 26.0, 40.0
# A chart of rare events must not look like one of frequent ones.
_LEAST_FULL_SCALE = 5.0
_PERCENT = 100.0


def chance_chart(rows: list[tuple[str, Chance]], draws: int, of: str) -> Markup:
    """The rows from top to bottom; `of` names what was drawn so often, such as "placements"."""
    largest = max(_LEAST_FULL_SCALE, *(_PERCENT * chance.high for _, chance in rows))
    ticks = [float(t) for t in MaxNLocator(nbins=5).tick_values(0.0, largest) if t >= 0]
    base = _TOP + _ROW * len(rows)
    parts = [_tick(t, ticks[-1], base) for t in ticks]
    parts += [_row(name, chance, n, ticks[-1]) for n, (name, chance) in enumerate(rows)]
    says = ", ".join(f"{name} {percent_text(chance.share)}" for name, chance in rows)
    return Markup(
        '<svg class="chart risk" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<text class="axis-says" x="{}" y="{}" text-anchor="end">share of {} {}, %</text>'
        "</svg>"
    ).format(
        f"{_WIDTH:g}",
        f"{base + _BOTTOM:g}",
        f"Of {draws} {of}: {says}.",
        Markup("").join(parts),
        f"{_WIDTH - _RIGHT:g}",
        f"{base + _BOTTOM - 5:g}",
        draws,
        of,
    )


def _x(percent: float, full: float) -> float:
    return _LEFT + percent / full * (_WIDTH - _LEFT - _RIGHT)


def _tick(value: float, full: float, base: float) -> Markup:
    x = f"{_x(value, full):.1f}"
    return Markup(
        '<path class="rule" d="M{} {}V{}"/><text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>'
    ).format(x, f"{_TOP:g}", f"{base:g}", x, f"{base + 15:g}", f"{value:g}")


def _row(name: str, chance: Chance, index: int, full: float) -> Markup:
    y = _TOP + _ROW * (index + 0.5)
    low, at, high = (_x(_PERCENT * p, full) for p in (chance.low, chance.share, chance.high))
    return Markup(
        '<text class="row-says" x="{}" y="{}" text-anchor="end">{}</text>'
        '<path class="interval" d="M{} {}H{}"/><circle class="share" cx="{}" cy="{}" r="4"/>'
        '<text class="row-says" x="{}" y="{}">{}</text>'
    ).format(
        f"{_LEFT - 12:g}",
        f"{y + 4:.1f}",
        name,
        f"{low:.1f}",
        f"{y:.1f}",
        f"{high:.1f}",
        f"{at:.1f}",
        f"{y:.1f}",
        f"{_WIDTH - _RIGHT + 14:g}",
        f"{y + 4:.1f}",
        chance_text(chance),
    )
