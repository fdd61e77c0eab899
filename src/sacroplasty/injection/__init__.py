"""Cement through bone: flow, fronts, pressure, and the record of one injection."""

from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.settings import InjectionSettings

__all__ = ["InjectionRun", "InjectionSettings", "Timeline"]
