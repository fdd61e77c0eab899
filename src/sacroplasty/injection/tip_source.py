"""The opening of the needle on a grid that does not resolve it."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.pore_rheology import PoreLaw

# Samples per voxel edge when the ball at the tip is measured against voxels.
_SAMPLES = 6
# A voxel that would take less than this share of the flow is left out.
_LEAST_SHARE = 1e-4
# Step of the quadrature in log t; halving it changes nothing in the tenth digit.
_LOG_STEP = 0.125
# From here on e^(−2t) I_l(2t) is 1/√(4πt) to nine digits for the few steps that are asked for.
_LATE = 1e8


@dataclass(frozen=True, eq=False, slots=True)
class TipSource:
    """Voxels that the needle feeds, with their shares, and what the grid makes of such a source.

    cells: flat voxel indices (n,). shares: (n,), sum 1. opening_mm: inner radius of the needle.
    permeability_mm2: mean over the ball. grid_excess_per_mm: mean pressure of the fed voxels above
    the far field on this grid, per unit of Q μ / K. porosity: mean over the ball.
    """

    cells: NDArray[np.int64]
    shares: NDArray[np.float64]
    opening_mm: float
    permeability_mm2: float
    grid_excess_per_mm: float
    porosity: float

    def opening_drop_mpa(
        self, rate_mm3_per_s: float, age_s: float, law: PoreLaw
    ) -> tuple[float, float]:
        """Pressure at the opening above the mean of the fed voxels, and its part due to yield.

        A well correction in the manner of Peaceman. In even bone and for a Newtonian cement the
        fed voxels sit Q μ / K times Σ_ij w_i w_j g(i−j) / h above the far field, with the lattice
        Green's function g: as much as the mean over a ball of radius R that emits Q evenly, 6/5 /
        (4π R). That ball stands for them. What is lost between the opening and R is added, what is
        lost within the ball, ∫ (r/R)³ μ(u) u / K dr with u = Q r / (4π R³), is taken off. For a
        Newtonian cement the answer depends neither on the grid nor on where in its voxel the tip
        lies, once the front has left the ball; for one that thins it comes within 2 %.
        """
        radius = 1.2 / (4.0 * math.pi * self.grid_excess_per_mm)
        pore = (
            self.permeability_mm2,
            law.shear_factor / math.sqrt(self.permeability_mm2 * self.porosity),
        )
        outside = law.radial_drop_mpa(rate_mm3_per_s, age_s, pore, self.opening_mm, radius)
        inside = law.drop_within_ball_mpa(rate_mm3_per_s, age_s, pore, radius)
        return outside[0] - inside[0], outside[1] - inside[1]


def tip_source(
    medium: BoneMedium, open_space: NDArray[np.bool_], tip: Points, opening_mm: float
) -> TipSource | None:
    """The source of a needle tip in a medium; None where nothing around the tip is open.

    open_space (k, j, i): voxels that can still take cement. Shares go by volume inside the ball
    times permeability: the cement leaves towards the bone that lets it in.
    """
    grid = medium.grid
    if not grid.contains(tip).all():
        raise BadInput("The needle tip lies outside the flow grid.")
    h = grid.spacing_mm[0]
    ball = max(opening_mm, h)
    centre = grid.kji_at(tip)[0]
    reach = math.ceil(ball / h) + 1
    axes = [
        np.arange(max(0, int(c) - reach), min(n, int(c) + reach + 2))
        for c, n in zip(centre, grid.shape, strict=True)
    ]
    kji = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    overlap = _overlap(kji - centre, ball / h)
    cells = np.asarray(np.ravel_multi_index(tuple(kji.T), grid.shape), dtype=np.int64)
    permeability = medium.permeability_mm2.values.ravel()[cells]
    weight = overlap * permeability * open_space.ravel()[cells]
    if weight.sum() <= 0:
        return None
    keep = np.flatnonzero(weight > _LEAST_SHARE * weight.sum())
    shares = weight[keep] / weight[keep].sum()
    in_ball = overlap[keep] / overlap[keep].sum()
    apart = np.abs(kji[keep][:, None, :] - kji[keep][None, :, :])
    green = lattice_green(int(apart.max()))[tuple(np.moveaxis(apart, -1, 0))]
    return TipSource(
        cells[keep],
        shares,
        opening_mm,
        float(in_ball @ permeability[keep]),
        float(shares @ green @ shares) / h,
        float(in_ball @ medium.porosity.values.ravel()[cells[keep]]),
    )


@lru_cache(maxsize=8)
def lattice_green(most: int) -> NDArray[np.float64]:
    """Green's function of the seven-point Laplacian, g(l, m, n) for 0…`most` steps along each axis.

    Σ_faces (g − g_neighbour) = δ, falling to zero far away as 1/(4π r). With modified Bessel
    functions, g = ∫₀^∞ e^{−6t} I_l(2t) I_m(2t) I_n(2t) dt; g(0,0,0) = 0.252731 (Watson's integral).
    The trapezium rule in log t converges exponentially.
    """
    t = np.exp(np.arange(-40.0, 60.0, _LOG_STEP))
    late = np.broadcast_to(1.0 / np.sqrt(4.0 * math.pi * t), (most + 1, t.size))
    early = ive(np.arange(most + 1)[:, None], 2.0 * np.minimum(t, _LATE))
    bessel = np.where(t > _LATE, late, early)
    return np.asarray(np.einsum("lt,mt,nt,t->lmn", bessel, bessel, bessel, t * _LOG_STEP))


def _overlap(offset: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Share (n,) of each unit voxel at `offset` (n, 3) that lies within `radius` of the origin."""
    steps = (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5
    samples = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    distance = np.linalg.norm(offset[:, None, :] + samples[None, :, :], axis=2)
    return np.asarray((distance <= radius).mean(axis=1))
