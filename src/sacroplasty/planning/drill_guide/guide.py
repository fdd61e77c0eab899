"""From needles to printable guides: which needles share one, and the solid of each."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, Volume, require_same_frame
from sacroplasty.planning.drill_guide.guide_settings import GuideKind, GuideSettings
from sacroplasty.planning.drill_guide.isosurface import extract_surface
from sacroplasty.planning.drill_guide.seat import (
    contact_point,
    lattice,
    require_on_surface,
    seat_of,
    surface_distance,
    swept_distance,
)
from sacroplasty.planning.drill_guide.solid import GuidedNeedle, guide_field
from sacroplasty.planning.drill_guide.triangle_mesh import TriangleMesh
from sacroplasty.planning.trajectory_plan import PlannedNeedle, TrajectoryPlan


@dataclass(frozen=True, eq=False, slots=True)
class DrillGuide:
    """One printable piece. bores_mm: inner diameter of the channel of each of `needles`."""

    kind: GuideKind
    needles: tuple[PlannedNeedle, ...]
    bores_mm: tuple[float, ...]
    mesh: TriangleMesh

    @property
    def name(self) -> str:
        """``skin guide left S1, right S1``."""
        return f"{self.kind} guide {', '.join(planned.name for planned in self.needles)}"


def build_guides(
    plan: TrajectoryPlan,
    sacrum: SacrumModel,
    kind: GuideKind,
    settings: GuideSettings | None = None,
) -> tuple[DrillGuide, ...]:
    """One guide for all needles whose entries lie within reach of each other, else one per needle.

    Research: nobody has measured how well a printed guide of this kind fits. Raises `BadInput`
    where a needle does not meet the surface, or the scan does not show it.
    """
    settings = settings or GuideSettings()
    if not plan.needles:
        raise BadInput("The plan holds no needle, so there is nothing to guide.")
    surface = surface_distance(sacrum, kind)
    groups = (
        [plan.needles]
        if _spread_mm(plan.needles) <= settings.reach_mm
        else [(planned,) for planned in plan.needles]
    )
    return tuple(_guide(group, sacrum, kind, surface, settings) for group in groups)


def _spread_mm(needles: tuple[PlannedNeedle, ...]) -> float:
    """The greatest distance between two entries."""
    entries = np.array([planned.needle.entry.single for planned in needles])
    return float(np.linalg.norm(entries[:, None] - entries[None], axis=2).max())


def _guide(
    group: tuple[PlannedNeedle, ...],
    sacrum: SacrumModel,
    kind: GuideKind,
    surface: Volume[np.float32],
    settings: GuideSettings,
) -> DrillGuide:
    for planned in group:
        require_same_frame(sacrum, planned.needle)
    contacts = [contact_point(p.needle, p.bone_entry_depth_mm, kind) for p in group]
    require_on_surface(Points(np.array([c.single for c in contacts]), sacrum.frame).xyz, surface)
    seat = seat_of(contacts, [planned.needle for planned in group], sacrum)
    grid = lattice(seat, settings, sacrum)
    guided = [GuidedNeedle(planned.needle, planned.side) for planned in group]
    field = guide_field(seat, guided, swept_distance(surface, grid), grid, settings)
    bores = tuple(
        planned.needle.gauge.outer_diameter_mm + settings.channel_clearance_mm for planned in group
    )
    return DrillGuide(kind, group, bores, extract_surface(Volume(field, grid)))
