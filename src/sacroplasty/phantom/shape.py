"""A patient's anatomy as numbers that the kernels read: tables, profiles and tubes.

Everything is in the template frame: origin at the centre of the S1 endplate, +x left, +y dorsal,
+z cranial (the scanner's axes before the patient is turned or shifted on the table).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sacroplasty.phantom.dimensions import PatientDimensions
from sacroplasty.phantom.foramen_courses import foramen_tubes
from sacroplasty.phantom.ilium_tables import ilium_tables
from sacroplasty.phantom.sacral_curve import SacralCurve, trace_sacral_curve
from sacroplasty.phantom.sacral_profiles import sacral_profiles
from sacroplasty.phantom.soft_parts import bowel_loops, vessel_tubes
from sacroplasty.phantom.texture import grain_tile
from sacroplasty.phantom.variants import SacralVariant, Traits, traits_of

FloatArray = NDArray[np.float64]
Table = NDArray[np.float32]

_STEP_MM = (0.6, 2.0)  # how far the broken ala is displaced


class Shape(NamedTuple):
    """What the kernels need; see the builders for the layout of the arrays.

    Few arrays on purpose: a kernel that is handed this tuple counts a reference to each of them.
    `tables` (5, nz, ny) holds S, V, ILIUM_OUTLINE, ILIUM_MIDDLE and ILIUM_HALF_THICKNESS;
    `grain` is a tile of noise (see `texture`); `step` the displacement at a fracture.
    """

    seed: int
    tables: Table
    profiles: FloatArray
    foramina: tuple[tuple[float, ...], ...]
    vessels: FloatArray
    bowel: FloatArray
    grain: Table
    length: float
    slope_sin: float
    slope_cos: float
    promontory_y: float
    promontory_z: float
    endplate_depth: float
    body_half_width: float
    auricular_end: float
    joint_gap: float
    skin_half_width: float
    skin_half_depth: float
    trabecular: float
    cortical: float
    cortex: float
    step: float
    warp: tuple[tuple[float, float, float], tuple[float, float, float]]
    fractured_left: bool
    fractured_right: bool
    traits: Traits


def build_shape(
    d: PatientDimensions,
    seed: int,
    rng: np.random.Generator,
    fractured: tuple[bool, bool],
    variant: SacralVariant = SacralVariant.TYPICAL,
) -> tuple[Shape, SacralCurve]:
    """The shape of a patient with dimensions `d`; `fractured` says (left, right)."""
    curve = trace_sacral_curve(d)
    traits = traits_of(variant)
    outline, middle, half = ilium_tables(d)
    profiles = sacral_profiles(d, traits.squaring)
    tubes = foramen_tubes(d, curve.length_mm, profiles, traits.foramen_size)
    shape = Shape(
        seed=seed,
        tables=np.stack([curve.s, curve.v, outline, middle, half]),
        profiles=profiles,
        foramina=tuple(map(tuple, tubes.tolist())),
        vessels=vessel_tubes(),
        bowel=bowel_loops(rng),
        grain=grain_tile(rng),
        length=curve.length_mm,
        slope_sin=float(np.sin(curve.slope_rad)),
        slope_cos=float(np.cos(curve.slope_rad)),
        promontory_y=curve.promontory[0],
        promontory_z=curve.promontory[1],
        endplate_depth=d.s1_endplate_depth,
        body_half_width=0.5 * d.s1_body_width,
        auricular_end=0.04 * curve.length_mm + d.auricular_height,
        joint_gap=d.si_joint_gap,
        skin_half_width=d.body_half_width,
        skin_half_depth=d.body_half_depth,
        trabecular=d.trabecular_density_insufficiency,
        cortical=d.cortical_density,
        cortex=d.cortex_thickness,
        step=float(rng.uniform(*_STEP_MM)),
        warp=_asymmetry(rng),
        fractured_left=fractured[0],
        fractured_right=fractured[1],
        traits=traits,
    )
    return shape, curve


def _asymmetry(
    rng: np.random.Generator,
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Amplitudes (mm) and phases of the slow bend that makes left and right differ a little."""
    a, b, c = rng.uniform(0.6, 1.8, 3).tolist()
    p, q, r = rng.uniform(0.0, 2.0 * np.pi, 3).tolist()
    return (a, b, c), (p, q, r)
