"""One patient's sizes, drawn from the published means and ranges."""

from dataclasses import dataclass, fields

import numpy as np

from sacroplasty.phantom.sex import Sex
from sacroplasty.reference import constant

REFERENCE_AGE_YEARS = 78
FARTHEST_SD = 3.0


@dataclass(frozen=True, slots=True)
class PatientDimensions:
    """Sizes in mm, angles in degrees, densities in HU, shares of the sacral length.

    Each name is a row of `reference`.
    """

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
    stature: float
    curvature_apex: float
    s1_foramen_level: float


_BY_SEX = {
    "sacral_height",
    "interauricular_width",
    "s1_body_width",
    "auricular_height",
    "s1_dorsal_foramen_offset",
    "stature",
}


def row_name(dimension: str, sex: Sex) -> str:
    """The `reference` row that a dimension is drawn from."""
    if dimension not in _BY_SEX:
        return dimension
    return f"{dimension}_{'female' if sex is Sex.FEMALE else 'male'}"


def draw_dimensions(sex: Sex, age_years: int, rng: np.random.Generator) -> PatientDimensions:
    """Sizes of one patient.

    Each is normal about the row's value. The rows hold mean and ±2 SD as low and high, so the SD is
    a quarter of the range; draws beyond 3 SD (0.27 %) are drawn again. Lengths share a part of
    their deviation, so that a large patient is large in most sizes. Bone density then shifts by the yearly loss of the
    sex for every year away from 78.
    """
    size = float(rng.normal())
    drawn = {f.name: _draw(row_name(f.name, sex), size, rng) for f in fields(PatientDimensions)}
    loss = constant(f"trabecular_loss_{'female' if sex is Sex.FEMALE else 'male'}").value
    drawn["trabecular_density_insufficiency"] += loss * (REFERENCE_AGE_YEARS - age_years)
    return PatientDimensions(**drawn)


def row_sd(name: str) -> float:
    """The standard deviation that a row's low and high (mean ± 2 SD) stand for."""
    row = constant(name)
    return (row.high - row.low) / 4.0


def _draw(name: str, size: float, rng: np.random.Generator) -> float:
    row, sd = constant(name), row_sd(name)
    shared = constant("size_correlation").value if row.unit == "mm" else 0.0
    while True:
        own = float(rng.normal())
        deviation = np.sqrt(shared) * size + np.sqrt(1.0 - shared) * own
        if abs(deviation) <= FARTHEST_SD:
            return float(row.value + sd * deviation)
