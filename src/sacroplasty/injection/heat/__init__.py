"""The heat of curing cement: conduction, perfusion, cure, and what it does to nerve and bone."""

from sacroplasty.injection.heat.bone_necrosis import (
    DamageIntegral,
    NecrosisCriterion,
    TimeAbove,
    necrotic_bone_ml,
)
from sacroplasty.injection.heat.cure_clock import degree_at_age
from sacroplasty.injection.heat.cure_heat import cure_heat
from sacroplasty.injection.heat.flow import HeatBudget, HeatFlow
from sacroplasty.injection.heat.heat_picture import HeatPicture, HeatSlice, heat_picture
from sacroplasty.injection.heat.heat_run import HeatCourse, HeatRun, RootHeat
from sacroplasty.injection.heat.medium import HeatMedium
from sacroplasty.injection.heat.settings import HeatSettings

__all__ = [
    "DamageIntegral",
    "HeatBudget",
    "HeatCourse",
    "HeatFlow",
    "HeatMedium",
    "HeatPicture",
    "HeatRun",
    "HeatSettings",
    "HeatSlice",
    "NecrosisCriterion",
    "RootHeat",
    "TimeAbove",
    "cure_heat",
    "degree_at_age",
    "heat_picture",
    "necrotic_bone_ml",
]
