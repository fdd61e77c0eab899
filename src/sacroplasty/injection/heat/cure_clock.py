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
    ageing (44 kJ/mol). A minute at 37 °C instead of 22 °C ages cement by 2.4 min; its cure goes on
    by 1.9 min with 33 kJ/mol (Borzacchiello) and by 3.8 min with 68 kJ/mol (Li). So cement that has
    lain in the body is taken for further cured than it is, or for less far, by a quarter or a third
    of that time. It moves the peak by seconds and not by degrees, because hardly any heat is
    released while cement can be injected (α < 0.05, tests/injection_heat/test_cure_in_place.py).
    """
    ages, where = np.unique(age_s, return_inverse=True)
    course = cure_course(recipe.cure, ages, recipe.rheology.reference_temperature_c)
    return course.degree[where].reshape(age_s.shape)
