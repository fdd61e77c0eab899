"""Bone cement: what goes in (recipe), through what (cannula), and where it is (field)."""

from sacroplasty.cement.cannula import cannula_pressure_drop_mpa, dead_volume_mm3
from sacroplasty.cement.cure import CureKinetics
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
    "CureKinetics",
    "HandlingTimes",
    "PreparedCement",
    "Rheology",
    "cannula_pressure_drop_mpa",
    "class_names",
    "cure_kinetics",
    "dead_volume_mm3",
    "kinetics_names",
    "recipe",
    "recipe_names",
]
