"""Which bone the heat kills, by criteria that can be exchanged."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadUsage
from sacroplasty.injection.heat.heat_run import HeatRun
from sacroplasty.reference import constant_default
from sacroplasty.units import ml_from_mm3


class NecrosisCriterion(Protocol):
    """Says where heat was too much."""

    def kills(self, heat: HeatRun) -> NDArray[np.bool_]:
        """Where (k, j, i) tissue of any kind is dead."""
        ...


@dataclass(frozen=True, slots=True)
class TimeAbove:
    """Dead after `seconds` above the run's necrosis temperature: 47 °C for a minute (Eriksson)."""

    seconds: float = constant_default("necrosis_time")

    def __post_init__(self) -> None:
        if not 0 < self.seconds < np.inf:
            raise BadUsage(f"Bone dies after a positive time; got {self.seconds} s.")

    def kills(self, heat: HeatRun) -> NDArray[np.bool_]:
        """Where it was long enough above."""
        return heat.above_s.values >= self.seconds


@dataclass(frozen=True, slots=True)
class DamageIntegral:
    """Dead where Ω = ∫ 1e98 exp(−7.5e4/T) dt reaches `limit`: 53 °C for about a minute."""

    limit: float = constant_default("damage_limit")

    def __post_init__(self) -> None:
        if not 0 < self.limit < np.inf:
            raise BadUsage(f"A damage integral has a positive limit; got {self.limit}.")

    def kills(self, heat: HeatRun) -> NDArray[np.bool_]:
        """Where Ω is large enough."""
        return heat.damage.values >= self.limit


def necrotic_bone_ml(heat: HeatRun, criterion: NecrosisCriterion) -> float:
    """Volume of bone outside the cement that is dead by a criterion."""
    dead = heat.bone.values & criterion.kills(heat)
    return ml_from_mm3(float(dead.sum()) * heat.bone.grid.voxel_mm3)
