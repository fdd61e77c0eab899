"""What the odds must be on a patient of boxes, whatever the priors."""

from dataclasses import replace

import numpy as np
import pytest
from odds_patient import PLACED, case_of, gaping_ct, sound_ct

from box_patient import ALA_TIP, toy_plan
from sacroplasty.anatomy import Side
from sacroplasty.cement import recipe
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.injection import (
    ALL_FACTORS,
    Factor,
    LeakOdds,
    OddsSettings,
    OddsStudy,
    common_grid,
    compare,
    leak_odds,
)
from sacroplasty.leaks import LeakSite
from sacroplasty.planning import PlacementError

UNPLACED = ALL_FACTORS - PLACED


@pytest.fixture(scope="module")
def gaping() -> LeakOdds:
    case = case_of(gaping_ct(), Side.LEFT)
    return leak_odds(case, OddsSettings(members=24, seed=3, factors=UNPLACED))


def sides_of(odds: LeakOdds, site: LeakSite) -> dict[str, int]:
    """Members with a leak at a site, by its label."""
    return {
        where.label: round(chance.share * odds.members)
        for where, chance in odds.by_site.items()
        if where.site is site
    }


def test_little_cement_behind_a_tight_cortex_never_leaks() -> None:
    case = case_of(sound_ct(), Side.LEFT, ml=1.5, tip=ALA_TIP)
    tight = ALL_FACTORS - {Factor.TISSUE, Factor.VEINS, Factor.TRACT}
    odds = leak_odds(case, OddsSettings(members=12, factors=tight))
    assert odds.any_leak.share == 0.0
    assert odds.by_site == {}
    assert odds.any_leak.high < 0.25
    assert odds.delivered_ml.p50 == pytest.approx(1.5, rel=1e-6)


def test_a_gap_beside_a_foramen_raises_the_odds_of_that_foramen_alone(gaping: LeakOdds) -> None:
    assert set(sides_of(gaping, LeakSite.FORAMEN)) == {"foramen S1 left"}
    assert gaping.neural.share > 0.5
    sound = leak_odds(
        case_of(sound_ct(), Side.LEFT), OddsSettings(members=24, seed=3, factors=UNPLACED)
    )
    change = compare(sound, gaping)
    assert change.is_certain
    assert change.difference.mean > 0.3


def test_the_mirrored_patient_has_the_mirrored_odds(gaping: LeakOdds) -> None:
    other = leak_odds(
        case_of(gaping_ct(Side.RIGHT), Side.RIGHT),
        OddsSettings(members=24, seed=3, factors=UNPLACED),
    )
    assert sides_of(other, LeakSite.FORAMEN) == {
        label.replace("left", "right"): n for label, n in sides_of(gaping, LeakSite.FORAMEN).items()
    }
    for row, mirrored in zip(gaping.rows, other.rows, strict=True):
        assert mirrored.numbers == pytest.approx(row.numbers, abs=1e-9)
        assert mirrored.leaked_ml == pytest.approx(row.leaked_ml, abs=0.1)
    seen, back = gaping.cement_chance().values, other.cement_chance().values[:, :, ::-1]
    assert np.abs(seen - back).mean() < 1e-3
    assert np.abs(seen - other.cement_chance().values).max() > 0.2


def test_the_odds_rise_with_the_volume_and_end_at_those_of_the_plan(gaping: LeakOdds) -> None:
    onsets = gaping.onsets()
    shares = [onsets.by_volume(v).share for v in np.linspace(0.0, 3.0, 31)]
    assert shares[0] == 0.0
    assert (np.diff(shares) >= 0).all()
    assert shares[-1] == gaping.neural.share


def test_stopping_at_half_the_volume_gives_the_odds_that_the_onsets_foretell(
    gaping: LeakOdds,
) -> None:
    half = case_of(gaping_ct(), Side.LEFT, ml=1.0)
    stopped = leak_odds(half, gaping.settings, grid=gaping.grid)
    foretold = gaping.neural_up_to((1.0,))
    # A leak is dated by the first cement on its way, and called one once it is beyond the rim.
    assert (foretold | ~stopped.neural_members).all()
    assert foretold.sum() - stopped.neural_members.sum() <= 3


def test_a_member_can_be_replayed(gaping: LeakOdds) -> None:
    study = OddsStudy(case_of(gaping_ct(), Side.LEFT), gaping.settings)
    row = gaping.rows[5]
    run = study.run(5)
    assert run is not None
    assert sum(run.injected_mm3) / 1000 == pytest.approx(sum(row.delivered_ml))
    assert [leak.volume_mm3 / 1000 for leak in run.leaks.leaks] == pytest.approx(
        [leak.volume_ml for leak in row.leaks]
    )
    again = study.row(5)
    assert (again.reached, again.leaks, again.numbers) == (row.reached, row.leaks, row.numbers)


def test_plans_in_one_bone_are_told_apart_by_fewer_members() -> None:
    # The same seeds: what the patient, the needle and the batch do to both costs no width.
    thin = case_of(sound_ct(), Side.LEFT, ml=1.0, cement=recipe("low viscosity"), grid_mm=2.0)
    thick = replace(thin, recipe=recipe("high viscosity"))
    grid = common_grid(thin, thick)
    settings = OddsSettings(members=12)
    one, same = (leak_odds(case, settings, grid=grid) for case in (thin, thick))
    other = leak_odds(thick, replace(settings, seed=99), grid=grid)

    def log_pressure(odds: LeakOdds) -> np.ndarray:
        return np.log([row.peak_tip_mpa for row in odds.rows])

    paired = np.var(log_pressure(same) - log_pressure(one))
    unpaired = np.var(log_pressure(other) - log_pressure(one))
    assert paired < 0.3 * unpaired
    assert np.mean(log_pressure(same) - log_pressure(one)) > 0


def test_plans_that_did_not_meet_the_same_bone_are_not_compared(gaping: LeakOdds) -> None:
    other = leak_odds(
        case_of(sound_ct(), Side.LEFT, ml=0.5), OddsSettings(members=2, factors=frozenset())
    )
    with pytest.raises(BadInput, match="one seed"):
        compare(gaping, other)


def test_without_uncertainty_all_members_are_the_same() -> None:
    odds = leak_odds(
        case_of(sound_ct(), Side.LEFT, ml=0.5), OddsSettings(members=3, factors=frozenset())
    )
    assert len({row.reached for row in odds.rows}) == 1
    assert odds.tornado == ()


def test_a_tip_that_misses_the_scan_is_counted_and_delivers_nothing() -> None:
    case = case_of(sound_ct(), Side.LEFT, ml=0.5)
    wild = PlacementError(20.0, 20.0, 20.0)
    odds = leak_odds(
        case, OddsSettings(members=10, placement=wild, factors=frozenset({Factor.NEEDLE}))
    )
    assert odds.misplaced.share > 0.2
    missed = [row for row in odds.rows if not row.reached]
    assert all(sum(row.delivered_ml) == 0.0 and row.leaks == () for row in missed)


def test_impossible_studies_are_refused() -> None:
    case = case_of(sound_ct(), Side.LEFT)
    with pytest.raises(BadInput, match="no needle"):
        replace(case, plan=toy_plan())
    for bad in ({"members": 0}, {"seed": -1}, {"neural_limit": 1.0}):
        with pytest.raises(BadUsage):
            OddsSettings(**bad)
    with pytest.raises(BadUsage, match="worker"):
        leak_odds(case, OddsSettings(members=1), workers=0)
