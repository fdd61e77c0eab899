"""What a scan shows where the pelvis template fits best: bone, clutter, air, and the scan's edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.pose import PelvisPose
from sacroplasty.anatomy.builtin.solid_bone import CORTEX_HU
from sacroplasty.anatomy.builtin.template import empty_points, wing_points
from sacroplasty.anatomy.structures import Side
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import CTVolume

WING_REACH_MM = 6.0  # a generic wing lies this near to most of a real one
_AIR_HU = -500.0  # bowel gas, lungs and the room; fat is far denser
_HOLLOW_LOW_MM, _HOLLOW_HIGH_MM = (-90.0, -60.0, -60.0), (90.0, 40.0, 40.0)  # between the wings
_HOLLOW_STEP_MM = 5.0
_THROUGH_S3_MM = ((0.0, 0.0, 4.0), (0.0, 25.0, -20.0), (0.0, 38.0, -45.0))
_ALA_MM = (48.0, 15.0, -12.0)


@dataclass(frozen=True, eq=False, slots=True)
class TemplatePlace:
    """The scan, and its HU resampled along the axes of the best-fitting template."""

    ct: CTVolume
    hu: Volume[np.float32]
    axes: PelvisAxes
    pose: PelvisPose

    def wing_points(self, side: Side) -> NDArray[np.float64]:
        """Points (n, 3) of one template wing in pelvic mm."""
        return np.asarray(wing_points() * self.pose.scale * (side.sign, 1.0, 1.0))

    def at(self, mask: NDArray[np.bool_], points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """`mask` (nk, nj, ni) at pelvic points (n, 3)."""
        return np.asarray(mask[tuple(self.indices(points).T)])

    def indices(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Nearest voxels (n, 3), order (k, j, i), of pelvic points (n, 3)."""
        low = (self.axes.z_mm[0], self.axes.y_mm[0], self.axes.x_mm[0])
        kji = np.rint((points[:, ::-1] - low) / self.axes.step_mm).astype(np.int64)
        return np.clip(kji, 0, np.asarray(self.axes.grid.shape) - 1)

    def seen(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether pelvic points (n, 3) lie inside the scan."""
        lps = points @ self.pose.rotation.T + self.pose.origin_mm
        return np.asarray(self.ct.grid.contains(Points(lps, self.ct.frame)))

    def shows_bone(self) -> bool:
        """Whether anything is as dense as cortex."""
        return bool((self.hu.values > CORTEX_HU).any())

    def wing_bone(self, side: Side) -> float:
        """Share of the visible part of a template wing that has dense bone nearby; 0 if unseen."""
        size = 2 * round(WING_REACH_MM / self.axes.step_mm) + 1
        points = self.wing_points(side)
        seen = self.seen(points)
        if not seen.any():
            return 0.0
        thick = ndimage.maximum_filter(self.hu.values, size)
        return float((self.at(thick > CORTEX_HU, points) & seen).sum() / seen.sum())

    def clutter(self) -> float:
        """Share of the visible part of the template's empty space that is as dense as bone."""
        points = empty_points() * self.pose.scale
        points = points[self.seen(points)]
        return float(self.at(self.hu.values > CORTEX_HU, points).mean()) if len(points) else 0.0

    def air(self) -> float:
        """Share of the visible space between the wings that is air."""
        spans = zip(_HOLLOW_LOW_MM, _HOLLOW_HIGH_MM, strict=True)
        grids = np.meshgrid(*(np.arange(low, high, _HOLLOW_STEP_MM) for low, high in spans))
        points = np.column_stack([g.ravel() for g in grids])
        points = points[self.seen(points)]
        air = self.at(self.hu.values < _AIR_HU, points)
        return float(air.mean()) if len(points) else 0.0

    def shows_s1_to_s3(self, disc_mm: float = 0.0) -> bool:
        """Whether the scan reaches from the L5/S1 disc (at height `disc_mm`) and the alae to S3."""
        return self.margin_mm(disc_mm) >= 0.0

    def margin_mm(self, disc_mm: float = 0.0) -> float:
        """How far inside the scan the nearest of these points lies; negative outside."""
        ala = [(side.sign * _ALA_MM[0], *_ALA_MM[1:]) for side in Side]
        points = np.array([*_THROUGH_S3_MM, *ala])
        points[:, 2] += min(disc_mm, 12.0)
        grid = self.ct.grid
        lps = Points(points @ self.pose.rotation.T + self.pose.origin_mm, self.ct.frame)
        kji = grid.kji_at(lps)
        inside = np.minimum(kji + 0.5, np.asarray(grid.shape) - 0.5 - kji)
        return float((inside * grid.spacing_kji_mm).min())
