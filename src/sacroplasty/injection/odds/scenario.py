"""One member of a study: the plan as it may turn out."""

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from sacroplasty.cement import CementRecipe
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.odds.factor import Factor, stream
from sacroplasty.injection.odds.odds_case import OddsCase, OddsSettings
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.planning import PlannedNeedle, displaced
from sacroplasty.reference import constant

# Which fields of a `BoneDraw` belong to which factor.
_BONE = {
    Factor.PERMEABILITY: ("permeability_factor",),
    Factor.PATTERN: ("noise_seed", "noise_length_mm"),
    Factor.CLEFT: ("cleft_aperture_mm",),
    Factor.VEINS: ("vein_seed", "vein_density_factor"),
    Factor.TRACT: ("tract_gap_mm",),
    Factor.TISSUE: ("loose_tissue_factor", "cortex_factor"),
}
# Flow grids are rarely slower than this or faster (mL/s); the settings' own range is wider.
_RATE_RANGE = (0.002, 1.0)


@dataclass(frozen=True, eq=False, slots=True)
class Scenario:
    """What is injected where. numbers: every scalar that was drawn, by its name in a tornado."""

    needles: tuple[PlannedNeedle, ...]
    bone: BoneDraw
    recipe: CementRecipe
    injection: InjectionSettings
    numbers: dict[str, float]


def draw_scenario(case: OddsCase, settings: OddsSettings, member: int) -> Scenario:
    """The scenario of a member, from the seed and its index alone."""
    bone = _bone(case, settings, member)
    needles = tuple(
        displaced(
            planned,
            case.sacrum.scanner_from_sacrum,
            settings.placement,
            stream(settings.seed, Factor.NEEDLE, member, part),
        )
        if Factor.NEEDLE in settings.factors
        else planned
        for part, planned in enumerate(case.plan.needles)
    )
    viscosity = _factor(settings, Factor.VISCOSITY, member, "cement_viscosity_sigma")
    ageing = _factor(settings, Factor.AGEING, member, "cement_ageing_sigma")
    rate = _factor(settings, Factor.RATE, member, "injection_rate_sigma")
    injection, pores = _in_pores(case, settings, member)
    injection = replace(
        injection,
        rate_ml_per_s=float(np.clip(case.injection.rate_ml_per_s * rate, *_RATE_RANGE)),
        bone=bone,
    )
    numbers = {
        "permeability factor": bone.permeability_factor,
        "cleft aperture, mm": bone.cleft_aperture_mm,
        "density of veins": bone.vein_density_factor,
        "gap along the needle, mm": bone.tract_gap_mm,
        "permeability of loose tissue": bone.loose_tissue_factor,
        "permeability of cortex": bone.cortex_factor,
        "viscosity factor": viscosity,
        "thickening time factor": ageing,
        **pores,
        "rate, mL/s": injection.rate_ml_per_s,
        **_tip_offsets(case, needles),
    }
    return Scenario(needles, bone, _mixed(case.recipe, viscosity, ageing), injection, numbers)


def _bone(case: OddsCase, settings: OddsSettings, member: int) -> BoneDraw:
    drawn = case.injection.bone or BoneDraw.median()
    for factor, names in _BONE.items():
        if factor in settings.factors:
            own = BoneDraw.drawn(stream(settings.seed, factor, member))
            drawn = replace(drawn, **{name: getattr(own, name) for name in names})
    return drawn


def _factor(settings: OddsSettings, factor: Factor, member: int, sigma_row: str) -> float:
    """A lognormal factor with the median 1."""
    if factor not in settings.factors:
        return 1.0
    normal = stream(settings.seed, factor, member).standard_normal()
    return math.exp(constant(sigma_row).value * float(normal))


def _in_pores(
    case: OddsCase, settings: OddsSettings, member: int
) -> tuple[InjectionSettings, dict[str, float]]:
    """Shear factor (lognormal, cut to its range) and exponent (triangular) in the pores."""
    if Factor.PORES not in settings.factors:
        return case.injection, {}
    rng = stream(settings.seed, Factor.PORES, member)
    row, exponent = constant("pore_shear_factor"), constant("pore_exponent")
    shear = row.value * math.exp(
        constant("pore_shear_factor_sigma").value * float(rng.standard_normal())
    )
    shear = min(max(shear, row.low), row.high)
    drawn = float(rng.triangular(exponent.low, exponent.value, exponent.high))
    injection = replace(case.injection, pore_shear_factor=shear, pore_exponent=drawn)
    return injection, {"shear factor in pores": shear, "exponent in pores": drawn}


def _mixed(recipe: CementRecipe, viscosity: float, ageing: float) -> CementRecipe:
    """The cement as it turned out: thicker or thinner throughout, and sooner or later hard."""
    law = recipe.rheology
    most = law.most_viscosity_pa_s
    mixed = replace(
        law,
        consistency_pa_s_n=min(law.consistency_pa_s_n * viscosity, most),
        yield_stress_pa=law.yield_stress_pa * viscosity,
        ageing_time_s=law.ageing_time_s * ageing,
    )
    clock = {f.name: getattr(recipe.handling, f.name) * ageing for f in fields(recipe.handling)}
    return replace(recipe, rheology=mixed, handling=type(recipe.handling)(**clock))


def _tip_offsets(case: OddsCase, needles: tuple[PlannedNeedle, ...]) -> dict[str, float]:
    """How far the tips lie from their plan, mm, mean over the needles: medial, ventral, cranial."""
    to_sacrum = case.sacrum.scanner_from_sacrum.inverse
    offsets = []
    for planned, placed in zip(case.plan.needles, needles, strict=True):
        away = to_sacrum(placed.needle.tip).single - to_sacrum(planned.needle.tip).single
        offsets.append([-planned.side.sign * away[0], -away[1], away[2]])
    medial, ventral, cranial = np.mean(offsets, axis=0).tolist()
    return {"tip medial, mm": medial, "tip ventral, mm": ventral, "tip cranial, mm": cranial}
