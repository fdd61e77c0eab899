"""What matters most: a bar from the chance in the lowest third of a number to that in the highest."""

from markupsafe import Markup

from sacroplasty.adapters.report.percent_rows import PERCENT, PercentRows
from sacroplasty.injection import Influence

_RIGHT = 60.0


def tornado_chart(bars: tuple[Influence, ...]) -> Markup:
    """A row per number, the longest bar first; an open dot is its lowest third, a full one its highest."""
    shares = [PERCENT * c.share for bar in bars for c in (bar.low_third, bar.high_third)]
    frame = PercentRows(len(bars), _RIGHT, max(shares))
    longest = bars[0]
    return frame.framed(
        [_row(bar, n, frame) for n, bar in enumerate(bars)],
        "tornado",
        f"What matters most is {longest.number}: {PERCENT * longest.low_third.share:.0f} % in its "
        f"lowest third, {PERCENT * longest.high_third.share:.0f} % in its highest.",
        "foraminal or canal leak, % of members",
    )


def _row(bar: Influence, index: int, frame: PercentRows) -> Markup:
    y = frame.y(index)
    low, high = (frame.x(c.share) for c in (bar.low_third, bar.high_third))
    return Markup(
        '<text class="row-says" x="{}" y="{}" text-anchor="end">{}</text>'
        '<path class="interval {}" d="M{} {}H{}"/><circle class="third low" cx="{}" cy="{}" r="4.5"/>'
        '<circle class="share" cx="{}" cy="{}" r="4"/>'
    ).format(
        frame.words_x,
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
