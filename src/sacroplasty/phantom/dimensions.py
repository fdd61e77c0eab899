"""One patient's sizes, drawn from the published means and ranges."""

from dataclasses import dataclass, fields

import numpy as np

from sacroplasty.phantom.sex import Sex
from sacroplasty.reference import constant

REFERENCE_AGE_YEARS = 78


@dataclass(frozen=True, slots=True)
class PatientDimensions:
    """Sizes in mm, angles in degrees, densities in HU. Each name is a row of `reference`."""

    sacral_slope: float
    sacral_kyphosis: float
    sacral_height: float
    interauricular_width: float
    s1_body_width: float
    auricular_height: float
    s1_endplate_depth: float
    s1_canal_depth: float
    s1_canal_width: float
    s1_dorsal_foramen_offset: float
    s1_dorsal_foramen_width: float
    s1_dorsal_foramen_height: float
    s2_dorsal_foramen_width: float
    s2_dorsal_foramen_height: float
    s2_dorsal_foramen_spacing: float
    s1_ventral_foramen_height: float
    s1_ventral_foramen_width: float
    s2_ventral_foramen_height: float
    s2_ventral_foramen_width: float
    ventral_foramen_lateral_shift: float
    ventral_foramen_superior_shift: float
    iliac_crest_above_sacral_base: float
    si_joint_gap: float
    body_half_width: float
    body_half_depth: float
    trabecular_density_insufficiency: float
    cortical_density: float
    cortex_thickness: float


_BY_SEX = {
    "sacral_height",
    "interauricular_width",
    "s1_body_width",
    "auricular_height",
    "s1_dorsal_foramen_offset",
}


def row_name(dimension: str, sex: Sex) -> str:
    """The `reference` row that a dimension is drawn from."""
    if dimension not in _BY_SEX:
        return dimension
    return f"{dimension}_{'female' if sex is Sex.FEMALE else 'male'}"


def draw_dimensions(sex: Sex, age_years: int, rng: np.random.Generator) -> PatientDimensions:
    """Sizes of one patient.

    Each is normal about the row's value with SD a quarter of its range (the rows hold mean and
    2 SD), cut to the range by drawing again. Bone density then shifts by the yearly loss of the
    sex for every year away from 78.
    """
    drawn = {f.name: _draw(row_name(f.name, sex), rng) for f in fields(PatientDimensions)}
    loss = constant(f"trabecular_loss_{'female' if sex is Sex.FEMALE else 'male'}").value
    drawn["trabecular_density_insufficiency"] += loss * (REFERENCE_AGE_YEARS - age_years)
    return PatientDimensions(**drawn)


def _draw(name: str, rng: np.random.Generator) -> float:
    row = constant(name)
    sd = (row.high - row.low) / 4.0
    while True:
        value = float(rng.normal(row.value, sd))
        if row.low <= value <= row.high:
            return value
