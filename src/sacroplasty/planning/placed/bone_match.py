"""How well two CTs of one bone lie on each other, and the small move that improves it.

Gauss and Newton's method on the squares of the differences in HU, with Huber's weights so that
streaks count little, on images smoothed to one scale. Far coarser images see farther; the caller
goes from coarse to fine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from sacroplasty.geometry import Frame, Points, Rigid, Volume

FloatArray = NDArray[np.float64]

_STEPS, _ENOUGH_MM, _ARM_MM = 25, 2e-3, 40.0
_HUBER_HU = 80.0
_FEWEST = 300
_FAR_MM = 1e3


@dataclass(frozen=True, eq=False, slots=True)
class BonePair:
    """Two images at one smoothing: the fixed one as samples, the moving one as a volume.

    points (n) of the fixed image with its HU `wanted` (n,) and `slopes` (n, 3) in HU/mm; `clear_mm`
    is the distance of every voxel of the moving image from metal, of which `away_mm` is asked.
    """

    points: Points
    wanted: FloatArray
    slopes: FloatArray
    moving: Volume[np.float32]
    clear_mm: Volume[np.float32]
    away_mm: float

    @classmethod
    def at_scale(
        cls,
        fixed: Volume[np.float32],
        moving: Volume[np.float32],
        clear_mm: Volume[np.float32],
        points: Points,
        scale_mm: float,
        away_mm: float,
    ) -> "BonePair":
        """Both images smoothed by a Gaussian of SD `scale_mm`, the fixed one sampled at `points`."""
        smooth = _smoothed(fixed, scale_mm)
        slopes = _slopes(smooth, points)
        wanted = smooth.at(points)
        return cls(points, wanted, slopes, _smoothed(moving, scale_mm), clear_mm, away_mm)

    def part(self, rows: NDArray[np.bool_]) -> "BonePair":
        """The same images compared at some of the points only."""
        return BonePair(
            Points(self.points.xyz[rows], self.points.frame),
            self.wanted[rows],
            self.slopes[rows],
            self.moving,
            self.clear_mm,
            self.away_mm,
        )

    def seen(self, fixed_from_moving: Rigid) -> tuple[FloatArray, NDArray[np.bool_]]:
        """HU of the moving image at every point, and where it is in the field and clear of metal."""
        there = fixed_from_moving.inverse(self.points)
        use = self.moving.grid.contains(there)
        use &= self.clear_mm.at(there, order=0) > self.away_mm
        return self.moving.at(there), use

    def correlation(self, fixed_from_moving: Rigid) -> float:
        """Pearson's correlation of the two where both are seen; 0 where too little is."""
        hu, use = self.seen(fixed_from_moving)
        if use.sum() < _FEWEST:
            return 0.0
        return float(np.nan_to_num(np.corrcoef(self.wanted[use], hu[use])[0, 1]))

    def improved(self, start: Rigid) -> Rigid:
        """The move with the least (weighted) squares near `start`.

        If the moving image is moved by ω × (y − m) + t, its value at y changes by
        −g · (ω × (y − m) + t), g the slope, here that of the fixed image: so (y − m) × g and g are
        the columns of the normal equations.
        """
        middle = self.points.xyz.mean(axis=0)
        columns = np.hstack([np.cross(self.points.xyz - middle, self.slopes), self.slopes])
        found = start
        for _ in range(_STEPS):
            hu, use = self.seen(found)
            if use.sum() < _FEWEST:
                return start
            error = self.wanted - hu
            weight = use * np.minimum(1.0, _HUBER_HU / np.maximum(np.abs(error), 1e-6))
            normal = columns.T @ (columns * weight[:, None])
            change = -np.linalg.lstsq(normal, columns.T @ (error * weight), rcond=None)[0]
            found = _move(change, middle, found.to) @ found
            if np.linalg.norm(change[3:]) + _ARM_MM * np.linalg.norm(change[:3]) < _ENOUGH_MM:
                break
        return found


def clear_of(metal: Volume[np.bool_]) -> Volume[np.float32]:
    """Distance (mm) of every voxel from metal; far where there is none."""
    if not metal.values.any():
        return Volume(np.full(metal.values.shape, _FAR_MM, np.float32), metal.grid)
    far = ndimage.distance_transform_edt(~metal.values, sampling=metal.grid.spacing_kji_mm)
    return Volume(far.astype(np.float32), metal.grid)


def _move(change: FloatArray, middle: FloatArray, frame: Frame) -> Rigid:
    """A small turn (rotation vector, rad) about a point and a shift (mm) within a frame."""
    rotation = Rotation.from_rotvec(change[:3]).as_matrix()
    return Rigid(rotation, middle - rotation @ middle + change[3:], to=frame, source=frame)


def _smoothed(volume: Volume[np.float32], scale_mm: float) -> Volume[np.float32]:
    sigma = [scale_mm / s for s in volume.grid.spacing_kji_mm]
    return Volume(ndimage.gaussian_filter(volume.values, sigma, truncate=3.0), volume.grid)


def _slopes(volume: Volume[np.float32], points: Points) -> FloatArray:
    """HU per mm along x, y and z (n, 3), by differences over a millimetre."""
    return np.stack(
        [
            volume.at(Points(points.xyz + step, points.frame))
            - volume.at(Points(points.xyz - step, points.frame))
            for step in 0.5 * np.eye(3)
        ],
        axis=1,
    )
