"""Monte Carlo over what nobody knows before an injection: the odds of each leak."""

from sacroplasty.injection.odds.advice import Advice, advise, compare
from sacroplasty.injection.odds.factor import ALL_FACTORS, Factor
from sacroplasty.injection.odds.leak_odds import LeakOdds, Spread, leak_odds
from sacroplasty.injection.odds.member import MemberLeak, MemberRow, OddsStudy, Site
from sacroplasty.injection.odds.member_rows import RowStore, study_digest
from sacroplasty.injection.odds.odds_case import OddsCase, OddsSettings, common_grid
from sacroplasty.injection.odds.onset_odds import OnsetOdds, SafeVolume
from sacroplasty.injection.odds.paired import Difference, PairedChance, paired_chance, paired_mean
from sacroplasty.injection.odds.scenario import Scenario
from sacroplasty.injection.odds.tornado import Influence

__all__ = [
    "ALL_FACTORS",
    "Advice",
    "Difference",
    "Factor",
    "Influence",
    "LeakOdds",
    "MemberLeak",
    "MemberRow",
    "OddsCase",
    "OddsSettings",
    "OddsStudy",
    "OnsetOdds",
    "PairedChance",
    "RowStore",
    "SafeVolume",
    "Scenario",
    "Site",
    "Spread",
    "advise",
    "common_grid",
    "compare",
    "leak_odds",
    "paired_chance",
    "paired_mean",
    "study_digest",
]
