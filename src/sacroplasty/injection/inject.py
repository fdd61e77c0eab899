"""Inject a plan: needles one after the other, each into what the earlier ones left open."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from sacroplasty.anatomy import Fracture, SacrumModel, Structure
from sacroplasty.cement import CementRecipe
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.flow_grid import flow_grid
from sacroplasty.injection.injection_run import InjectionRun
from sacroplasty.injection.injection_session import InjectionSession
from sacroplasty.injection.patient_bone import prepare_bone
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.injection.syringe import require_volume
from sacroplasty.planning import PlannedNeedle, TrajectoryPlan
from sacroplasty.units import ml_from_mm3, mm3_from_ml

Progress = Callable[[float], None]


def inject(
    ct: CTVolume,
    sacrum: SacrumModel,
    plan: TrajectoryPlan,
    recipe: CementRecipe,
    settings: InjectionSettings,
    progress: Progress | None = None,
    fracture: Fracture | None = None,
) -> InjectionRun:
    """Simulate the planned injection in this patient's bone.

    The medium comes from the CT, the sacrum model and the clefts of a trusted `fracture`, at the
    draw of the bone that the settings carry, or else at the median of every prior: one run is one
    plausible course, not a forecast. At the syringe's pressure limit the rate falls, and a needle
    stops where it stalls or where the operator stops it by his rule; the cement of a needle stands
    still from then on and is in the way of the next one. `progress` hears the share done, 0…1.
    Raises `BadInput` for a needle tip outside the CT or outside the sacrum, for more cement than
    there is sacrum and for cement that has set before it is injected, `FrameMismatch` for parts of
    two patients.
    """
    session = begin_injection(ct, sacrum, plan, recipe, settings, fracture)
    return _push_all(session, plan, progress or (lambda _: None))


def begin_injection(
    ct: CTVolume,
    sacrum: SacrumModel,
    plan: TrajectoryPlan,
    recipe: CementRecipe,
    settings: InjectionSettings,
    fracture: Fracture | None = None,
) -> InjectionSession:
    """The same plan in the same bone, for an operator who injects it himself; refuses alike."""
    require_same_frame(ct, sacrum)
    if not plan.needles:
        raise BadInput("The plan holds no needle; plan at least one before injecting.")
    for planned in plan.needles:
        require_same_frame(ct, planned.needle)
        _require_tip_in_sacrum(sacrum, planned)
    _require_volume(sacrum, plan)
    tips = Points(np.vstack([p.needle.tip.xyz for p in plan.needles]), ct.frame)
    most = mm3_from_ml(max(p.cement_ml for p in plan.needles))
    bone = prepare_bone(
        ct,
        sacrum,
        flow_grid(ct.grid, tips, most, settings.grid_mm),
        fracture=fracture,
        needles=[planned.needle for planned in plan.needles],
        laws=settings.laws,
    )
    medium = bone.medium(settings.bone or BoneDraw.median())
    return InjectionSession(medium, sacrum, plan, recipe, settings)


def run_needles(
    medium: BoneMedium,
    sacrum: SacrumModel,
    plan: TrajectoryPlan,
    recipe: CementRecipe,
    settings: InjectionSettings,
    progress: Progress,
) -> InjectionRun:
    """`inject` in a medium that is already built (or drawn from a prior)."""
    return _push_all(InjectionSession(medium, sacrum, plan, recipe, settings), plan, progress)


def _push_all(session: InjectionSession, plan: TrajectoryPlan, progress: Progress) -> InjectionRun:
    planned_mm3 = mm3_from_ml(math.fsum(p.cement_ml for p in plan.needles))
    before = 0.0
    for n in range(len(plan.needles)):
        session.start(n)
        session.run(partial(_tell, progress, before, planned_mm3))
        before += mm3_from_ml(session.moment.delivered_ml)
    progress(1.0)
    return session.finish()


def _tell(progress: Progress, before: float, planned: float, done: float) -> None:
    progress((before + done) / planned)


def _require_volume(sacrum: SacrumModel, plan: TrajectoryPlan) -> None:
    """No cement, or more than there is sacrum, cannot be meant."""
    for planned in plan.needles:
        require_volume(planned, planned.cement_ml)
    wanted = math.fsum(p.cement_ml for p in plan.needles)
    holds = ml_from_mm3(sacrum.volumes_mm3[Structure.SACRUM])
    if not wanted <= holds:
        raise BadInput(
            f"The plan holds {wanted:.1f} mL of cement and the whole sacrum {holds:.1f} mL; "
            "plan less."
        )


def _require_tip_in_sacrum(sacrum: SacrumModel, planned: PlannedNeedle) -> None:
    label = int(sacrum.labels.at(planned.needle.tip, order=0)[0])
    if label != Structure.SACRUM:
        where = Structure(label).label.replace("_", " ")
        raise BadInput(
            f"The tip of needle {planned.name!r} lies in {where}, not in the sacrum; move its target."
        )
