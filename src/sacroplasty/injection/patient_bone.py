"""This patient's bone, prepared once; every draw of what the CT cannot tell makes a medium of it.

The medium comes from the CT, the sacrum model, the trusted fracture, cavities and needles, and from
nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.anatomy import Fracture, SacrumModel
from sacroplasty.geometry import Frame, Grid, Rigid, Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.bone_laws import BoneLaws
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.bone_noise import correlated_noise
from sacroplasty.injection.cavity import Cavity
from sacroplasty.injection.tissues import Tissue, TissueMap, map_tissues
from sacroplasty.planning import Needle
from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class PatientBone:
    """What does not change from draw to draw.

    anisotropy_kji: factors (3,) on the permeability of trabecular bone along k, j, i; their
    product is 1.
    """

    grid: Grid
    tissues: TissueMap
    anisotropy_kji: Floats
    cavities: tuple[Cavity, ...]

    @property
    def frame(self) -> Frame:
        """The scanner frame."""
        return self.grid.frame

    def medium(self, draw: BoneDraw) -> BoneMedium:
        """The medium of one draw."""
        along, mean = self._tissue_permeability(draw)
        porosity = self.tissues.porosity.copy()
        return BoneMedium(Volume(porosity, self.grid), Volume(mean, self.grid), along)

    def _tissue_permeability(self, draw: BoneDraw) -> tuple[Floats, Floats]:
        """Permeability (3, k, j, i) along the axes and its geometric mean (k, j, i)."""
        shape = self.grid.shape
        noise = np.zeros((0, 0, 0), dtype=np.float32)
        if draw.noise_seed is not None and draw.noise_sigma > 0:
            length = draw.noise_length_mm / self.grid.spacing_mm[0]
            noise = correlated_noise(draw.noise_seed, shape, length)
        along, mean = np.empty((3, *shape)), np.empty(shape)
        factors = np.ones(len(Tissue))
        factors[Tissue.LOOSE] = draw.loose_tissue_factor
        factors[Tissue.CORTEX] = draw.cortex_factor
        factors[Tissue.TRABECULAR] = draw.permeability_factor
        cap = mm2_from_m2(constant("permeability_open_void").value)
        _compose(
            self.tissues.kind.ravel(), self.tissues.permeability_mm2.ravel(), noise.ravel(),
            np.float32(draw.noise_sigma), factors, cap, self.anisotropy_kji,
            along.reshape(3, -1), mean.ravel(),
        )  # fmt: skip
        return along, mean


def prepare_bone(
    ct: CTVolume,
    sacrum: SacrumModel,
    grid: Grid,
    *,
    fracture: Fracture | None = None,
    cavities: Sequence[Cavity] = (),
    needles: Sequence[Needle] = (),
    laws: BoneLaws | None = None,
) -> PatientBone:
    """Everything about this bone that no draw changes, on an isotropic `grid` of the scanner frame.

    fracture: its clefts open if the user drew or confirmed it; a suggestion nobody confirmed opens
    nothing, as in planning. cavities: what osteotome or balloon have made. needles: along each
    runs the gap of its tract. laws: the default chain where none are given. Raises `FrameMismatch`
    for parts of two patients.
    """
    require_same_frame(ct, sacrum)
    require_same_frame(ct, grid)
    for other in (*needles, *cavities, *((fracture.cleft,) if fracture else ())):
        require_same_frame(ct, other)
    laws = laws or BoneLaws()
    tissues = map_tissues(ct, sacrum, grid, laws)
    anisotropy = grid_anisotropy(sacrum.scanner_from_sacrum, grid, laws.si_over_ap)
    return PatientBone(grid, tissues, anisotropy, tuple(cavities))


def build_medium(ct: CTVolume, sacrum: SacrumModel, grid: Grid) -> BoneMedium:
    """The medium of intact bone at the median of every prior."""
    return prepare_bone(ct, sacrum, grid).medium(BoneDraw.median())


def grid_anisotropy(scanner_from_sacrum: Rigid, grid: Grid, si_over_ap: float) -> Floats:
    """Factors (3,) on K along the array axes k, j, i, of a bone with its axes in the sacral frame.

    K = Kₘ diag(a, a, a·s) in sacral x, y, z with s = `si_over_ap` and a = s^(−1/3), so that the
    geometric mean is Kₘ. On the grid only the diagonal of R K Rᵀ is kept, scaled to the same
    geometric mean: exact where the axes are parallel; a sacrum that is tilted by θ loses the
    off-diagonal ½ (s − 1) a sin 2θ, at most 0.13 Kₘ for s = 1.28.
    """
    if si_over_ap == 1.0:
        return np.ones(3)
    own = np.array([1.0, 1.0, si_over_ap])
    turn = grid.direction.T @ scanner_from_sacrum.rotation
    ijk = (turn**2) @ own
    return np.asarray((ijk / ijk.prod() ** (1.0 / 3.0))[::-1])


@njit(cache=True)
def _compose(
    kind: NDArray[np.uint8], base: Floats, noise: NDArray[np.float32], sigma: np.float32,
    factors: Floats, cap: float, anisotropy: Floats, along: Floats, mean: Floats,
) -> None:  # fmt: skip
    """Permeability of every voxel: tissue × factor, trabecular bone with noise and along the axes.

    Trabecular bone is capped at the permeability of an open void: a voxel of marrow fat is a void
    whose walls the CT does not resolve.
    """
    for n in range(base.size):
        k = base[n] * factors[kind[n]]
        if kind[n] == 2:
            if noise.size > 0:
                k *= np.exp(sigma * noise[n])
            k = min(k, cap)
            for a in range(3):
                along[a, n] = k * anisotropy[a]
        else:
            for a in range(3):
                along[a, n] = k
        mean[n] = k
