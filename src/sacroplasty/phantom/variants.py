"""Variants of the sacrum: upper sacral dysplasia and lumbosacral transition.

A variant changes a few traits of the typical shape. Each trait is the anatomical fact that names
the variant (Routt's signs of upper sacral dysmorphism; O'Driscoll's disc and squaring of a
lumbarised S1; Castellvi's broad transverse process of a sacralised L5).
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from sacroplasty.reference import constant


class SacralVariant(StrEnum):
    """What a sacrum may be besides typical. Sides are the patient's own."""

    TYPICAL = "typical"
    DYSMORPHIC = "dysmorphic"
    LUMBARISED_S1 = "lumbarised S1"
    SACRALISED_L5 = "sacralised L5"
    SACRALISED_L5_LEFT = "sacralised L5 on the left"
    SACRALISED_L5_RIGHT = "sacralised L5 on the right"

    @property
    def mirrored(self) -> "SacralVariant":
        """The variant of the mirror image."""
        swap = {
            SacralVariant.SACRALISED_L5_LEFT: SacralVariant.SACRALISED_L5_RIGHT,
            SacralVariant.SACRALISED_L5_RIGHT: SacralVariant.SACRALISED_L5_LEFT,
        }
        return swap.get(self, self)


class Traits(NamedTuple):
    """The traits of a variant as the kernels read them; all zero (sizes one) in a typical sacrum.

    alar_drop: mm by which the ala falls away in front and at the sides; mammillary_mm: radius of
    the mammillary processes; disc_mm: half the height of the S1–S2 disc; wing_left, wing_right: 1
    where the transverse process of L5 is joined with the ala; squaring: 1 for a square S1 body;
    foramen_size: factor of the width of the S1 foramina, which are then not round.
    """

    alar_drop: float = 0.0
    mammillary_mm: float = 0.0
    disc_mm: float = 0.0
    wing_left: float = 0.0
    wing_right: float = 0.0
    squaring: float = 0.0
    foramen_size: float = 1.0


def traits_of(variant: SacralVariant) -> Traits:
    """The traits of a variant, sizes from `reference`."""
    disc = 0.5 * constant("lumbarised_s1_disc_height").value
    return {
        SacralVariant.TYPICAL: Traits(),
        SacralVariant.DYSMORPHIC: Traits(
            alar_drop=constant("dysmorphic_alar_drop").value,
            mammillary_mm=constant("mammillary_process_radius").value,
            foramen_size=constant("dysmorphic_foramen_size").value,
        ),
        SacralVariant.LUMBARISED_S1: Traits(disc_mm=disc, squaring=1.0),
        SacralVariant.SACRALISED_L5: Traits(wing_left=1.0, wing_right=1.0),
        SacralVariant.SACRALISED_L5_LEFT: Traits(wing_left=1.0),
        SacralVariant.SACRALISED_L5_RIGHT: Traits(wing_right=1.0),
    }[variant]


def draw_shape_variant(rng: np.random.Generator) -> SacralVariant:
    """A variant as often as `reference` has it (`prevalence_…` rows); left and right equally."""
    one_sided = constant("sacralised_l5_one_sided").value
    sacralised = constant("prevalence_sacralised_l5").value
    chances = {
        SacralVariant.DYSMORPHIC: constant("prevalence_dysmorphic_sacrum").value,
        SacralVariant.LUMBARISED_S1: constant("prevalence_lumbarised_s1").value,
        SacralVariant.SACRALISED_L5: sacralised * (1.0 - one_sided),
        SacralVariant.SACRALISED_L5_LEFT: 0.5 * sacralised * one_sided,
        SacralVariant.SACRALISED_L5_RIGHT: 0.5 * sacralised * one_sided,
    }
    point = float(rng.random())
    for variant, chance in chances.items():
        if point < chance:
            return variant
        point -= chance
    return SacralVariant.TYPICAL
