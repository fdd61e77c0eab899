"""Cement through bone: flow, fronts, pressure, and the record of one injection."""

from sacroplasty.injection.bone_medium import BoneMedium, build_medium
from sacroplasty.injection.driving import Drive
from sacroplasty.injection.inject import inject
from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.settings import InjectionSettings

__all__ = [
    "BoneMedium",
    "Drive",
    "InjectionRun",
    "InjectionSettings",
    "Timeline",
    "build_medium",
    "inject",
]
