"""The patient of boxes with gaps in its left ala, through which cement comes out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from box_patient import ALA_TIP, toy_ct, toy_plan, with_hole
from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.cement import recipe
from sacroplasty.geometry import Points
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import InjectionRun, InjectionSettings, StopRule, inject
from sacroplasty.planning import PlannedNeedle

X, _, Z = ALA_TIP
# Four millimetres behind the anterior cortex, and two lateral of the S1 foramen.
NEAR_FRONT = (X, -16.0, Z)
NEAR_FORAMEN = (22.0, 0.0, Z)
MEDIUM = recipe("medium viscosity")


@dataclass(frozen=True)
class SeenFrom:
    """Sees cement once so much of it lies outside the bone: a sight without pictures."""

    least_mm3: float
    views: tuple[str, ...] = ("lateral",)

    def first_seen(self, where: Points, volume_mm3: NDArray[np.float64]) -> tuple[str, ...]:
        assert where.xyz.shape == (volume_mm3.size, 3)
        return self.views if volume_mm3.sum() > self.least_mm3 else ()


def cracked(sacrum: SacrumModel, side: Side = Side.LEFT) -> CTVolume:
    """The CT with a cleft of 3 mm through the anterior cortex of one ala."""
    ct = toy_ct(sacrum)
    crack = np.zeros(ct.hu.shape, dtype=bool)
    k, i = round(Z + 70), round(side.sign * X + 60)
    crack[k - 12 : k + 13, 15:41, i - 1 : i + 2] = True
    return with_hole(ct, crack)


def injected(
    ct: CTVolume, sacrum: SacrumModel, *needles: PlannedNeedle,
    rule: StopRule | None = None, **settings: Any,
) -> InjectionRun:  # fmt: skip
    """A run of the medium cement by a rule."""
    return inject(
        ct, sacrum, toy_plan(*needles), MEDIUM, InjectionSettings(stop_rule=rule, **settings)
    )
