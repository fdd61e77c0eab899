"""Two plans that met the same patients: differences with their intervals."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from sacroplasty.errors import BadInput

# Two-sided 95 %.
_Z = 1.959964
_ALPHA = 0.05
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference, second less first, with its interval (95 %)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedChance:
    """How a chance changes from one plan to another in the same members.

    only_first and only_second: members in which it came true under one of the two alone.
    p_value: McNemar's exact test, two-sided.
    """

    first: float
    second: float
    difference: Difference
    only_first: int
    only_second: int
    p_value: float

    @property
    def is_certain(self) -> bool:
        """Whether the members tell the two apart: by the test and by the interval alike."""
        apart = self.difference.low > 0.0 or self.difference.high < 0.0
        return apart and self.p_value < _ALPHA


def paired_chance(first: Bools, second: Bools) -> PairedChance:
    """Compare yes-or-no outcomes (members,) of the same members.

    Interval of Bonett & Price (2012): with p₁₂ = (n₁₂+1)/(n+2) and p₂₁ = (n₂₁+1)/(n+2), the
    difference is p₂₁ − p₁₂ ± z √[(p₁₂ + p₂₁ − (p₂₁ − p₁₂)²)/(n+2)]. Only members that differ
    carry information, so what both plans share costs no width.
    """
    if first.shape != second.shape or first.size == 0:
        raise BadInput(
            f"Plans are compared member by member; got {first.size} and {second.size} members."
        )
    n = first.size
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    p12, p21 = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    half = _Z * math.sqrt((p12 + p21 - (p21 - p12) ** 2) / (n + 2))
    unlike = only_first + only_second
    return PairedChance(
        first=float(first.mean()),
        second=float(second.mean()),
        difference=Difference(
            (only_second - only_first) / n,
            max(-1.0, p21 - p12 - half),
            min(1.0, p21 - p12 + half),
        ),
        only_first=only_first,
        only_second=only_second,
        p_value=float(binomtest(only_second, unlike).pvalue) if unlike else 1.0,
    )


def paired_mean(first: Floats, second: Floats) -> Difference:
    """Mean difference of a number (members,), with the normal interval of paired differences."""
    if first.shape != second.shape or first.size < 2:
        raise BadInput(
            f"Plans are compared in two members at least; got {first.size} and {second.size}."
        )
    apart = second - first
    mean = float(apart.mean())
    half = _Z * float(apart.std(ddof=1)) / math.sqrt(apart.size)
    return Difference(mean, mean - half, mean + half)
