"""Cement through bone: flow, fronts, pressure, and the record of one injection."""

from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.bone_laws import (
    BoneLaws,
    HounsfieldLine,
    KozenyCarman,
    PowerLaw,
)
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.cavity import Cavity
from sacroplasty.injection.driving import Drive
from sacroplasty.injection.flow_accuracy import FINE, QUICK, FlowAccuracy
from sacroplasty.injection.inject import begin_injection, inject
from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.injection_session import InjectionSession, Moment
from sacroplasty.injection.leak_sight import LeakSight
from sacroplasty.injection.odds import (
    ALL_FACTORS,
    Advice,
    Difference,
    Factor,
    Influence,
    LeakOdds,
    MemberLeak,
    MemberRow,
    OddsCase,
    OddsSettings,
    OddsStudy,
    OnsetOdds,
    PairedChance,
    RowStore,
    SafeVolume,
    Scenario,
    Site,
    Spread,
    advise,
    common_grid,
    compare,
    leak_odds,
    paired_chance,
    paired_mean,
    study_digest,
)
from sacroplasty.injection.patient_bone import PatientBone, build_medium, prepare_bone
from sacroplasty.injection.recommendation import recommend_change
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.injection.stop_event import Deed, StopCause, StopEvent
from sacroplasty.injection.stop_rule import KeepOff, Pause, Stop, StopRule, usual_stop_rule
from sacroplasty.injection.wall import Wall
from sacroplasty.injection.wall_gaps import WallGaps

__all__ = [
    "ALL_FACTORS",
    "FINE",
    "QUICK",
    "Advice",
    "BoneDraw",
    "BoneLaws",
    "BoneMedium",
    "Cavity",
    "Deed",
    "Difference",
    "Drive",
    "Factor",
    "FlowAccuracy",
    "HounsfieldLine",
    "Influence",
    "InjectionRun",
    "InjectionSession",
    "InjectionSettings",
    "KeepOff",
    "KozenyCarman",
    "LeakOdds",
    "LeakSight",
    "MemberLeak",
    "MemberRow",
    "Moment",
    "OddsCase",
    "OddsSettings",
    "OddsStudy",
    "OnsetOdds",
    "PairedChance",
    "PatientBone",
    "Pause",
    "PowerLaw",
    "RowStore",
    "SafeVolume",
    "Scenario",
    "Site",
    "Spread",
    "Stop",
    "StopCause",
    "StopEvent",
    "StopRule",
    "Timeline",
    "Wall",
    "WallGaps",
    "advise",
    "begin_injection",
    "build_medium",
    "common_grid",
    "compare",
    "inject",
    "leak_odds",
    "paired_chance",
    "paired_mean",
    "prepare_bone",
    "recommend_change",
    "study_digest",
    "usual_stop_rule",
]
