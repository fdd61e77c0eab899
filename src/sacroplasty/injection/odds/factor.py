"""What is uncertain about an injection, each with a stream of chance of its own."""

from enum import StrEnum

import numpy as np


class Factor(StrEnum):
    """One source of uncertainty. New ones go to the end: old seeds then keep the old numbers."""

    NEEDLE = "needle placement"
    PERMEABILITY = "permeability of the bone"
    PATTERN = "variation within the bone"
    CLEFT = "aperture of the fracture"
    VEINS = "veins"
    TRACT = "gap along the needle"
    TISSUE = "loose tissue and cortex"
    VISCOSITY = "viscosity of the cement"
    AGEING = "ageing of the cement"
    PORES = "shear in the pores"
    RATE = "operator's rate"


ALL_FACTORS = frozenset(Factor)


def stream(seed: int, factor: Factor, member: int, part: int = 0) -> np.random.Generator:
    """The generator of one factor of one member (and of one needle of it).

    Streams are independent of each other, of the number of members and of which other factors are
    drawn. So two plans under one seed meet the same patients, needles and batches of cement
    (common random numbers), and a change in one factor leaves all others as they were.
    """
    key = (list(Factor).index(factor), member, part)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
