"""How far a hand misses the plan: entry, angle and depth as independent normal errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadUsage
from sacroplasty.reference import constant_default
from sacroplasty.units import rad_from_deg


@dataclass(frozen=True, slots=True)
class PlacementError:
    """Standard deviations of a placed needle about its plan.

    entry_sd_mm: of the skin entry, along each of the two directions across the needle;
    angle_sd_deg: of the direction, about each of two axes across the needle, hinged at the entry;
    depth_sd_mm: of the tip along the needle.
    """

    entry_sd_mm: float = constant_default("placement_entry_sd")
    angle_sd_deg: float = constant_default("placement_angle_sd")
    depth_sd_mm: float = constant_default("placement_depth_sd")

    def __post_init__(self) -> None:
        for name, value, limit in (
            ("entry error", self.entry_sd_mm, 20.0),
            ("angle error", self.angle_sd_deg, 20.0),
            ("depth error", self.depth_sd_mm, 20.0),
        ):
            if not 0.0 <= value <= limit:
                raise BadUsage(f"A standard deviation of the {name} of {value} is outside 0–20.")


@dataclass(frozen=True, eq=False, slots=True)
class PlacementDraws:
    """n standard normal draws (n, 5): entry along u and v, angle about v and u, depth.

    The same draws are used for every needle of a side, so that two needles differ by where they
    go and not by luck; they are mirrored for the right side, so that a mirrored patient gets
    mirrored errors.
    """

    standard: NDArray[np.float64]

    @classmethod
    def drawn(cls, count: int, generator: np.random.Generator) -> "PlacementDraws":
        """Antithetic pairs: every draw comes with its opposite, so that the mean error is none."""
        half = generator.standard_normal(((count + 1) // 2, 5))
        return cls(np.concatenate([half, -half])[:count])

    def first(self, count: int) -> "PlacementDraws":
        """Fewer of them, evenly from both halves."""
        rows = np.linspace(0, len(self.standard) - 1, count).astype(int)
        return PlacementDraws(self.standard[rows])

    def placed(
        self,
        entry: NDArray[np.float64],
        tip: NDArray[np.float64],
        across: tuple[NDArray[np.float64], NDArray[np.float64]],
        error: PlacementError,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Tips (n, 3), unit directions (n, 3) and lengths (n,) of needles set for entry → tip.

        across: two unit vectors at right angles to the needle and to each other.
        """
        u, v = across
        length = float(np.linalg.norm(tip - entry))
        along = (tip - entry) / length
        shift = self.standard[:, :2] * error.entry_sd_mm
        tilt = np.tan(self.standard[:, 2:4] * rad_from_deg(error.angle_sd_deg))
        entries = entry + shift[:, :1] * u + shift[:, 1:] * v
        directions = along + tilt[:, :1] * u + tilt[:, 1:] * v
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        lengths = np.maximum(length + self.standard[:, 4] * error.depth_sd_mm, 1.0)
        return entries + directions * lengths[:, None], directions, lengths
