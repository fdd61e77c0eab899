"""A study may be stopped, resumed, made longer and spread over processes: the rows stay the same."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from odds_patient import case_of, sound_ct

from sacroplasty.anatomy import Side
from sacroplasty.injection import (
    Factor,
    MemberRow,
    OddsSettings,
    OddsStudy,
    leak_odds,
    study_digest,
)
from sacroplasty.injection.odds.member_rows import spawning_workers
from sacroplasty.provenance import digest, recording_numbers

CASE = case_of(sound_ct(), Side.LEFT, ml=0.5)


@dataclass
class Kept:
    """Rows in memory, and how many were kept."""

    by_study: dict[str, list[MemberRow]] = field(default_factory=dict)

    def rows(self, study: str) -> Iterable[MemberRow]:
        return tuple(self.by_study.get(study, ()))

    def keep(self, study: str, row: MemberRow) -> None:
        self.by_study.setdefault(study, []).append(row)

    @property
    def count(self) -> int:
        return sum(len(rows) for rows in self.by_study.values())


def test_an_interrupted_and_resumed_study_is_an_uninterrupted_one() -> None:
    settings, kept = OddsSettings(members=5), Kept()

    def cancel(done: float) -> None:
        if done >= 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leak_odds(CASE, settings, store=kept, progress=cancel)
    assert kept.count == 3
    resumed = leak_odds(CASE, settings, store=kept)
    assert kept.count == 5
    assert digest(resumed.rows) == digest(leak_odds(CASE, settings).rows)


def test_a_longer_study_goes_on_where_the_shorter_one_ended() -> None:
    kept = Kept()
    short = leak_odds(CASE, OddsSettings(members=2), store=kept)
    long = leak_odds(CASE, OddsSettings(members=4), store=kept)
    assert kept.count == 4
    assert digest(long.rows[:2]) == digest(short.rows)


def test_the_rows_of_another_plan_are_not_taken() -> None:
    settings = OddsSettings(members=1)
    other = case_of(sound_ct(), Side.LEFT, ml=0.6)
    keys = {
        study_digest(OddsStudy(CASE, settings)),
        study_digest(OddsStudy(other, settings)),
        study_digest(OddsStudy(CASE, OddsSettings(members=1, seed=1))),
        study_digest(OddsStudy(CASE, OddsSettings(members=1, factors=frozenset({Factor.RATE})))),
    }
    assert len(keys) == 4
    assert study_digest(OddsStudy(CASE, OddsSettings(members=9))) in keys


def test_progress_rises_to_one() -> None:
    heard: list[float] = []
    leak_odds(CASE, OddsSettings(members=3), progress=heard.append)
    assert heard == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0])


def test_the_number_of_processes_does_not_change_a_byte() -> None:
    settings, kept = OddsSettings(members=3), Kept()
    with recording_numbers() as numbers_alone:
        alone = leak_odds(CASE, settings, store=kept)
    with recording_numbers() as numbers_together:
        together = leak_odds(CASE, settings, workers=2)
    with recording_numbers() as numbers_resumed:
        leak_odds(CASE, settings, store=kept)
    assert digest(alone.rows) == digest(together.rows)
    assert "vein_density_sigma" in numbers_alone
    assert set(numbers_alone) == set(numbers_together) == set(numbers_resumed)


def test_a_worker_does_not_hear_the_interruption_that_is_meant_for_its_parent() -> None:
    asked = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with spawning_workers():
        worker = subprocess.check_output([sys.executable, "-c", asked], text=True)
        with pytest.raises(KeyboardInterrupt), spawning_workers():
            raise KeyboardInterrupt
    other = subprocess.check_output([sys.executable, "-c", asked], text=True)
    assert (worker.strip(), other.strip()) == ("True", "False")


def test_a_factor_that_is_not_drawn_leaves_all_others_as_they_were() -> None:
    everything = OddsStudy(CASE, OddsSettings())
    fewer = OddsStudy(CASE, OddsSettings(factors=frozenset({Factor.VISCOSITY, Factor.CLEFT})))
    for member in (0, 7):
        full, part = everything.scenario(member).numbers, fewer.scenario(member).numbers
        for name in ("viscosity factor", "cleft aperture, mm"):
            assert part[name] == full[name]
        assert part["permeability factor"] != full["permeability factor"]


@pytest.mark.parametrize("side", list(Side))
def test_a_tip_that_lies_nearer_the_midline_than_planned_lies_medial_on_either_side(
    side: Side,
) -> None:
    """By the tips themselves: towards x = 0, against y (dorsal), along z (cranial)."""
    study = OddsStudy(case_of(sound_ct(), side, ml=0.5), OddsSettings())
    (planned,) = study.case.plan.needles
    for member in range(3):
        scenario = study.scenario(member)
        before, after = (p.needle.tip.single for p in (planned, scenario.needles[0]))
        assert scenario.numbers["tip medial, mm"] == pytest.approx(abs(before[0]) - abs(after[0]))
        assert scenario.numbers["tip ventral, mm"] == pytest.approx(before[1] - after[1])
        assert scenario.numbers["tip cranial, mm"] == pytest.approx(after[2] - before[2])


def test_members_differ_in_every_number() -> None:
    study = OddsStudy(CASE, OddsSettings())
    first, second = study.scenario(0).numbers, study.scenario(1).numbers
    assert all(first[name] != second[name] for name in first)
