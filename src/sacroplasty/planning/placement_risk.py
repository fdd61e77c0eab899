"""What may happen to a needle that is set by hand: chances with their intervals."""

import math
from dataclasses import dataclass

# Two-sided 95 %.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Chance:
    """A share of draws with the Wilson score interval (95 %), all 0…1."""

    share: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, draws: int) -> "Chance":
        """Wilson 1927: centre (p + z²/2n)/(1 + z²/n), half width z√(p(1−p)/n + z²/4n²)/(1 + z²/n)."""
        p, z2 = hits / draws, _Z * _Z
        scale = 1.0 + z2 / draws
        centre = (p + z2 / (2 * draws)) / scale
        half = _Z * math.sqrt(p * (1 - p) / draws + z2 / (4 * draws * draws)) / scale
        return cls(p, max(centre - half, 0.0), min(centre + half, 1.0))


@dataclass(frozen=True, slots=True)
class PlacementRisk:
    """Chances over `draws` placements drawn about one planned needle.

    breach: per structure of `clearance_mm`, that the needle touches it; structures that the
    approach crosses on purpose are not keys. any_breach: that it touches any of them.
    off_target: that the tip does not end in the bone that the approach aims for.
    clearance_p05_mm: the clearance that 95 of 100 placements keep, per structure.
    """

    draws: int
    breach: dict[str, Chance]
    any_breach: Chance
    off_target: Chance
    clearance_p05_mm: dict[str, float]
