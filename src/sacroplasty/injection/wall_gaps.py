"""How far every voxel of the flow grid is from what cement must not enter."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.errors import BadUsage
from sacroplasty.geometry import Grid, Volume, require_same_frame
from sacroplasty.injection.wall import Wall
from sacroplasty.leaks import LeakSite

_STRUCTURES = {
    LeakSite.FORAMEN: tuple(s for s in Structure if s.is_foramen),
    LeakSite.CANAL: (Structure.CANAL,),
    LeakSite.SI_JOINT: (Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT),
    LeakSite.DISC_L5S1: (Structure.DISC_L5S1,),
}
_SOFT = (LeakSite.PRESACRAL, LeakSite.POSTERIOR)
WATCHED = (*_STRUCTURES, *_SOFT)
_NO_SOFT_TISSUE = (
    Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5,
    *(s for group in _STRUCTURES.values() for s in group),
)  # fmt: skip
# Walls up to this far outside the flow box are seen from inside it.
_BEYOND_BOX_MM = 10.0


class WallGaps:
    """Gaps from voxels of a flow grid to the walls of a sacrum; each is computed when first asked.

    A gap is the distance between voxel faces along the way from centre to centre, 0 where they
    touch: centre distance less one voxel, good to half a voxel. Inside the structure it is negative:
    how deep. inf where the model lacks the structure. labels: the sacrum model's on the flow grid; outside_bone: flat voxels (n,)
    that are not sacrum. Soft tissue is in front or behind by the way from the nearest bone to it,
    as `classify_leaks` tells them apart.
    """

    def __init__(self, sacrum: SacrumModel, grid: Grid) -> None:
        require_same_frame(sacrum, grid)
        self.grid = grid
        self._scanner_from_sacrum = sacrum.scanner_from_sacrum
        self._h = grid.spacing_mm[0]
        self._pad = int(np.ceil(_BEYOND_BOX_MM / self._h))
        around = _padded(grid, self._pad)
        labels = sacrum.labels.on(around, order=0, outside=float(Structure.OUTSIDE))
        self._around = labels
        inner = (slice(self._pad, -self._pad),) * 3
        self.labels: Volume[np.uint8] = Volume(labels.values[inner], grid)
        self.outside_bone: NDArray[np.bool_] = self.labels.values.ravel() != Structure.SACRUM
        self._known: dict[LeakSite, tuple[NDArray[np.float32], NDArray[np.uint8]]] = {}

    def gap_mm(self, site: LeakSite) -> NDArray[np.float32]:
        """Gap of each flat voxel (n,) to a site."""
        return self._of(site)[0]

    def wall_at(self, site: LeakSite, voxel: int) -> Wall:
        """The wall of that site which is nearest to a flat voxel."""
        structure = Structure(self._of(site)[1][voxel])
        side = next((s for s in Side if structure.name.endswith(f"_{s.name}")), None)
        level = Level(structure.name.split("_")[1]) if structure.is_foramen else None
        if site in _SOFT:
            kji = np.unravel_index(voxel, self.grid.shape)
            x = self._scanner_from_sacrum.inverse(self.grid.points_at(np.array(kji))).single[0]
            side = Side.LEFT if x > 0 else Side.RIGHT
        return Wall(site, side, level)

    def _of(self, site: LeakSite) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        if site not in WATCHED:
            raise BadUsage(f"The distance to {site.value} is not measured; known are {WATCHED}.")
        if site not in self._known:
            self._known[site] = self._measured(site)
        return self._known[site]

    def _measured(self, site: LeakSite) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        labels = self._around.values
        there = self._soft_tissue(site) if site in _SOFT else np.isin(labels, _STRUCTURES[site])
        inner = (slice(self._pad, -self._pad),) * 3
        if not there.any():
            size = int(np.prod(self.grid.shape))
            return np.full(size, np.inf, np.float32), np.zeros(size, np.uint8)
        centres, nearest = ndimage.distance_transform_edt(
            ~there, sampling=self._h, return_indices=True
        )
        depth = ndimage.distance_transform_edt(there, sampling=self._h)
        gap = np.where(there, -depth, np.maximum(0.0, centres - self._h))[inner]
        return gap.astype(np.float32).ravel(), labels[tuple(nearest)][inner].ravel()

    def _soft_tissue(self, site: LeakSite) -> NDArray[np.bool_]:
        """Soft tissue ventral or dorsal of the nearest sacrum, in the sacrum's own axes."""
        labels = self._around.values
        soft = ~np.isin(labels, _NO_SOFT_TISSUE)
        bone = labels == Structure.SACRUM
        if not bone.any():
            return np.zeros_like(soft)
        nearest = ndimage.distance_transform_edt(~bone, return_distances=False, return_indices=True)
        grid, to_sacrum = self._around.grid, self._scanner_from_sacrum.inverse
        here = to_sacrum(grid.points_at(np.argwhere(soft))).xyz
        there = to_sacrum(grid.points_at(nearest[:, soft].T)).xyz
        dorsal = here[:, 1] - there[:, 1] >= 0.0
        soft[soft] = dorsal if site is LeakSite.POSTERIOR else ~dorsal
        return soft


def _padded(grid: Grid, voxels: int) -> Grid:
    origin = grid.points_at(np.full(3, -voxels)).single
    nk, nj, ni = (n + 2 * voxels for n in grid.shape)
    x, y, z = origin.tolist()
    return Grid((nk, nj, ni), (x, y, z), grid.spacing_mm, grid.direction, grid.frame)
