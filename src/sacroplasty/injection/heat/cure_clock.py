"""How far cement of a chemical age has cured."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe, cure_course

Floats = NDArray[np.float64]


def degree_at_age(recipe: CementRecipe, age_s: Floats) -> Floats:
    """Degree of cure α (n,) of cement whose viscosity has a chemical age (n,).

    Age is counted in seconds at the reference temperature of the cement: an hour in a cold room and
    a few minutes in the body are the same age if they thicken it as far. α is therefore read from
    the cure at that one temperature, α(a) = cure_course(kinetics, a, T_ref), so that cement of one
    age has one degree, whatever temperatures it came by.

    Exact for cement that was kept at T_ref, or if the cure had the activation energy of the
    ageing (44 kJ/mol). With 33 kJ/mol (Borzacchiello) cement that came through a warm body is
    taken for further cured than it is, with 68 kJ/mol (Li) for less far; a minute at 37 °C is then
    out by −20 % or +50 % of its cure, which moves the peak by seconds and not by degrees, because
    α is still below 1e-2 when cement can be injected.
    """
    ages, where = np.unique(age_s, return_inverse=True)
    course = cure_course(recipe.cure, ages, recipe.rheology.reference_temperature_c)
    return course.degree[where].reshape(age_s.shape)
