"""The patient around the cement as a medium for heat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Volume
from sacroplasty.injection.heat.medium import HeatMedium
from sacroplasty.injection.heat.settings import HeatSettings
from sacroplasty.reference import constant

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_BONES = (
    Structure.SACRUM,
    Structure.ILIUM_LEFT,
    Structure.ILIUM_RIGHT,
    Structure.L5,
    Structure.COCCYX,
)
# A voxel whose pores are filled by more than this counts as cement.
_MOSTLY = 0.5
_G_PER_KG = 1000.0


def heat_grid(cement: CementField, margin_mm: float) -> Grid:
    """The lattice of the cement field, cut to the cement and extended by a margin all around.

    It may reach beyond the field and beyond the CT; what lies there counts as soft tissue. Raises
    `BadInput` where there is no cement or the lattice is not one of cubes.
    """
    grid = cement.fraction.grid
    h = grid.spacing_mm[0]
    if not np.allclose(grid.spacing_mm, h, rtol=1e-6):
        raise BadInput(f"Heat needs a grid of cubes; the cement's is {grid.spacing_mm} mm.")
    held = np.argwhere(cement.fraction.values > 0)
    if not held.size:
        raise BadInput("There is no cement to cure; inject some first.")
    layers = round(margin_mm / h)
    low, high = held.min(axis=0) - layers, held.max(axis=0) + layers
    nk, nj, ni = (high - low + 1).tolist()
    x, y, z = grid.points_at(low).single.tolist()
    return Grid((nk, nj, ni), (x, y, z), grid.spacing_mm, grid.direction, grid.frame)


@dataclass(frozen=True, eq=False, slots=True)
class Tissue:
    """On the heat grid, all (k, j, i): label (`Structure`), cement volume per voxel volume, and the
    share of the pores that is filled."""

    grid: Grid
    labels: NDArray[np.uint8]
    fraction: Floats
    saturation: Floats

    @property
    def is_bone(self) -> Mask:
        """Bone, filled or not."""
        return np.isin(self.labels, [int(bone) for bone in _BONES])

    @property
    def is_cement(self) -> Mask:
        """Mostly filled."""
        return self.saturation > _MOSTLY

    @property
    def interface(self) -> NDArray[np.int64]:
        """Faces between cement and bone that is not filled: pairs (n, 2) of flat cells."""
        cement, bone = self.is_cement, self.is_bone & ~self.is_cement
        cells = np.arange(cement.size).reshape(cement.shape)
        pairs = []
        for axis in range(3):
            low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
            high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
            for inner, outer in ((low, high), (high, low)):
                here = cement[inner] & bone[outer]
                pairs.append(np.column_stack([cells[inner][here], cells[outer][here]]))
        return np.concatenate(pairs).astype(np.int64)


def tissue_around(
    cement: CementField, porosity: Volume[np.float32], sacrum: SacrumModel, margin_mm: float
) -> Tissue:
    """Cement and structures on the heat grid."""
    grid = heat_grid(cement, margin_mm)
    fraction = cement.fraction.on(grid, order=0).values.astype(np.float64).clip(0.0, 1.0)
    pores = porosity.on(grid, order=0).values.astype(np.float64)
    saturation = np.divide(fraction, pores, out=np.zeros_like(fraction), where=pores > 0)
    labels = sacrum.labels.on(grid, order=0, outside=float(Structure.SOFT_TISSUE)).values
    return Tissue(grid, labels, fraction, saturation.clip(0.0, 1.0))


def heat_medium(tissue: Tissue, recipe: CementRecipe, settings: HeatSettings) -> HeatMedium:
    """Volume averages of cement and of the bone or soft tissue that it shares a voxel with.

    The heat of reaction is written for a kilogram of cement without radiopacifier, so its density
    goes with it. Blood flows in tissue as far as its pores are not filled. Air outside the body
    counts as soft tissue: it lies beyond the reach of the heat.
    """
    bone, s = tissue.is_bone, tissue.fraction
    density = constant("cure_density").value
    cement_capacity = density * constant("cure_specific_heat").value / _G_PER_KG
    capacity = np.where(
        bone, constant("cure_bone_heat_capacity").value, constant("heat_soft_capacity").value
    )
    conductivity = np.where(
        bone, constant("heat_bone_conductivity").value, constant("heat_soft_conductivity").value
    )
    return HeatMedium(
        capacity_j_per_ml_k=s * cement_capacity + (1.0 - s) * capacity,
        conductivity_w_per_m_k=(
            s * constant("heat_cement_conductivity").value + (1.0 - s) * conductivity
        ),
        perfusion_w_per_m3_k=settings.perfusion_w_per_m3_k * (1.0 - tissue.saturation),
        heat_j_per_ml=s * density * recipe.cure.heat_j_per_kg / _G_PER_KG,
        spacing_mm=tissue.grid.spacing_mm[0],
    )


def start_temperature_c(tissue: Tissue, medium: HeatMedium, settings: HeatSettings) -> Floats:
    """Cement and tissue of one voxel, mixed: (k, j, i)."""
    held = tissue.fraction * constant("cure_density").value / _G_PER_KG
    share = held * constant("cure_specific_heat").value / medium.capacity_j_per_ml_k
    colder = settings.cement_temperature_c - settings.body_temperature_c
    return np.asarray(settings.body_temperature_c + share * colder)
