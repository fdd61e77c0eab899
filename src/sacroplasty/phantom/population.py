"""A population of virtual patients: who comes, with which bone, fracture, findings and scan.

Shares and prevalences are rows of `reference`. Every function takes the generator that it draws
from, so that one seed stands for one patient.
"""

import numpy as np

from sacroplasty.phantom.fracture_pattern import FracturePattern, FractureZones
from sacroplasty.phantom.incidental import Incidental
from sacroplasty.phantom.request import PatientRequest
from sacroplasty.phantom.scanner_settings import ReconstructionKernel, ScannerSettings
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.variants import draw_shape_variant
from sacroplasty.reference import constant

_PEAK_AGE_YEARS = 30
_T_SCORES = (-6.0, 3.0)
_AGES = (50, 100)
_NOT_BROKEN_SHARE = 0.15  # of a benchmark's patients, so that a detector can be wrong
_BONE_KERNEL_SHARE = 0.25
_LARGEST_TURN_DEG = 8.0


def draw_request(seed: int | np.random.Generator) -> PatientRequest:
    """One patient of the benchmarks' population; a seed always stands for the same one.

    Slices are 1–3 mm. About one in seven patients has no fracture; the others have fractures as
    `draw_fracture` draws them. The shape is a variant as often as `draw_shape_variant` has it.
    """
    rng = np.random.default_rng(seed)
    female = rng.random() < constant("population_female_share").value
    sex = Sex.FEMALE if female else Sex.MALE
    age = round(float(np.clip(_normal("population_age", rng), *_AGES)))
    pattern, zones = draw_fracture(rng)
    if rng.random() < _NOT_BROKEN_SHARE:
        pattern, zones = FracturePattern.NONE, FractureZones.NONE
    broken = pattern is not FracturePattern.NONE
    t_score = draw_t_score(sex, age, broken, rng)
    incidentals = draw_incidentals(rng)
    scanner = _draw_scanner(rng)
    # From a stream of its own, so that the other draws stay as they were without variants.
    variant = draw_shape_variant(rng.spawn(1)[0])
    return PatientRequest(
        sex=sex,
        age_years=age,
        fracture=pattern,
        scanner=scanner,
        zones=zones,
        aperture_mm=_draw_aperture(rng) if broken else None,
        displacement_mm=_draw_displacement(rng) if broken else None,
        t_score=t_score,
        incidentals=incidentals,
        variant=variant,
    )


def draw_fracture(rng: np.random.Generator) -> tuple[FracturePattern, FractureZones]:
    """Pattern and zones of an osteoporotic sacral fracture, in the published proportions.

    42.4 % zone I, 4.2 % II, 43.3 % I-II, 10.1 % I-II-III; 68.8 % bilateral (Andresen 2022). Those of
    all three zones have a horizontal limb: H, U and T are taken as equally frequent.
    """
    zones = [zone for zone in FractureZones if zone is not FractureZones.NONE]
    names = [f"fracture_zone_{zone.value.lower().replace('-', '_')}_share" for zone in zones]
    shares = np.array([constant(name).value for name in names])
    zone = zones[int(rng.choice(len(zones), p=shares / shares.sum()))]
    left = rng.random() < 0.5
    bilateral = rng.random() < constant("fracture_bilateral_share").value
    shape = int(rng.integers(3))
    if zone is FractureZones.I_II_III:
        t = FracturePattern.LEFT_T if left else FracturePattern.RIGHT_T
        return (FracturePattern.H, FracturePattern.U, t)[shape], zone
    if bilateral:
        return FracturePattern.BILATERAL_ALA, zone
    return (FracturePattern.LEFT_ALA if left else FracturePattern.RIGHT_ALA), zone


def draw_t_score(sex: Sex, age_years: int, fractured: bool, rng: np.random.Generator) -> float:
    """T-score by age and sex; of fractured patients the lower of that and of their group's density.

    The mean is 0 at 30 and falls every year by the sex's loss. Patients with an insufficiency fracture
    scatter about the T-score of their published mean density (see `t_score_of_density`).
    """
    loss = constant(f"t_score_loss_{'female' if sex is Sex.FEMALE else 'male'}").value
    mean = -loss * (age_years - _PEAK_AGE_YEARS)
    if fractured:
        mean = min(mean, t_score_of_density(constant("trabecular_density_insufficiency").value))
    t = float(rng.normal(mean, constant("t_score_scatter").value))
    return round(float(np.clip(t, *_T_SCORES)), 2)


def t_score_of_density(hu: float) -> float:
    """T-score of a trabecular density in HU: the line through the two QCT thresholds."""
    low, high = constant("osteoporosis_density").value, constant("osteopenia_density").value
    return -2.5 + 1.5 * (hu - low) / (high - low)


def density_of_t_score(t_score: float) -> float:
    """Trabecular density in HU of a T-score: the inverse of `t_score_of_density`."""
    low, high = constant("osteoporosis_density").value, constant("osteopenia_density").value
    return low + (t_score + 2.5) / 1.5 * (high - low)


def draw_incidentals(rng: np.random.Generator) -> frozenset[Incidental]:
    """Each by its own prevalence; screws never both."""
    found = {
        incidental
        for incidental in Incidental
        if rng.random() < constant(f"prevalence_{incidental.name.lower()}").value
    }
    if Incidental.TRANSSACRAL_SCREW in found:
        found.discard(Incidental.SI_SCREW)
    return frozenset(found)


def _draw_aperture(rng: np.random.Generator) -> float:
    row = constant("fracture_aperture")
    return round(float(np.clip(_normal("fracture_aperture", rng), row.low, row.high)), 2)


def _draw_displacement(rng: np.random.Generator) -> float:
    clear = rng.random() < constant("fracture_displaced_share").value
    row = constant(f"fracture_displacement_{'clear' if clear else 'slight'}")
    return round(float(np.clip(_normal(row.name, rng), row.low, row.high)), 2)


def _draw_scanner(rng: np.random.Generator) -> ScannerSettings:
    bone = rng.random() < _BONE_KERNEL_SHARE
    return ScannerSettings(
        in_plane_mm=round(float(rng.uniform(0.75, 1.2)), 2),
        slice_mm=round(float(rng.choice([1.0, 1.25, 1.5, 2.0, 2.5, 3.0])), 2),
        blur_fwhm_mm=round(float(rng.uniform(0.9, 1.5)), 2),
        noise_hu=round(float(rng.uniform(8.0, 22.0)) * (1.6 if bone else 1.0), 1),
        table_rotation_deg=round(float(rng.normal(0.0, _LARGEST_TURN_DEG / 2.5)), 1),
        kernel=ReconstructionKernel.BONE if bone else ReconstructionKernel.SOFT,
    )


def _normal(name: str, rng: np.random.Generator) -> float:
    row = constant(name)
    return float(rng.normal(row.value, (row.high - row.low) / 4.0))
