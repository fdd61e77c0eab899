"""Published cure kinetics, by name."""

from sacroplasty.cement.cure import CureKinetics
from sacroplasty.errors import BadUsage
from sacroplasty.reference import constant

_ROWS = {
    "Borzacchiello 1": "cure_borzacchiello_1",
    "Borzacchiello 2": "cure_borzacchiello_2",
    "Li": "cure_li",
}
_NEVER_VITRIFIES = frozenset({"Li"})


def kinetics_names() -> tuple[str, ...]:
    """The names that `cure_kinetics` knows."""
    return tuple(_ROWS)


def cure_kinetics(name: str) -> CureKinetics:
    """The published set called `name`, from `reference/cure_constants.csv`.

    Raises `BadUsage` for a name that is not in `kinetics_names()`.
    """
    if name not in _ROWS:
        known = ", ".join(repr(known) for known in _ROWS)
        raise BadUsage(f"There are no cure kinetics called {name!r}; known are {known}.")
    row = _ROWS[name]
    return CureKinetics(
        rate_constant_per_s=constant(f"{row}_rate").value,
        activation_energy_j_per_mol=constant(f"{row}_energy").value,
        first_exponent=constant(f"{row}_first_exponent").value,
        second_exponent=constant(f"{row}_second_exponent").value,
        heat_j_per_kg=constant(f"{row}_heat").value,
        start_degree=constant(f"{row}_start").value,
        glass_transition_k=(
            None if name in _NEVER_VITRIFIES else constant("cure_glass_transition").value
        ),
    )


def usual_kinetics() -> CureKinetics:
    """The set that a cement gets for which none was published."""
    return cure_kinetics("Borzacchiello 1")
