"""Bone cement: what goes in (recipe), through what (cannula), and where it is (field)."""

from sacroplasty.cement.cannula import (
    cannula_drop_mpa,
    cannula_pressure_drop_mpa,
    cannula_rate_mm3_per_s,
    dead_volume_mm3,
)
from sacroplasty.cement.cure import CureKinetics
from sacroplasty.cement.cure_course import (
    CureCourse,
    adiabatic_rise_c,
    cure_course,
    final_degree,
)
from sacroplasty.cement.cure_sets import cure_kinetics, kinetics_names
from sacroplasty.cement.field import CementField
from sacroplasty.cement.handling import HandlingTimes
from sacroplasty.cement.prepared import PreparedCement
from sacroplasty.cement.presets import class_names, recipe, recipe_names
from sacroplasty.cement.recipe import CementRecipe
from sacroplasty.cement.rheology import Rheology

__all__ = [
    "CementField",
    "CementRecipe",
    "CureCourse",
    "CureKinetics",
    "HandlingTimes",
    "PreparedCement",
    "Rheology",
    "adiabatic_rise_c",
    "cannula_drop_mpa",
    "cannula_pressure_drop_mpa",
    "cannula_rate_mm3_per_s",
    "class_names",
    "cure_course",
    "cure_kinetics",
    "dead_volume_mm3",
    "final_degree",
    "kinetics_names",
    "recipe",
    "recipe_names",
]
