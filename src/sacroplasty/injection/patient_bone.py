"""This patient's bone, prepared once; every draw of what the CT cannot tell makes a medium of it.

The medium comes from the CT, the sacrum model, the trusted fracture, cavities and needles, and from
nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Fracture, SacrumModel, Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.bone_laws import BoneLaws
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.cavity import Cavity
from sacroplasty.injection.clefts import CleftCells, fracture_cells
from sacroplasty.injection.medium_draft import MediumDraft
from sacroplasty.injection.needle_tract import (
    annulus_area_mm2,
    annulus_conduction_mm4,
    needle_tract,
)
from sacroplasty.injection.tissue_permeability import grid_anisotropy, tissue_permeability
from sacroplasty.injection.tissues import Tissue, TissueMap, map_tissues
from sacroplasty.injection.tubes import Tube
from sacroplasty.injection.veins import VeinExits, draw_veins, vein_exits
from sacroplasty.planning import Needle
from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class PatientBone:
    """What does not change from draw to draw; arrays are not to be written into.

    anisotropy_kji: factors (3,) on the permeability of trabecular bone along k, j, i; their
    product is 1. cavities: voxels and the share of each that is empty. tracts: each needle's chain
    of voxels and the diameter of its shaft in mm.
    """

    grid: Grid
    tissues: TissueMap
    anisotropy_kji: Floats
    clefts: CleftCells
    cavities: tuple[tuple[Ints, Floats], ...]
    tracts: tuple[tuple[Tube, float], ...]
    exits: tuple[VeinExits, ...]

    @property
    def frame(self) -> Frame:
        """The scanner frame."""
        return self.grid.frame

    def with_needles(self, needles: Sequence[Needle]) -> "PatientBone":
        """The same bone with the tracts of other needles."""
        tracts = tuple(_tract(needle, self.grid, self.tissues) for needle in needles)
        return replace(self, tracts=tracts)

    def medium(self, draw: BoneDraw) -> BoneMedium:
        """The medium of one draw."""
        h = self.grid.spacing_mm[0]
        along, mean = tissue_permeability(self.tissues, draw, self.anisotropy_kji, h)
        porosity = self.tissues.porosity.ravel().copy()
        draft = MediumDraft(
            self.grid, porosity, along.reshape(3, -1), mean.ravel(), np.zeros(mean.size, np.bool_),
            (self.tissues.labels == Structure.SACRUM).ravel(),
        )  # fmt: skip
        b = draw.cleft_aperture_mm
        draft.open_plates(
            self.clefts.cells, b**3 * self.clefts.conduction_kji, b * self.clefts.share
        )
        for cells, share in self.cavities:
            draft.open_void(cells, share, mm2_from_m2(constant("permeability_open_void").value))
        for tube, shaft_mm in self.tracts:
            conduction = annulus_conduction_mm4(shaft_mm, draw.tract_gap_mm)
            area = annulus_area_mm2(shaft_mm, draw.tract_gap_mm)
            draft.open_tract(tube, tube.permeability_mm2(conduction, h), tube.void_share(area, h))
        return draft.finished(draw_veins(draw, self.exits, self.grid, self.tissues))


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
    for parts of two patients, `BadInput` for a grid that is not isotropic, a limb without a
    surface, a cavity outside the grid and a tip where no cement can go.
    """
    require_same_frame(ct, sacrum)
    require_same_frame(ct, grid)
    for other in (*needles, *cavities, *((fracture.cleft,) if fracture else ())):
        require_same_frame(ct, other)
    if len(set(grid.spacing_mm)) != 1:
        raise BadInput(f"A flow grid must be isotropic; got {grid.spacing_mm} mm.")
    laws = laws or BoneLaws()
    tissues = map_tissues(ct, sacrum, grid, laws)
    return PatientBone(
        grid=grid,
        tissues=tissues,
        anisotropy_kji=grid_anisotropy(sacrum.scanner_from_sacrum, grid, laws.si_over_ap),
        clefts=fracture_cells(fracture, sacrum, grid, tissues.labels),
        cavities=tuple(_room_for(cavity, grid, tissues) for cavity in cavities),
        tracts=tuple(_tract(needle, grid, tissues) for needle in needles),
        exits=vein_exits(sacrum, grid, tissues),
    )


def build_medium(ct: CTVolume, sacrum: SacrumModel, grid: Grid) -> BoneMedium:
    """The medium of intact bone at the median of every prior."""
    return prepare_bone(ct, sacrum, grid).medium(BoneDraw.median())


def _room_for(cavity: Cavity, grid: Grid, tissues: TissueMap) -> tuple[Ints, Floats]:
    """A cavity's voxels, without air."""
    cells, share = cavity.coverage(grid)
    keep = tissues.kind.ravel()[cells] != Tissue.AIR
    return cells[keep], share[keep]


def _tract(needle: Needle, grid: Grid, tissues: TissueMap) -> tuple[Tube, float]:
    open_space = tissues.kind != Tissue.AIR
    if not grid.contains(needle.tip).all():
        raise BadInput("The needle tip lies outside the flow grid.")
    tip = np.rint(grid.kji_at(needle.tip)[0]).astype(int)
    if not tissues.porosity[tuple(tip)] > 0:
        raise BadInput(
            f"The bone at the needle tip {np.round(needle.tip.single, 1).tolist()} mm has a "
            "porosity of 0: no cement can go there; move the target."
        )
    return needle_tract(needle, grid, open_space), needle.gauge.outer_diameter_mm
