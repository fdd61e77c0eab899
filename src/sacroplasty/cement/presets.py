"""The cements on the shelf, by name (version 1: three to four classes, no brands)."""

from sacroplasty.cement.recipe import CementRecipe
from sacroplasty.errors import BadUsage
from sacroplasty.reference import constant

_VISCOSITY_ROW = {
    "low viscosity": "cement_viscosity_low",
    "medium viscosity": "cement_viscosity_medium",
    "high viscosity": "cement_viscosity_high",
    "ultra-high viscosity": "cement_viscosity_ultra_high",
}


def recipe_names() -> tuple[str, ...]:
    """The names that `recipe` knows, from thin to thick."""
    return tuple(_VISCOSITY_ROW)


def recipe(name: str) -> CementRecipe:
    """The cement called `name`, as it is when the injection starts, constant from then on.

    Viscosities are priors (see `reference/cement_constants.csv`): a factor of two either way is
    normal, and a real cement thickens while it is injected. Raises `BadUsage` for a name that is
    not in `recipe_names()`.
    """
    if name not in _VISCOSITY_ROW:
        known = ", ".join(repr(known) for known in recipe_names())
        raise BadUsage(f"There is no cement called {name!r}; known are {known}.")
    return CementRecipe(
        name=name,
        viscosity_pa_s=constant(_VISCOSITY_ROW[name]).value,
        barium_sulfate_mass_fraction=constant("cement_barium_sulfate_fraction").value,
        density_g_per_ml=constant("cement_density").value,
    )
