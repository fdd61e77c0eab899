"""Where a leak may lie on this patient's own anatomy, and a leak of any size there.

A reference leak grows as a ball about a seed, but only through voxels that the compartment holds:
a foraminal leak follows the foramen (and the fat at its mouths), one in the canal the canal, one
in front of the ala lies flat against the cortex.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import (
    Level,
    SacrumModel,
    Side,
    Structure,
    foramen_structure,
    si_joint_structure,
)
from sacroplasty.cement import CementField
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.leaks import LeakSite
from sacroplasty.reference import constant

_REACH_MM = 16.0  # a box about the seed: a ball of 2 mL needs 8 mm, a flat leak more
_OFF_CORTEX_MM = 2.0
_BELOW_ENDPLATE_MM = (5.0, 35.0)  # the part of the ala that is filled: S1 and the top of S2
_BESIDE_MIDDLE_MM = 6.0


@dataclass(frozen=True, eq=False, slots=True)
class LeakPlace:
    """A compartment with the voxels that a leak there fills, in order of filling.

    kji: (n, 3) voxels of `grid`, nearest to the seed first.
    """

    site: LeakSite
    side: Side | None
    level: Level | None
    kji: NDArray[np.int64]
    grid: Grid

    @property
    def name(self) -> str:
        """Site, level and side in words: ``foramen S1 left``."""
        return " ".join(str(part) for part in (self.site, self.level, self.side) if part)

    @property
    def room_mm3(self) -> float:
        """The largest leak that the box around the seed has room for."""
        return len(self.kji) * self.grid.voxel_mm3

    def filled(self, volume_mm3: float) -> CementField:
        """Pure cement in the first voxels, the last of them in part, as much as there is room."""
        if not volume_mm3 > 0:
            raise BadInput(f"A leak of {volume_mm3} mm³ is none; give a volume above zero.")
        wanted = min(volume_mm3, self.room_mm3) / self.grid.voxel_mm3
        share = np.clip(wanted - np.arange(len(self.kji)), 0.0, 1.0).astype(np.float32)
        wet = self.kji[share > 0]
        low, high = wet.min(axis=0), wet.max(axis=0) + 1
        fraction = np.zeros(tuple(high - low), dtype=np.float32)
        fraction[tuple((wet - low).T)] = share[share > 0]
        box = self.grid.cropped(tuple(low.tolist()), tuple(high.tolist()))
        return CementField(Volume(fraction, box))


def leak_places(sacrum: SacrumModel) -> tuple[LeakPlace, ...]:
    """Foramina, canal, presacral and posterior soft tissue, SI joints and the L5/S1 disc.

    Those that the model has; a structure that was not found has no place.
    """
    return tuple(place for place in _all_places(sacrum) if place is not None)


def _all_places(sacrum: SacrumModel) -> Iterator[LeakPlace | None]:
    soft = Structure.SOFT_TISSUE
    for foramen in sacrum.foramina:
        own = foramen_structure(foramen.level, foramen.side)
        yield _place(
            sacrum, LeakSite.FORAMEN, foramen.side, foramen.level, foramen.centre, (own, soft)
        )
    yield _place(sacrum, LeakSite.CANAL, None, None, _canal_seed(sacrum), (Structure.CANAL,))
    for side in Side:
        for site, dorsal in ((LeakSite.PRESACRAL, -1.0), (LeakSite.POSTERIOR, 1.0)):
            seed = _beside_ala(sacrum, side, dorsal)
            yield _place(sacrum, site, side, None, seed, (soft,))
        joint = si_joint_structure(side)
        seed = _middle_of(sacrum, joint)
        yield _place(sacrum, LeakSite.SI_JOINT, side, None, seed, (joint,))
    disc = Structure.DISC_L5S1
    yield _place(sacrum, LeakSite.DISC_L5S1, None, None, _middle_of(sacrum, disc), (disc,))


def _place(
    sacrum: SacrumModel,
    site: LeakSite,
    side: Side | None,
    level: Level | None,
    seed: Points | None,
    through: tuple[Structure, ...],
) -> LeakPlace | None:
    """The voxels of `through` near the seed, sorted by distance; None where there are none."""
    if seed is None:
        return None
    grid = sacrum.labels.grid
    middle = grid.kji_at(seed)[0]
    reach = _REACH_MM / np.asarray(grid.spacing_kji_mm)
    low = np.maximum(np.floor(middle - reach), 0).astype(int)
    high = np.minimum(np.ceil(middle + reach) + 1, grid.shape).astype(int)
    if (high <= low).any():
        return None
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    kji = np.argwhere(np.isin(sacrum.labels.values[box], [int(s) for s in through])) + low
    if not len(kji):
        return None
    away = np.linalg.norm((kji - middle) * grid.spacing_kji_mm, axis=1)
    order = np.lexsort((*kji.T[::-1], np.round(away, 6)))
    kept = order[away[order] <= _REACH_MM]
    return LeakPlace(site, side, level, kji[kept], grid) if len(kept) else None


def _canal_seed(sacrum: SacrumModel) -> Points | None:
    """The point of the canal at the level of the isocentre."""
    inverse = sacrum.scanner_from_sacrum.inverse
    depth = inverse(sacrum.canal).xyz[:, 2] + constant("carm_isocentre_below_endplate").value
    return Points(sacrum.canal.xyz[[int(np.abs(depth).argmin())]], sacrum.frame)


def _middle_of(sacrum: SacrumModel, structure: Structure) -> Points | None:
    """The voxel of a structure nearest to the centroid of its part beside S1; of all if none is."""
    kji = np.argwhere(sacrum.labels.values == structure)
    if not len(kji):
        return None
    points = sacrum.labels.grid.points_at(kji)
    depth = -sacrum.scanner_from_sacrum.inverse(points).xyz[:, 2]
    beside = (depth >= _BELOW_ENDPLATE_MM[0]) & (depth <= _BELOW_ENDPLATE_MM[1])
    xyz = points.xyz[beside] if beside.any() else points.xyz
    nearest = np.linalg.norm(xyz - xyz.mean(axis=0), axis=1).argmin()
    return Points(xyz[[int(nearest)]], sacrum.frame)


def _beside_ala(sacrum: SacrumModel, side: Side, dorsal: float) -> Points | None:
    """Just off the ventral (`dorsal` −1) or dorsal (+1) cortex in the middle of the ala."""
    kji = np.argwhere(sacrum.zones.values == 1)
    if not len(kji):
        return None
    to_scanner = sacrum.scanner_from_sacrum
    xyz = to_scanner.inverse(sacrum.zones.grid.points_at(kji)).xyz
    depth = -xyz[:, 2]
    here = (xyz[:, 0] * side.sign > 0) & (depth >= _BELOW_ENDPLATE_MM[0])
    xyz = xyz[here & (depth <= _BELOW_ENDPLATE_MM[1])]
    if not len(xyz):
        return None
    middle = np.median(xyz, axis=0)
    column = xyz[(np.abs(xyz[:, [0, 2]] - middle[[0, 2]]) <= _BESIDE_MIDDLE_MM).all(axis=1)]
    if not len(column):
        return None
    cortex = column[int((dorsal * column[:, 1]).argmax())]
    off = np.array([0.0, dorsal * _OFF_CORTEX_MM, 0.0])
    return to_scanner(Points(cortex + off, to_scanner.source))
