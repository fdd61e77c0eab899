"""The sacrum seen as a sheet between a ventral and a dorsal lid, and the open space between them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.visible_walls import open_to_half_maximum
from sacroplasty.anatomy.working_grid import frame_grid
from sacroplasty.geometry import Grid, Points, Rigid, Volume
from sacroplasty.imaging import AIR_HU, CTVolume

# A lid bridges mouths up to twice this radius; the hollow of the whole sacrum is much wider.
_LID_RADIUS_MM = 9
_FAR_MM = 30.0
_CHORD_MM = 95.0
# Openings lie nearer to the midline than this; beyond it are voids of the ala and the joints.
_OPENINGS_MM = 40.0


@dataclass(frozen=True, eq=False, slots=True)
class SacralSheet:
    """Everything on one 1 mm grid whose k, j, i run cranial, dorsal, left along the sacral chord.

    distance: signed distance to the bone mask (mm, negative inside). hu: Hounsfield units.
    ventral, dorsal: height (j) of the lids over (k, i); ventral >= dorsal where there is no sacrum.
    x_mm, depth_mm: distance to the midline per i (+ left) and below the S1 endplate per k.
    """

    grid: Grid
    distance: NDArray[np.float32]
    hu: NDArray[np.int16]
    ventral: NDArray[np.int64]
    dorsal: NDArray[np.int64]
    x_mm: NDArray[np.float64]
    depth_mm: NDArray[np.float64]

    @property
    def between_lids(self) -> NDArray[np.bool_]:
        """Where (k, j, i) a voxel lies between the lids."""
        j = np.arange(self.grid.shape[1])[None, :, None]
        return np.asarray((j >= self.ventral[:, None, :]) & (j <= self.dorsal[:, None, :]))


def lay_sheet(distance: Volume[np.float32], ct: CTVolume, frame: Rigid) -> SacralSheet:
    """The sheet of a sacrum given by its signed distance (mm) on the working grid.

    The lids are the ventral and dorsal height maps after a grey opening and closing, which bridge
    every pit narrower than 18 mm: the mouths of the foramina, but not the sacrum's own hollow.
    """
    bone = Volume(distance.values < 0, distance.grid)
    rotation = _chord_rotation(bone, frame)
    grid = frame_grid(bone, rotation, 12.0)
    d = distance.on(grid, order=1, outside=_FAR_MM).values
    hu = ct.volume.on(grid, order=1, outside=AIR_HU).values
    mask = d < 0
    nj = grid.shape[1]
    first = np.where(mask.any(axis=1), mask.argmax(axis=1), nj)
    last = np.where(mask.any(axis=1), nj - 1 - mask[:, ::-1].argmax(axis=1), -1)
    r = np.arange(-_LID_RADIUS_MM, _LID_RADIUS_MM + 1)
    disk = r[:, None] ** 2 + r[None, :] ** 2 <= _LID_RADIUS_MM**2
    ventral = ndimage.grey_opening(first, footprint=disk)
    dorsal = ndimage.grey_closing(last, footprint=disk)
    kji = grid.kji_at(Points.at(frame.translation, grid.frame))[0]
    x = np.arange(grid.shape[2]) - kji[2]
    depth = kji[0] - np.arange(grid.shape[0])
    sheet = SacralSheet(grid, d, hu, ventral, dorsal, x, depth)
    inner = sheet.between_lids & (np.abs(x) <= _OPENINGS_MM)
    return replace(sheet, distance=open_to_half_maximum(d, hu, inner))


def _chord_rotation(bone: Volume[np.bool_], frame: Rigid) -> NDArray[np.float64]:
    """Axes (columns left, dorsal, cranial) with cranial along the chord of the bodies S1–S4."""
    xyz = bone.grid.points_at(np.argwhere(bone.values)).xyz
    local = (xyz - frame.translation) @ frame.rotation
    near = (np.abs(local[:, 0]) < 7) & (np.linalg.norm(local[:, 1:], axis=1) < _CHORD_MM)
    plane = local[near, 1:]
    axis = np.linalg.svd(plane - plane.mean(axis=0), full_matrices=False)[2][0]
    axis = axis if axis[1] > 0 else -axis
    cranial = frame.rotation @ np.array([0.0, axis[0], axis[1]])
    normal = frame.rotation[:, 0]
    return np.stack([normal, np.cross(cranial, normal), cranial], axis=1)
