"""Intervals that hold what they promise, and advice that says no more than the members do."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from box_patient import toy_grid
from sacroplasty.anatomy import Side
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.injection import (
    LeakOdds,
    MemberLeak,
    MemberRow,
    OddsSettings,
    OnsetOdds,
    Site,
    advise,
    compare,
    paired_chance,
    paired_mean,
)
from sacroplasty.leaks import LeakSite
from sacroplasty.planning import Chance

FORAMEN = Site(LeakSite.FORAMEN)


def row_of(member: int, onset_ml: float | None, **numbers: float) -> MemberRow:
    """A member whose only leak, if any, begins at a volume and is as large as a third of it."""
    leaks = () if onset_ml is None else (
        MemberLeak(FORAMEN, onset_ml / 3, onset_ml, 0, onset_ml, True),
    )  # fmt: skip
    return MemberRow(member, (5.0,), (True,), 0.1, 1.0, leaks, numbers, b"")


def odds_of(rows: list[MemberRow]) -> LeakOdds:
    """The odds of made-up rows of one needle with 5 mL."""
    return LeakOdds(
        tuple(rows), ("S1 ala left",), (5.0,), OddsSettings(members=len(rows)), toy_grid()
    )


@pytest.mark.parametrize("p", [0.02, 0.05, 0.12, 0.5])
def test_the_interval_of_a_chance_covers_it(p: float) -> None:
    n = 200
    hits = np.arange(n + 1)
    inside = np.array([(c := Chance.of(int(k), n)).low <= p <= c.high for k in hits])
    assert 0.92 < float(binom.pmf(hits, n, p)[inside].sum()) < 0.99


def test_the_interval_of_a_paired_difference_covers_it() -> None:
    rng = np.random.default_rng(4)
    n, p12, p21, both = 150, 0.02, 0.10, 0.1
    covered = 0
    for _ in range(1000):
        u = rng.random(n)
        first = u < both + p12
        second = (u < both) | ((u >= both + p12) & (u < both + p12 + p21))
        found = paired_chance(first, second).difference
        covered += found.low <= p21 - p12 <= found.high
    assert 0.93 < covered / 1000 <= 0.985


def test_pairing_narrows_the_interval() -> None:
    rng = np.random.default_rng(2)
    shared = rng.random(400)
    first, second = shared < 0.15, shared < 0.11
    paired = paired_chance(first, second).difference
    apart = paired_chance(first, rng.permutation(second)).difference
    assert paired.high - paired.low < 0.6 * (apart.high - apart.low)


def test_chance_in_six_members_is_not_certain_and_in_twenty_it_is() -> None:
    nothing = np.zeros(100, dtype=bool)
    few, many = nothing.copy(), nothing.copy()
    few[:4], many[:20] = True, True
    assert not paired_chance(few, nothing).is_certain
    assert paired_chance(many, nothing).is_certain
    assert not paired_chance(many, many).is_certain
    with pytest.raises(BadInput):
        paired_chance(few, nothing[:50])


def test_a_mean_difference_has_the_normal_interval() -> None:
    found = paired_mean(np.zeros(4), np.array([1.0, 2.0, 3.0, 4.0]))
    half = 1.959964 * math.sqrt(5 / 3) / 2
    assert (found.mean, found.low, found.high) == pytest.approx((2.5, 2.5 - half, 2.5 + half))


def test_the_safe_volume_is_the_quantile_of_the_onsets_and_its_interval_covers_it() -> None:
    # Exponential onsets with a mean of 40 mL: P(leak by V) = 1 − exp(−V/40), 5 % at 2.05 mL.
    rng, true = np.random.default_rng(0), -40.0 * math.log(0.95)
    covered, found = 0, []
    for _ in range(400):
        onsets = rng.exponential(40.0, 300)
        safe = OnsetOdds(np.where(onsets < 5.0, onsets, np.inf)).safe_volume(0.05)
        low = 0.0 if safe.low_ml is None else safe.low_ml
        high = math.inf if safe.high_ml is None else safe.high_ml
        covered += low <= true <= high
        found.append(safe.ml if safe.ml is not None else 5.0)
    assert 0.93 < covered / 400 <= 0.99
    assert np.median(found) == pytest.approx(true, rel=0.05)


def test_below_the_safe_volume_no_more_leak_than_the_limit_allows() -> None:
    onsets = OnsetOdds(np.array([1.0, 2.0, 3.0, *[np.inf] * 37]))
    safe = onsets.safe_volume(0.05)
    assert safe.ml == 3.0
    assert onsets.by_volume(safe.ml - 1e-9).share <= 0.05 < onsets.by_volume(safe.ml).share
    assert OnsetOdds(np.full(40, np.inf)).safe_volume(0.05).ml is None
    with pytest.raises(BadUsage):
        onsets.safe_volume(0.0)


def made_up(rng: np.random.Generator) -> LeakOdds:
    """Members whose leak depends on one number and not on the other."""
    rows = []
    for member in range(300):
        matters, idle = rng.standard_normal(2)
        leaks = rng.random() < 1 / (1 + math.exp(2.0 - 1.5 * matters))
        rows.append(row_of(member, 3.0 if leaks else None, matters=matters, idle=idle, fixed=1.0))
    return odds_of(rows)


def test_the_tornado_finds_the_number_that_matters() -> None:
    bars = made_up(np.random.default_rng(8)).tornado
    assert [bar.number for bar in bars] == ["matters", "idle"]
    assert bars[0].is_certain
    assert bars[0].difference.mean > 0.3
    assert bars[0].rank_correlation.low > 0.3 > bars[1].rank_correlation.high


def test_the_tornado_takes_an_idle_number_for_certain_as_rarely_as_it_says() -> None:
    rng = np.random.default_rng(1)
    false = [made_up(rng).tornado[1].is_certain for _ in range(60)]
    assert np.mean(false) < 0.12


def test_the_advice_stops_the_needle_before_it_leaks() -> None:
    rows = [row_of(m, 3.45 if m < 24 else 2.0 if m < 32 else None) for m in range(200)]
    advice = advise(odds_of(rows))
    assert advice.says == (
        "Inject at most 3.4 mL through needle S1 ala left (planned 5.0): "
        "P(foraminal or canal leak) falls from 16% (12%–22%) to 4% (2%–8%)."
    )
    assert advice.paired is not None
    assert advice.paired.only_first == 24


def test_the_advice_says_nothing_that_could_be_chance() -> None:
    rows = [row_of(m, 4.0 if m < 4 else None) for m in range(30)]
    advice = advise(odds_of(rows))
    assert advice.change is None
    assert "no change that was tried lowers it for certain in 30 members" in advice.says


def test_a_plan_under_its_limit_is_kept() -> None:
    advice = advise(odds_of([row_of(m, 4.0 if m < 2 else None) for m in range(100)]))
    assert advice.change is None
    assert advice.says.startswith("Keep the plan: P(foraminal or canal leak) is 2% (1%–7%)")


def test_the_advice_takes_the_best_of_the_plans_that_were_tried() -> None:
    odds = odds_of([row_of(m, 0.05 if m < 40 else None) for m in range(200)])
    thick = odds_of([row_of(m, 0.05 if m < 6 else None) for m in range(200)])
    advice = advise(odds, {"Use high-viscosity cement": thick})
    assert advice.change == "Inject at most 0.0 mL through needle S1 ala left (planned 5.0)"
    others = replace(odds, needles=("S1 ala left",), planned_ml=(0.0,))
    kept = advise(others, {"Use high-viscosity cement": replace(thick, planned_ml=(0.0,))})
    assert kept.change == "Use high-viscosity cement"
    with pytest.raises(BadInput):
        compare(odds, odds_of([row_of(0, None)]))


def test_the_odds_settle_as_members_are_added() -> None:
    rng = np.random.default_rng(3)
    odds = odds_of([row_of(m, 1.0 if rng.random() < 0.2 else None) for m in range(400)])
    counts, chances = zip(*odds.convergence(), strict=True)
    assert counts == (10, 20, 50, 100, 200, 400)
    widths = [c.high - c.low for c in chances]
    assert widths[-1] < 0.5 * widths[2] < widths[0]
    assert chances[-1] == odds.neural


def test_a_trace_along_the_needle_is_no_leak_and_a_trace_at_a_nerve_is() -> None:
    tract = Site(LeakSite.NEEDLE_TRACT, None, Side.LEFT)
    trace, drop = (MemberLeak(tract, ml, 1.0, 0, 1.0, False) for ml in (0.04, 0.06))
    nerve = MemberLeak(FORAMEN, 0.01, 2.0, 0, 2.0, True)
    leaks = [(trace,), (trace, drop), (trace, nerve), ()]
    rows = [replace(row_of(m, None), leaks=own) for m, own in enumerate(leaks)]
    odds = odds_of(rows)
    assert odds.any_leak.share == 2 / 4
    assert {where: p.share for where, p in odds.by_site.items()} == {tract: 1 / 4, FORAMEN: 1 / 4}
    assert odds.neural.share == 1 / 4
    assert odds.leaked_ml == pytest.approx([0.04, 0.10, 0.05, 0.0])
    all_of_them = replace(odds, settings=replace(odds.settings, least_counted_ml=0.0))
    assert all_of_them.any_leak.share == 3 / 4
    with pytest.raises(BadUsage, match="nan"):
        OddsSettings(least_counted_ml=math.nan)
