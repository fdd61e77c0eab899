"""The odds of an injection as the page shows them: chances, the curve over the volume, what matters."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from sacroplasty.adapters.report.chance_chart import chance_chart
from sacroplasty.adapters.report.chart import Line, Span, line_chart
from sacroplasty.adapters.report.plan_words import chance_text, percent_text
from sacroplasty.adapters.report.sentences import SITE_WORDS, side_phrase
from sacroplasty.adapters.report.tornado_chart import tornado_chart
from sacroplasty.injection import LeakOdds, SafeVolume, Site

_PERCENT = 100.0
_CURVE_POINTS = 121
_MOST_BARS = 10


@dataclass(frozen=True, slots=True)
class OddsSection:
    """Sentences and charts; a chart that cannot be drawn is None."""

    says: list[str]
    chances: Markup
    curve: Markup
    tornado: Markup | None


def odds_section(odds: LeakOdds) -> OddsSection:
    """Everything the page says of the odds."""
    rows = [("any leak", odds.any_leak), ("foramen or canal", odds.neural)]
    rows += [(site_phrase(where), chance) for where, chance in odds.by_site.items()]
    bars = tuple(bar for bar in odds.tornado if bar.difference.mean != 0.0)[:_MOST_BARS]
    return OddsSection(
        says=[*_about(odds), _safe_sentence(odds)],
        chances=chance_chart(rows, odds.members, "members"),
        curve=_curve(odds),
        tornado=tornado_chart(bars) if bars else None,
    )


def site_phrase(where: Site) -> str:
    """Such as "foramen S1, patient's left"."""
    level = f" {where.level}" if where.level else ""
    side = f", {side_phrase(where.side)}" if where.side else ""
    return f"{SITE_WORDS[where.site]}{level}{side}"


def _about(odds: LeakOdds) -> list[str]:
    low, high = odds.delivered_ml.p05, odds.delivered_ml.p95
    return [
        f"The plan was carried out {odds.members} times, each time with needles, bone, veins, "
        f"cement and rate as they may turn out (seed {odds.settings.seed}).",
        f"Cement came out of the sacrum in {chance_text(odds.any_leak)}, into a foramen or the canal "
        f"in {chance_text(odds.neural)} of them (95 % interval). A leak counts from "
        f"{odds.settings.least_counted_ml:g} mL on, in a foramen or the canal at any volume.",
        f"In nine of ten members {low:.1f} to {high:.1f} mL went in; a tip lay outside the sacrum "
        f"in {percent_text(odds.misplaced.share)}.",
    ]


def _safe_sentence(odds: LeakOdds) -> str:
    safe = odds.onsets().safe_volume(odds.settings.neural_limit)
    limit = percent_text(safe.limit)
    planned = sum(odds.planned_ml)
    if safe.ml is None:
        return (
            f"In these members the whole volume of {planned:.1f} mL keeps the chance of a foraminal "
            f"or canal leak at or under {limit} ({_interval(safe)})."
        )
    return (
        f"The largest volume, all needles together, that keeps the chance of a foraminal or canal "
        f"leak at or under {limit} is {safe.ml:.1f} mL ({_interval(safe)}) of {planned:.1f} mL."
    )


def _interval(safe: SafeVolume) -> str:
    if safe.low_ml is None:
        return "95 % interval: the whole volume"
    low = f"{safe.low_ml:.1f} mL"
    high = "the whole volume" if safe.high_ml is None else f"{safe.high_ml:.1f} mL"
    return f"95 % interval {low} to {high}"


def _curve(odds: LeakOdds) -> Markup:
    """Chance of a neural leak by the volume that is in, with its interval."""
    onsets, planned = odds.onsets(), sum(odds.planned_ml)
    volumes = np.linspace(0.0, planned, _CURVE_POINTS)
    chances = [onsets.by_volume(float(ml)) for ml in volumes]
    share, low, high = (
        _PERCENT * np.array([getattr(c, name) for c in chances])
        for name in ("share", "low", "high")
    )
    safe = onsets.safe_volume(odds.settings.neural_limit).ml
    until = planned if safe is None else safe
    return line_chart(
        volumes,
        [Line("", share), Line("", low, "dashed"), Line("", high, "dashed")],
        [Span(0.0, until, "under the limit")] if until > 0 else [],
        ("cement in, all needles, mL", "chance, %"),
        f"Chance of a foraminal or canal leak by volume: {share[-1]:.0f} % at {planned:.1f} mL.",
    )
