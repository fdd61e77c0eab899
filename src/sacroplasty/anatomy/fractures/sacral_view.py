"""The sacrum seen in its own frame: CT, bone and zones on a 1 mm grid that the midline halves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.geometry import Grid, Points, Volume, require_same_frame
from sacroplasty.imaging import CTVolume

VIEW_MM = 1.0
_MARGIN_MM = 5.0
_CLEFT_CLOSES_MM = 2  # a cleft that the segmenter took for soft tissue is bone again
_AIR_HU = -1000.0
_OPEN = [
    int(s) for s in Structure if s not in {Structure.SACRUM, Structure.SOFT_TISSUE} and int(s) > 0
]


@dataclass(frozen=True, eq=False, slots=True)
class SacralView:
    """Arrays (k, j, i) along cranial, dorsal and left of the sacral frame.

    The middle of i is the midline plane, so ``array[:, :, ::-1]`` is the mirrored patient.
    hu: float32; bone: the sacrum, narrow gaps closed; zones: Denis zones, 0 outside the sacrum;
    canal: the sacral canal; endplate_k: index of the S1 endplate.
    """

    grid: Grid
    hu: NDArray[np.float32]
    bone: NDArray[np.bool_]
    zones: NDArray[np.uint8]
    canal: NDArray[np.bool_]
    endplate_k: float

    @property
    def x_mm(self) -> NDArray[np.float64]:
        """Distance of every i from the midline, positive to the patient's left."""
        ni = self.grid.shape[2]
        return np.asarray((np.arange(ni) - 0.5 * (ni - 1)) * VIEW_MM)


def sacral_view(ct: CTVolume, sacrum: SacrumModel) -> SacralView:
    """Resample CT (linear) and labels (nearest) into the sacral frame.

    Raises `FrameMismatch` where the model is another scan's, `AnatomyNotTrusted` where the sacrum
    lies outside the CT.
    """
    require_same_frame(ct, sacrum)
    own = sacrum.mask(Structure.SACRUM)
    grid = _grid(sacrum, own)
    bone = Volume(own.astype(np.float32), sacrum.labels.grid).on(grid, order=1).values > 0.5
    cover = ct.grid.contains(grid.points_at(np.argwhere(bone)))
    if not cover.any():
        raise AnatomyNotTrusted("The sacrum model lies outside the CT; it belongs to another scan.")
    labels = sacrum.labels.on(grid, order=0).values
    ball = ndimage.generate_binary_structure(3, 1)
    closed = ndimage.binary_closing(bone, ball, iterations=_CLEFT_CLOSES_MM)
    bone = bone | (closed & ~np.isin(labels, _OPEN))
    hu = Volume(ct.hu.astype(np.float32), ct.grid).on(grid, order=1, outside=_AIR_HU).values
    rigid = sacrum.scanner_from_sacrum
    endplate = grid.kji_at(rigid(Points.at([0.0, 0.0, 0.0], rigid.source)))[0, 0]
    zones = _zones(sacrum, grid, bone)
    return SacralView(grid, hu, bone, zones, labels == Structure.CANAL, float(endplate))


def _grid(sacrum: SacrumModel, own: NDArray[np.bool_]) -> Grid:
    rigid = sacrum.scanner_from_sacrum
    points = rigid.inverse(sacrum.labels.grid.points_at(np.argwhere(own))).xyz
    low, high = points.min(axis=0) - _MARGIN_MM, points.max(axis=0) + _MARGIN_MM
    half = float(np.ceil(max(-low[0], high[0])))
    low = np.array([-half, np.floor(low[1]), np.floor(low[2])])
    ni, nj, nk = (np.ceil(np.array([half, *high[1:]]) - low).astype(int) + 1).tolist()
    origin = rigid(Points.at(low, rigid.source)).single
    return Grid((nk, nj, ni), tuple(origin.tolist()), (VIEW_MM,) * 3, rigid.rotation, sacrum.frame)


def _zones(sacrum: SacrumModel, grid: Grid, bone: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The model's zones; a closed gap takes the zone of the nearest bone."""
    zones = sacrum.zones.on(grid, order=0).values
    nearest = ndimage.distance_transform_edt(
        zones == 0, return_distances=False, return_indices=True
    )
    return np.where(bone, zones[tuple(nearest)], 0).astype(np.uint8)
