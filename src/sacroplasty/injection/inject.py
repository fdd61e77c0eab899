"""Inject a plan: needles one after the other, each into what the earlier ones left open."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from sacroplasty.anatomy import Fracture, SacrumModel, Structure
from sacroplasty.cement import CementRecipe, PreparedCement, cannula_drop_mpa
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.driving import Drive, Feed
from sacroplasty.injection.flow_grid import flow_grid
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.injection_record import cannula_length_mm, injection_record
from sacroplasty.injection.injection_run import InjectionRun
from sacroplasty.injection.needle_course import NeedleCourse, NeedleFlow
from sacroplasty.injection.needle_tip import NeedleTip
from sacroplasty.injection.patient_bone import prepare_bone
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.planning import Needle, PlannedNeedle, TrajectoryPlan
from sacroplasty.reference import constant
from sacroplasty.units import mm3_from_ml

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
    stops where it stalls; the cement of a needle stands still from then on and is in the way of
    the next one. `progress` hears the share done, 0…1. Raises `BadInput` for a needle tip outside
    the CT or outside the sacrum and for cement that has set before it is injected,
    `FrameMismatch` for parts of two patients.
    """
    require_same_frame(ct, sacrum)
    if not plan.needles:
        raise BadInput("The plan holds no needle; plan at least one before injecting.")
    for planned in plan.needles:
        require_same_frame(ct, planned.needle)
        _require_tip_in_sacrum(sacrum, planned)
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
    return run_needles(medium, sacrum, plan, recipe, settings, progress or (lambda _: None))


def run_needles(
    medium: BoneMedium,
    sacrum: SacrumModel,
    plan: TrajectoryPlan,
    recipe: CementRecipe,
    settings: InjectionSettings,
    progress: Progress,
) -> InjectionRun:
    """The same in a medium that is already built (or drawn from a prior)."""
    cement = PreparedCement(recipe, settings.waited_s, settings.room_temperature_c)
    body_ageing = float(recipe.rheology.ageing_rate(constant("body_temperature").value))
    flow = FrontFlow(medium, PoreLaw.of(recipe.rheology), body_ageing)
    planned_mm3 = mm3_from_ml(math.fsum(p.cement_ml for p in plan.needles))
    results: list[NeedleFlow] = []
    before = 0.0
    for planned in plan.needles:
        course = NeedleCourse(
            flow,
            _tip(planned, settings),
            _feed(planned, cement, settings),
            partial(_syringe_age, cement),
        )
        results.append(course.run(partial(_tell, progress, before, planned_mm3)))
        before += results[-1].delivered_mm3
        flow.let_set()
        flow.rest(settings.pause_between_needles_s)
    progress(1.0)
    return injection_record(flow, sacrum, plan, settings, results)


def _syringe_age(cement: PreparedCement, time_s: float) -> float:
    return float(cement.age_in_syringe(time_s))


def _tell(progress: Progress, before: float, planned: float, done: float) -> None:
    progress((before + done) / planned)


def _require_tip_in_sacrum(sacrum: SacrumModel, planned: PlannedNeedle) -> None:
    label = int(sacrum.labels.at(planned.needle.tip, order=0)[0])
    if label != Structure.SACRUM:
        where = Structure(label).label.replace("_", " ")
        raise BadInput(
            f"The tip of needle {planned.name!r} lies in {where}, not in the sacrum; move its target."
        )


def _tip(planned: PlannedNeedle, settings: InjectionSettings) -> NeedleTip:
    """The needle may be drawn back as far as the bone reaches."""
    return NeedleTip(planned.needle, settings.withdraw_mm_per_ml, _depth_in_bone_mm(planned))


def _cannula_mpa(cement: PreparedCement, needle: Needle, rate: float, age_s: float) -> float:
    bore, length = needle.gauge.inner_diameter_mm, cannula_length_mm(needle)
    return cannula_drop_mpa(cement.recipe.rheology, age_s, bore, length, rate)


def _depth_in_bone_mm(planned: PlannedNeedle) -> float:
    return max(0.0, planned.needle.length_mm - planned.bone_entry_depth_mm)


def _feed(planned: PlannedNeedle, cement: PreparedCement, settings: InjectionSettings) -> Feed:
    """What the operator does at this needle, until the cement in the syringe has set."""
    rate = settings.rate_ml_per_s
    if settings.drive is Drive.PRESSURE:
        rate = constant("fastest_injection_rate").value
    return Feed(
        rate_mm3_per_s=mm3_from_ml(rate),
        volume_mm3=mm3_from_ml(planned.cement_ml),
        cannula_mpa=partial(_cannula_mpa, cement, planned.needle),
        most_syringe_pressure_mpa=settings.max_syringe_pressure_mpa,
        least_rate_mm3_per_s=mm3_from_ml(min(constant("least_injection_rate").value, 0.5 * rate)),
        most_time_s=min(settings.longest_s, cement.set_in_s),
    )
