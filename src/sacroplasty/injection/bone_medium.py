"""This patient's bone as a porous medium, from the CT and the sacrum model and nothing else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.bone_laws import porosity_from_hu, trabecular_permeability
from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

# Corners of the box that an oblique scan never measured read as air, as CTVolume pads them.
_UNSCANNED_HU = -1024.0

_BONES = (Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5)

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


@dataclass(frozen=True, eq=False, slots=True)
class BoneMedium:
    """What cement flows through.

    porosity: share of each voxel that cement can take, 0 (no path) to 1.
    permeability_mm2: isotropic Darcy permeability. Both on one isotropic grid in scanner axes.
    """

    porosity: Volume[np.float64]
    permeability_mm2: Volume[np.float64]

    def __post_init__(self) -> None:
        if self.porosity.grid != self.permeability_mm2.grid:
            raise BadInput("Porosity and permeability of a medium must share one grid.")
        if len(set(self.grid.spacing_mm)) != 1:
            raise BadInput(f"A flow grid must be isotropic; got {self.grid.spacing_mm} mm.")
        for name, values in (
            ("porosity", self.porosity.values),
            ("permeability", self.permeability_mm2.values),
        ):
            if not (np.isfinite(values).all() and values.min() >= 0):
                raise BadInput(f"The {name} of a medium must be finite and not negative.")
        if self.porosity.values.max() > 1:
            raise BadInput("The porosity of a medium must not exceed 1.")

    @property
    def grid(self) -> Grid:
        """The flow grid."""
        return self.porosity.grid

    @property
    def frame(self) -> Frame:
        """The scanner frame."""
        return self.grid.frame


def build_medium(ct: CTVolume, sacrum: SacrumModel, grid: Grid) -> BoneMedium:
    """The medium on an isotropic `grid` of the patient's frame.

    Bone follows the laws of `bone_laws`. The outermost voxel layer of every bone is cortex, nearly
    tight, except where its HU shows a gap (`cortex_gap_hu`): so fractures and clefts open by what
    the CT shows. Canal, foramina, joints, disc and soft tissue are loose tissue by class. Air takes
    no cement.
    """
    require_same_frame(ct, sacrum)
    require_same_frame(ct, grid)
    hu = ct.volume.on(grid, order=1, outside=_UNSCANNED_HU).values.astype(np.float64)
    labels = sacrum.labels.on(grid, order=0, outside=float(Structure.OUTSIDE)).values
    porosity = np.full(grid.shape, constant("void_fraction_loose_tissue").value)
    permeability = np.full(grid.shape, mm2_from_m2(constant("permeability_soft_tissue").value))
    for structure, (permeability_row, void_row) in _SOFT_ROWS.items():
        here = labels == structure
        permeability[here] = mm2_from_m2(constant(permeability_row).value)
        porosity[here] = constant(void_row).value
    air = hu < constant("tissue_least_hu").value
    for bone in _BONES:
        here = labels == bone
        air &= ~here
        porosity[here] = porosity_from_hu(hu[here])
        permeability[here] = trabecular_permeability(porosity[here])
        cortex = _surface_layer(here) & (hu >= constant("cortex_gap_hu").value)
        permeability[cortex] = mm2_from_m2(constant("permeability_cortex").value)
    porosity[air] = 0.0
    permeability[air] = 0.0
    return BoneMedium(Volume(porosity, grid), Volume(permeability, grid))


def _surface_layer(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Voxels of a mask with a face on its outside: the thinnest layer that no face path crosses."""
    return np.asarray(mask & ~ndimage.binary_erosion(mask, border_value=1))
