"""What a patient is made of beyond size and shape: bone density, cracks and incidental findings.

Kept as plain numbers, because kernels read it at every point. `PLAIN` is the patient of whom nothing is
said: osteoporotic as patients with insufficiency fractures are, with an alar crack where one is asked for.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sacroplasty.phantom.dimensions import PatientDimensions
from sacroplasty.phantom.fracture_pattern import FracturePattern, FractureZones
from sacroplasty.phantom.incidental import Incidental
from sacroplasty.phantom.population import density_of_t_score, t_score_of_density
from sacroplasty.phantom.request import PatientRequest
from sacroplasty.reference import constant

BLOOD_HU = 44.0
_ARTERY_CONTRAST_HU, _VEIN_CONTRAST_HU = 175.0, 150.0  # portal venous phase
_MUSCLE_ENHANCEMENT_HU = 12.0
_SCLEROSIS_HU = (180.0, 380.0)
_VOIDS_END_T = -1.0  # no fatty voids in the ala of a normal bone
_MOST_VOIDS = 1.3
_S2_U = 0.45  # the bone between the S1 and the S2 foramina
_NARROWED = 0.6  # an arthritic joint's gap, relative to the patient's own

ZONE_I, ZONE_I_II, ZONE_II = 0, 1, 2


class Crack(NamedTuple):
    """The cracks: course of the vertical limbs (ZONE_I, ZONE_I_II, ZONE_II) and where they end
    (u = s / length), whether and how far the horizontal limb runs to the left and right
    (0 no, 1 to the vertical limb, 2 to the foramina), width, step and callus.
    """

    course: int = ZONE_I
    end_u: float = 0.50
    across_left: int = 0
    across_right: int = 0
    level_u: float = _S2_U
    aperture: float = 1.3
    step: float = 1.3
    sclerosis: float = 300.0


class Matter(NamedTuple):
    """Everything that `tissue` asks for; see `Incidental` for the findings.

    `voids` scales the alar voids (1: as in insufficiency fractures); `prosthesis` and `si_screw`
    are 0, or the side's sign (+1 left, −1 right).
    """

    crack: Crack = Crack()
    voids: float = 1.0
    arthritis: bool = False
    calcium: float = 0.7
    artery: float = BLOOD_HU
    vein: float = BLOOD_HU
    muscle_enhancement: float = 0.0
    rectal_gas: bool = False
    faeces: bool = False
    prosthesis: int = 0
    transsacral_screw: bool = False
    si_screw: int = 0


PLAIN = Matter()


def matter_of(
    request: PatientRequest, pattern: FracturePattern, rng: np.random.Generator
) -> Matter:
    """The matter of a request; `pattern` is that of the template, which breaks left."""
    has = request.incidentals.__contains__
    hip, screw = (1 if rng.random() < 0.5 else -1 for _ in range(2))
    contrast = has(Incidental.IV_CONTRAST)
    return Matter(
        crack=_crack(request, pattern, rng),
        voids=_voids(request.t_score),
        arthritis=has(Incidental.ARTHRITIC_SI_JOINTS),
        calcium=1.6 if has(Incidental.CALCIFIED_VESSELS) else PLAIN.calcium,
        artery=_ARTERY_CONTRAST_HU if contrast else BLOOD_HU,
        vein=_VEIN_CONTRAST_HU if contrast else BLOOD_HU,
        muscle_enhancement=_MUSCLE_ENHANCEMENT_HU if contrast else 0.0,
        rectal_gas=has(Incidental.RECTAL_GAS),
        faeces=has(Incidental.FAECES),
        prosthesis=hip if has(Incidental.HIP_PROSTHESIS) else 0,
        transsacral_screw=has(Incidental.TRANSSACRAL_SCREW),
        si_screw=screw if has(Incidental.SI_SCREW) else 0,
    )


def with_bone(d: PatientDimensions, request: PatientRequest) -> PatientDimensions:
    """The dimensions with density and cortex of the requested T-score and narrowed joints.

    A patient whose T-score is not asked for keeps the density that was drawn.
    """
    if Incidental.ARTHRITIC_SI_JOINTS in request.incidentals:
        d = replace(d, si_joint_gap=_NARROWED * d.si_joint_gap)
    if request.t_score is None:
        return d
    below = request.t_score - _fractured_t_score()
    thinning = 1.0 + constant("cortex_per_t_score").value * below
    return replace(
        d,
        trabecular_density_insufficiency=density_of_t_score(request.t_score),
        cortex_thickness=max(0.5, thinning) * d.cortex_thickness,
    )


def _fractured_t_score() -> float:
    return t_score_of_density(constant("trabecular_density_insufficiency").value)


def _voids(t_score: float | None) -> float:
    """1 at the mean T-score of fractured patients, 0 from `_VOIDS_END_T` up."""
    if t_score is None:
        return PLAIN.voids
    share = (_VOIDS_END_T - t_score) / (_VOIDS_END_T - _fractured_t_score())
    return float(np.clip(share, 0.0, _MOST_VOIDS))


def _crack(request: PatientRequest, pattern: FracturePattern, rng: np.random.Generator) -> Crack:
    sclerosis = float(rng.uniform(*_SCLEROSIS_HU))
    slight = constant("fracture_displacement_slight")
    drawn = float(rng.uniform(slight.low, slight.high))
    aperture = request.aperture_mm or constant("fracture_aperture").value
    step = drawn if request.displacement_mm is None else request.displacement_mm
    course = {FractureZones.II: ZONE_II, FractureZones.I_II: ZONE_I_II}.get(
        request.fracture_zones, ZONE_I
    )
    plain = Crack(course=course, aperture=aperture, step=step, sclerosis=sclerosis)
    if pattern is FracturePattern.H:
        return plain._replace(across_left=1, across_right=1, end_u=0.62)
    if pattern is FracturePattern.U:
        return plain._replace(across_left=1, across_right=1, end_u=_S2_U + 0.03)
    if pattern is FracturePattern.LEFT_T:
        return plain._replace(across_left=1, across_right=2, end_u=0.55)
    return plain
