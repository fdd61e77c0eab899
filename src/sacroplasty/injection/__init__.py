"""Cement through bone: flow, fronts, pressure, heat, and the record of one injection."""

from sacroplasty.injection.bone_medium import BoneMedium, build_medium
from sacroplasty.injection.driving import Drive
from sacroplasty.injection.heat import (
    DamageIntegral,
    HeatBudget,
    HeatCourse,
    HeatFlow,
    HeatMedium,
    HeatPicture,
    HeatRun,
    HeatSettings,
    HeatSlice,
    NecrosisCriterion,
    RootHeat,
    TimeAbove,
    cure_heat,
    degree_at_age,
    heat_picture,
    necrotic_bone_ml,
)
from sacroplasty.injection.inject import inject
from sacroplasty.injection.injection_run import InjectionRun, Timeline
from sacroplasty.injection.settings import InjectionSettings

__all__ = [
    "BoneMedium",
    "DamageIntegral",
    "Drive",
    "HeatBudget",
    "HeatCourse",
    "HeatFlow",
    "HeatMedium",
    "HeatPicture",
    "HeatRun",
    "HeatSettings",
    "HeatSlice",
    "InjectionRun",
    "InjectionSettings",
    "NecrosisCriterion",
    "RootHeat",
    "TimeAbove",
    "Timeline",
    "build_medium",
    "cure_heat",
    "degree_at_age",
    "heat_picture",
    "inject",
    "necrotic_bone_ml",
]
