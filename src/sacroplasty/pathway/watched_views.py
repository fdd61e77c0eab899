"""The views that an operator watches while he injects: names first, eyes once there is a patient."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe
from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy import (
    RadiographicSight,
    bone_to_fill,
    named_view,
    prepare_views,
    require_view,
)
from sacroplasty.geometry import Points
from sacroplasty.injection import InjectionSettings
from sacroplasty.planning import Planned


@dataclass(frozen=True, slots=True)
class WatchedViews:
    """A sight that has no patient yet: what a stop rule holds while it is asked for and written down."""

    views: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.views:
            raise BadUsage("Someone who watches no view sees no leak; name one view or more.")
        for name in self.views:
            require_view(name)

    def first_seen(self, where: Points, volume_mm3: NDArray[np.float64]) -> tuple[str, ...]:
        """Raises `BadUsage`: nothing is seen before `watching` has given it a patient."""
        del where, volume_mm3
        raise BadUsage(
            "Views are watched on a patient; give the settings through `watching` first."
        )


def watching(
    settings: InjectionSettings, planned: Planned, recipe: CementRecipe
) -> InjectionSettings:
    """The settings whose rule looks at this patient's own pictures; others as they are.

    A mask is taken before the injection, and what comes out of the bone is looked for in the
    subtraction, on the rays that miss the bone to be filled.
    """
    rule = settings.stop_rule
    if rule is None or not isinstance(rule.sight, WatchedViews):
        return settings
    sacrum = planned.sacrum
    poses = [named_view(name, sacrum) for name in rule.sight.views]
    views = prepare_views(planned.ct, poses, bone_to_fill(sacrum, planned.plan))
    return replace(settings, stop_rule=replace(rule, sight=RadiographicSight(views, recipe)))
