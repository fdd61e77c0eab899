"""Bone cement: what goes in (recipe) and where it is (field)."""

from sacroplasty.cement.field import CementField
from sacroplasty.cement.recipe import CementRecipe

__all__ = ["CementField", "CementRecipe"]
