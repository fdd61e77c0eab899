"""The frame of a chart of percentages, one row each: scale below, words beside it, as SVG."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

_WIDTH, _LEFT, _TOP, _ROW, _BOTTOM = 640.0, 232.0, 10.0, 26.0, 40.0
# A chart of rare events must not look like one of frequent ones.
_LEAST_FULL_SCALE = 5.0
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class PercentRows:
    """rows: how many. right: room to the right of the scale. largest: what the scale must hold, %."""

    rows: int
    right: float
    largest: float

    @property
    def words_x(self) -> str:
        """Where the words to the left of the scale end."""
        return f"{_LEFT - 12:g}"

    @property
    def end_x(self) -> float:
        """The right end of the scale."""
        return _WIDTH - self.right

    def x(self, share: float) -> float:
        """Where a share of 0…1 stands."""
        return _LEFT + PERCENT * share / self._ticks[-1] * (self.end_x - _LEFT)

    def y(self, row: int) -> float:
        """The middle of a row, counted from the top."""
        return _TOP + _ROW * (row + 0.5)

    def framed(self, drawn: list[Markup], kind: str, aria: str, axis: str) -> Markup:
        """The whole chart. drawn: its rows. aria: what is read aloud. axis: what the scale says."""
        base = _TOP + _ROW * self.rows
        return Markup(
            '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
            '<text class="axis-says" x="{}" y="{}" text-anchor="end">{}</text></svg>'
        ).format(
            kind,
            f"{_WIDTH:g}",
            f"{base + _BOTTOM:g}",
            aria,
            Markup("").join([*(self._tick(t, base) for t in self._ticks), *drawn]),
            f"{self.end_x:g}",
            f"{base + _BOTTOM - 5:g}",
            axis,
        )

    @property
    def _ticks(self) -> list[float]:
        full = max(_LEAST_FULL_SCALE, self.largest)
        return [float(t) for t in MaxNLocator(nbins=5).tick_values(0.0, full) if t >= 0]

    def _tick(self, value: float, base: float) -> Markup:
        x = f"{self.x(value / PERCENT):.1f}"
        return Markup(
            '<path class="rule" d="M{} {}V{}"/>'
            '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>'
        ).format(x, f"{_TOP:g}", f"{base:g}", x, f"{base + 15:g}", f"{value:g}")
