"""One colour per structure, the same in every program."""

import colorsys

from sacroplasty.anatomy import Structure

_GOLDEN_TURN = 0.618034  # neighbours in the list are far apart on the wheel


def exported(values: set[int]) -> list[Structure]:
    """The structures among label values that are worth a segment: not air, not soft tissue."""
    left_out = {Structure.OUTSIDE, Structure.SOFT_TISSUE}
    return [s for s in Structure if s in values and s not in left_out]


def colour_of(structure: Structure) -> tuple[float, float, float]:
    """Red, green and blue, 0…1."""
    return colorsys.hsv_to_rgb(int(structure) * _GOLDEN_TURN % 1.0, 0.55, 0.9)
