"""Which tissue every voxel of the flow grid is, and what it lets through before anything is drawn."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.bone_laws import BoneLaws
from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

# Corners of the box that an oblique scan never measured read as air, as CTVolume pads them.
_UNSCANNED_HU = -1024.0

BONES = (Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5)

# Structure -> (permeability row, void fraction row); everything else soft is soft tissue.
_SOFT_ROWS = {
    Structure.CANAL: ("permeability_canal", "void_fraction_loose_tissue"),
    Structure.SI_JOINT_LEFT: ("permeability_si_joint", "void_fraction_joint"),
    Structure.SI_JOINT_RIGHT: ("permeability_si_joint", "void_fraction_joint"),
    Structure.DISC_L5S1: ("permeability_disc", "void_fraction_joint"),
    **{
        foramen: ("permeability_foramen", "void_fraction_loose_tissue")
        for foramen in Structure
        if foramen.is_foramen
    },
}


class Tissue(IntEnum):
    """How a voxel's permeability is drawn."""

    AIR = 0
    LOOSE = 1
    TRABECULAR = 2
    CORTEX = 3
    VOID = 4


@dataclass(frozen=True, eq=False, slots=True)
class TissueMap:
    """Arrays (k, j, i) on the flow grid.

    kind: a `Tissue`. porosity: 0…1. permeability_mm2: of trabecular bone by the law, before the
    factor of a draw; of everything else the median. labels: the sacrum model's.
    """

    kind: NDArray[np.uint8]
    porosity: NDArray[np.float64]
    permeability_mm2: NDArray[np.float64]
    labels: NDArray[np.uint8]


def map_tissues(ct: CTVolume, sacrum: SacrumModel, grid: Grid, laws: BoneLaws) -> TissueMap:
    """Tissues of an isotropic `grid` by labels and HU.

    The outermost voxel layer of every bone, its endplates included, is cortex, nearly tight, except
    where no bone as bright as cortex (`cortex_gap_hu`) lies within `cortex_gap_reach`: one dark voxel
    at a boundary that was drawn a little too wide is no hole. Bone without trabeculae (`void_hu`) is
    an alar void.
    Canal, foramina, joints, disc and soft tissue are loose tissue by class. Air takes no cement.
    """
    hu = ct.volume.on(grid, order=1, outside=_UNSCANNED_HU).values.astype(np.float64)
    labels = sacrum.labels.on(grid, order=0, outside=float(Structure.OUTSIDE)).values
    kind = np.full(grid.shape, Tissue.LOOSE, dtype=np.uint8)
    porosity = np.full(grid.shape, constant("void_fraction_loose_tissue").value)
    permeability = np.full(grid.shape, mm2_from_m2(constant("permeability_soft_tissue").value))
    for structure, (permeability_row, void_row) in _SOFT_ROWS.items():
        here = labels == structure
        permeability[here] = mm2_from_m2(constant(permeability_row).value)
        porosity[here] = constant(void_row).value
    air = hu < constant("tissue_least_hu").value
    for bone in BONES:
        here = labels == bone
        air &= ~here
        porosity[here] = laws.porosity(hu[here])
        permeability[here] = laws.permeability(porosity[here])
        kind[here] = Tissue.TRABECULAR
        kind[here & (hu < constant("void_hu").value)] = Tissue.VOID
        kind[_surface_layer(here) & _bright_nearby(hu, here, grid.spacing_mm[0])] = Tissue.CORTEX
    kind[air] = Tissue.AIR
    porosity[air] = 0.0
    permeability[air] = 0.0
    permeability[kind == Tissue.CORTEX] = mm2_from_m2(constant("permeability_cortex").value)
    permeability[kind == Tissue.VOID] = mm2_from_m2(constant("permeability_open_void").value)
    _require_numbers(porosity, permeability, laws)
    return TissueMap(kind, porosity, permeability, labels)


def _require_numbers(
    porosity: NDArray[np.float64], permeability: NDArray[np.float64], laws: BoneLaws
) -> None:
    """A law that is swapped in may give anything."""
    if not (porosity.min() >= 0 and porosity.max() <= 1):
        raise BadInput(
            f"The porosity law {laws.porosity} gave {porosity.min()}–{porosity.max()} in this CT; "
            "it must stay within 0–1."
        )
    if not (permeability.min() >= 0 and np.isfinite(permeability.max())):
        raise BadInput(
            f"The permeability law {laws.permeability} gave {permeability.min()}–"
            f"{permeability.max()} mm² in this CT; it must stay finite and not negative."
        )


def _surface_layer(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Voxels of a mask with a face on its outside: the thinnest layer that no face path crosses."""
    return np.asarray(mask & ~ndimage.binary_erosion(mask, border_value=1))


def _bright_nearby(hu: NDArray[np.float64], bone: NDArray[np.bool_], h: float) -> NDArray[np.bool_]:
    """Voxels with a voxel of the same bone as bright as cortex in the cube of the reach around.

    At least the next voxel is asked, however coarse the grid.
    """
    reach = max(1, int(constant("cortex_gap_reach").value / h))
    cortex = bone & (hu >= constant("cortex_gap_hu").value)
    return np.asarray(ndimage.maximum_filter(cortex, size=2 * reach + 1))
