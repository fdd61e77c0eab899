"""A virtual patient before the scan: shape and place on the table, from request and seed alone."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import Side
from sacroplasty.phantom.dimensions import PatientDimensions, draw_dimensions
from sacroplasty.phantom.matter import Crack, matter_of, with_bone
from sacroplasty.phantom.placement import Placement, lay_on_table
from sacroplasty.phantom.request import PatientRequest
from sacroplasty.phantom.sacral_curve import SacralCurve
from sacroplasty.phantom.shape import Shape, build_shape

_LEFT_FOR_RIGHT = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False, slots=True)
class LaidPatient:
    """Who lies there. `mirrored`: what is scanned must be flipped, for the template breaks left."""

    shape: Shape
    curve: SacralCurve
    placement: Placement
    dimensions: PatientDimensions
    crack: Crack
    mirrored: bool
    for_noise: np.random.Generator

    @property
    def real_placement(self) -> Placement:
        """The place of the patient as born: for a mirrored one it holds the reflection."""
        if not self.mirrored:
            return self.placement
        return Placement(
            _LEFT_FOR_RIGHT[:, None] * self.placement.rotation,
            _LEFT_FOR_RIGHT * self.placement.centre,
        )


def lay_patient(request: PatientRequest, seed: int) -> LaidPatient:
    """Draw sizes, bone and pose; the same arguments give the same patient."""
    mirror = request.fracture.sides == (Side.RIGHT,)
    pattern = request.fracture.mirrored if mirror else request.fracture
    # Separate streams, so that more draws in one leave the others as they were.
    for_shape, for_table, for_noise, for_sizes, for_matter = np.random.default_rng(seed).spawn(7)[
        2:
    ]
    dimensions = with_bone(draw_dimensions(request.sex, request.age_years, for_sizes), request)
    matter = matter_of(request, pattern, for_matter)
    broken = (Side.LEFT in pattern.sides, Side.RIGHT in pattern.sides)
    variant = request.variant.mirrored if mirror else request.variant
    shape, curve = build_shape(dimensions, seed, for_shape, broken, variant, matter=matter)
    turn = request.scanner.table_rotation_deg
    placement = lay_on_table(-turn if mirror else turn, for_table)
    return LaidPatient(shape, curve, placement, dimensions, matter.crack, mirror, for_noise)
