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
from sacroplasty.injection.inject import begin_injection, inject
from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.injection_session import InjectionSession, Moment
from sacroplasty.injection.leak_sight import LeakSight
from sacroplasty.injection.patient_bone import PatientBone, build_medium, prepare_bone
from sacroplasty.injection.recommendation import recommend_change
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.injection.stop_event import Deed, StopCause, StopEvent
from sacroplasty.injection.stop_rule import KeepOff, Pause, Stop, StopRule, usual_stop_rule
from sacroplasty.injection.wall import Wall
from sacroplasty.injection.wall_gaps import WallGaps

__all__ = [
    "BoneDraw",
    "BoneLaws",
    "BoneMedium",
    "Cavity",
    "Deed",
    "Drive",
    "HounsfieldLine",
    "InjectionRun",
    "InjectionSession",
    "InjectionSettings",
    "KeepOff",
    "KozenyCarman",
    "LeakSight",
    "Moment",
    "PatientBone",
    "Pause",
    "PowerLaw",
    "Stop",
    "StopCause",
    "StopEvent",
    "StopRule",
    "Timeline",
    "Wall",
    "WallGaps",
    "begin_injection",
    "build_medium",
    "inject",
    "prepare_bone",
    "recommend_change",
    "usual_stop_rule",
]
