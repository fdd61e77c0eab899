"""The cements on the shelf, by name: four classes, and products of which something is published."""

import math

from sacroplasty.cement.cure_sets import cure_kinetics
from sacroplasty.cement.handling import HandlingTimes
from sacroplasty.cement.recipe import CementRecipe
from sacroplasty.cement.rheology import Rheology
from sacroplasty.errors import BadUsage
from sacroplasty.reference import constant

_CLASS_ROWS = {
    "low viscosity": "low",
    "medium viscosity": "medium",
    "high viscosity": "high",
    "ultra-high viscosity": "ultra_high",
}
_PRODUCT_ROWS = {
    "CMW 1": "cmw1",
    "Palacos R": "palacos_r",
    "Cemex Isoplastic": "cemex_isoplastic",
}


def class_names() -> tuple[str, ...]:
    """The generic cements, from thin to thick."""
    return tuple(_CLASS_ROWS)


def recipe_names() -> tuple[str, ...]:
    """All names that `recipe` knows: the classes from thin to thick, then the products."""
    return (*_CLASS_ROWS, *_PRODUCT_ROWS)


def recipe(name: str) -> CementRecipe:
    """The cement called `name`, from `reference/cement_constants.csv`.

    The classes are priors: a factor of two either way is normal. Of a product only what is
    published is its own; the rest is that of its class, and its `source_note` says so. Raises
    `BadUsage` for a name that is not in `recipe_names()`.
    """
    if name in _CLASS_ROWS:
        return _of_class(name, _CLASS_ROWS[name])
    if name in _PRODUCT_ROWS:
        return _product(name, _PRODUCT_ROWS[name])
    known = ", ".join(repr(known) for known in recipe_names())
    raise BadUsage(f"There is no cement called {name!r}; known are {known}.")


def _of_class(name: str, row: str) -> CementRecipe:
    medium = row == "medium"
    return CementRecipe(
        name=name,
        rheology=_rheology(
            start=_number("start", row),
            ageing_time=_number("ageing_time", row),
            exponent=_number("exponent", row),
            reference_c=constant("cement_reference_temperature").value,
        ),
        handling=HandlingTimes(
            doughing_s=_number("doughing", row),
            working_s=_number("working", row),
            setting_s=_number("setting", row),
        ),
        # The set of Li is half cured in a bath of 37 °C when this class is published as hard.
        cure=cure_kinetics("Li" if medium else "Borzacchiello 1"),
        viscosity_window_pa_s=(_number("thinnest", row), _number("thickest", row)),
        source_note="A prior for its class, good to a factor of two; no product's data."
        + (" Its setting time follows from the published hardening in a bath." if medium else ""),
        **_filling(),
    )


def _product(name: str, row: str) -> CementRecipe:
    """A high-viscosity cement that reaches the viscosity of cured cement when it is published to.

    Between the start of its class and that published end the consistency grows exponentially:
    τ_g = t_cure / ln(k_cured / k₀), all at the temperature of the publication.
    """
    cured_s = _number("cured", row)
    start = _number("start", "high")
    share = cured_s / _number("setting", "high")
    return CementRecipe(
        name=name,
        rheology=_rheology(
            start=start,
            ageing_time=cured_s / math.log(constant("cement_viscosity_cured").value / start),
            exponent=_number("exponent", "high"),
            reference_c=constant("cement_cured_temperature").value,
        ),
        handling=HandlingTimes(
            doughing_s=share * _number("doughing", "high"),
            working_s=share * _number("working", "high"),
            setting_s=cured_s,
        ),
        cure=cure_kinetics("Borzacchiello 1"),
        viscosity_window_pa_s=(_number("thinnest", "high"), _number("thickest", "high")),
        source_note=(
            "A cement for joint replacement, here for comparison: when it is cured and how "
            "viscous it is then are published (Nicholas 2007); the rest is its class."
        ),
        **_filling(),
    )


def _rheology(*, start: float, ageing_time: float, exponent: float, reference_c: float) -> Rheology:
    """`start`: viscosity at 1/s at age 0. It is shared out between yield stress and power law."""
    yielding = constant("cement_yield_share").value
    return Rheology(
        consistency_pa_s_n=(1.0 - yielding) * start,
        ageing_time_s=ageing_time,
        exponent=exponent,
        yield_stress_pa=yielding * start,
        most_viscosity_pa_s=constant("cement_viscosity_cured").value,
        activation_energy_j_per_mol=constant("cement_ageing_energy").value,
        reference_temperature_c=reference_c,
    )


def _number(quantity: str, row: str) -> float:
    return constant(f"cement_{quantity}_{row}").value


def _filling() -> dict[str, float]:
    return {
        "barium_sulfate_mass_fraction": constant("cement_barium_sulfate_fraction").value,
        "powder_to_liquid_g_per_ml": constant("cement_powder_to_liquid").value,
        "density_g_per_ml": constant("cement_density").value,
    }
