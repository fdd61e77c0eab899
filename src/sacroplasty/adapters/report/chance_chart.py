"""Chances as dots with their 95 % intervals, a row each, as SVG."""

from markupsafe import Markup

from sacroplasty.adapters.report.percent_rows import PERCENT, PercentRows
from sacroplasty.adapters.report.plan_words import chance_text, percent_text
from sacroplasty.planning import Chance

_RIGHT = 132.0


def chance_chart(rows: list[tuple[str, Chance]], draws: int, of: str) -> Markup:
    """The rows from top to bottom; `of` names what was drawn so often, such as "placements"."""
    frame = PercentRows(
        len(rows), _RIGHT, max((PERCENT * chance.high for _, chance in rows), default=0.0)
    )
    says = ", ".join(f"{name} {percent_text(chance.share)}" for name, chance in rows)
    return frame.framed(
        [_row(name, chance, n, frame) for n, (name, chance) in enumerate(rows)],
        "risk",
        f"Of {draws} {of}: {says}.",
        f"share of {draws} {of}, %",
    )


def _row(name: str, chance: Chance, index: int, frame: PercentRows) -> Markup:
    y = frame.y(index)
    low, at, high = (frame.x(p) for p in (chance.low, chance.share, chance.high))
    return Markup(
        '<text class="row-says" x="{}" y="{}" text-anchor="end">{}</text>'
        '<path class="interval" d="M{} {}H{}"/><circle class="share" cx="{}" cy="{}" r="4"/>'
        '<text class="row-says" x="{}" y="{}">{}</text>'
    ).format(
        frame.words_x,
        f"{y + 4:.1f}",
        name,
        f"{low:.1f}",
        f"{y:.1f}",
        f"{high:.1f}",
        f"{at:.1f}",
        f"{y:.1f}",
        f"{frame.end_x + 14:g}",
        f"{y + 4:.1f}",
        chance_text(chance),
    )
