"""The patient of boxes with a gap between its left ala and the left S1 foramen, and coarse odds."""

from typing import Any

import numpy as np

from box_patient import FORAMEN_X, toy_ct, toy_needle, toy_plan, toy_sacrum, with_hole
from sacroplasty.anatomy import Side
from sacroplasty.cement import CementRecipe, recipe
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import QUICK, Factor, InjectionSettings, OddsCase

# Four millimetres lateral of the wall of the foramen; off the voxels, so that no half is rounded.
BESIDE_FORAMEN = (FORAMEN_X + 8.2, 0.3, 5.1)
SACRUM = toy_sacrum()
# What has a place rather than a size: not mirrored with the patient.
PLACED = frozenset({Factor.PATTERN, Factor.VEINS})


def sound_ct() -> CTVolume:
    """Intact cortex all round."""
    return toy_ct(SACRUM)


def gaping_ct(side: Side = Side.LEFT) -> CTVolume:
    """The lateral wall of one S1 foramen broken, with a soft path from the ala to it."""
    ct = sound_ct()
    k, j, i = np.indices(ct.hu.shape)
    x, y, z = i - 60.0, j - 40.0, k - 70.0
    path = (np.abs(y) <= 4) & (np.abs(z - 5) <= 4)
    path &= (side.sign * x > FORAMEN_X) & (side.sign * x < BESIDE_FORAMEN[0] + 2)
    return with_hole(ct, path & (np.hypot(side.sign * x - FORAMEN_X, z - 5) > 4.0))


def case_of(
    ct: CTVolume, *sides: Side, ml: float = 3.0, cement: CementRecipe | None = None,
    tip: tuple[float, float, float] = BESIDE_FORAMEN, **settings: Any,
) -> OddsCase:  # fmt: skip
    """A plan with one needle a side, on a coarse grid."""
    plan = toy_plan(*(toy_needle(side, ml, tip) for side in sides))
    return OddsCase(
        ct, SACRUM, plan, cement or recipe("medium viscosity"),
        InjectionSettings(accuracy=QUICK, **{"grid_mm": 1.5, **settings}),
    )  # fmt: skip
