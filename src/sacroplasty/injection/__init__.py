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
from sacroplasty.injection.inject import inject
from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.patient_bone import PatientBone, build_medium, prepare_bone
from sacroplasty.injection.settings import InjectionSettings

__all__ = [
    "BoneDraw",
    "BoneLaws",
    "BoneMedium",
    "Cavity",
    "Drive",
    "HounsfieldLine",
    "InjectionRun",
    "InjectionSettings",
    "KozenyCarman",
    "PatientBone",
    "PowerLaw",
    "Timeline",
    "build_medium",
    "inject",
    "prepare_bone",
]
