"""Bone cement: what goes in (recipe), through what (cannula), and where it is (field)."""

from sacroplasty.cement.cannula import cannula_pressure_drop_mpa, dead_volume_mm3
from sacroplasty.cement.field import CementField
from sacroplasty.cement.presets import recipe, recipe_names
from sacroplasty.cement.recipe import CementRecipe

__all__ = [
    "CementField",
    "CementRecipe",
    "cannula_pressure_drop_mpa",
    "dead_volume_mm3",
    "recipe",
    "recipe_names",
]
