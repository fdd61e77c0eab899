"""Mutual information of two images in a region, and the climb to its nearest peak (SimpleITK)."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from sacroplasty.geometry import Grid, Points, Rigid, Volume

_BINS = 40
_CLIPPED_PERCENTILES = (1.0, 99.0)  # a bright bladder or metal must not use up the bins
_STEPS = 60
_FIRST_STEP_MM, _LAST_STEP_MM = 2.0, 0.01
_MARGIN_MM = 12.0  # of the fixed image round the region: the metric needs it for nothing else


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a climb ended, and the mutual information there (nats, larger is better)."""

    fixed_from_moving: Rigid
    information: float


class Matching:
    """Two images at one sampling, ready to be compared under many transforms.

    Both are averaged to about `step_mm`, the fixed one sampled every `step_mm` within
    `region`. One thread: sums of floats must not depend on the machine's cores.
    """

    def __init__(
        self,
        moving: Volume[Any],
        fixed: Volume[Any],
        region: Volume[np.bool_],
        step_mm: float,
    ) -> None:
        self.frames = (fixed.frame, moving.frame)
        inside = region.grid.points_at(np.argwhere(region.values))
        self.centre = inside.xyz.mean(axis=0)
        grid = fixed.grid.aligned_box(inside, _MARGIN_MM, step_mm)
        self.grid, self.mask = grid, region.on(grid, order=0).values > 0
        self._mask = _image(self.mask.astype(np.uint8), grid)
        coarse = _averaged(_round(fixed, grid), step_mm)
        sampled = SimpleITK.Resample(
            coarse, self._mask, SimpleITK.Transform(), SimpleITK.sitkLinear
        )
        self._fixed = _clipped(sampled, self.mask)
        small = _averaged(moving, step_mm)
        self._moving = _clipped(small, SimpleITK.GetArrayViewFromImage(small) > 0)

    def part(self, inside: NDArray[np.bool_]) -> "Matching":
        """The same images compared in a part of the region only, given on `grid`."""
        other = copy(self)
        other._mask = _image((inside & self.mask).astype(np.uint8), self.grid)
        other.mask = inside & self.mask
        other.centre = self.grid.points_at(np.argwhere(other.mask)).xyz.mean(axis=0)
        return other

    def information(self, fixed_from_moving: Rigid) -> float:
        """Mutual information in nats; 0 where the images hardly overlap."""
        try:
            return -float(self._method(fixed_from_moving).MetricEvaluate(self._fixed, self._moving))
        except RuntimeError:  # SimpleITK's word for "all samples map outside"
            return 0.0

    def climb(self, start: Rigid, *, turning: bool = True) -> Peak:
        """The peak that a gradient climb from `start` reaches; without `turning` it only shifts."""
        method = self._method(start, turning=turning)
        method.SetOptimizerAsRegularStepGradientDescent(
            learningRate=_FIRST_STEP_MM,
            minStep=_LAST_STEP_MM,
            numberOfIterations=_STEPS,
            relaxationFactor=0.6,
        )
        method.SetOptimizerScalesFromPhysicalShift()
        try:
            end = method.Execute(self._fixed, self._moving)
        except RuntimeError:  # climbed out of the overlap
            return Peak(start, 0.0)
        found = self._after(end, start)
        return Peak(found, -float(method.GetMetricValue()))

    def _method(self, start: Rigid, *, turning: bool = True) -> Any:
        method = SimpleITK.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(_BINS)
        method.SetMetricFixedMask(self._mask)
        method.SetMetricSamplingStrategy(method.NONE)
        method.SetInterpolator(SimpleITK.sitkLinear)
        method.SetNumberOfThreads(1)
        move = SimpleITK.Euler3DTransform() if turning else SimpleITK.TranslationTransform(3)
        if turning:
            move.SetCenter(self.centre.tolist())
        # ITK maps fixed points to the moving image: first the change sought, then the start's inverse.
        method.SetMovingInitialTransform(_itk(start.inverse))
        method.SetInitialTransform(move, inPlace=True)
        return method

    def _after(self, end: Any, start: Rigid) -> Rigid:
        """The start improved by the change that was found (a move within the fixed frame)."""
        corners = np.vstack([np.zeros(3), np.eye(3)]) * 100.0 + self.centre
        moved = np.array([end.TransformPoint(p.tolist()) for p in corners])
        rotation = ((moved[1:] - moved[0]) / 100.0).T
        left, _, right = np.linalg.svd(rotation)
        rotation = left @ right
        shift = moved[0] - rotation @ corners[0]
        fixed, _ = self.frames
        return Rigid(rotation, shift, to=fixed, source=fixed).inverse @ start


def _itk(rigid: Rigid) -> Any:
    transform = SimpleITK.AffineTransform(3)
    transform.SetMatrix(rigid.rotation.ravel().tolist())
    transform.SetTranslation(rigid.translation.tolist())
    return transform


def _image(values: NDArray[Any], grid: Grid) -> Any:
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(values))
    image.SetOrigin(grid.origin_mm)
    image.SetSpacing(grid.spacing_mm)
    image.SetDirection(grid.direction.ravel().tolist())
    return image


def _averaged(volume: Volume[Any], step_mm: float) -> Any:
    """The image with neighbours averaged to about `step_mm`; gradients then cost little."""
    image = _image(volume.values.astype(np.float32), volume.grid)
    factors = [
        max(1, min(round(step_mm / s), n))
        for s, n in zip(volume.grid.spacing_mm, image.GetSize(), strict=True)
    ]
    return SimpleITK.BinShrink(image, factors)


def _round(volume: Volume[Any], grid: Grid) -> Volume[Any]:
    """The part of the image round `grid`."""
    reach = volume.grid.kji_at(grid.corners)
    low = np.clip(np.floor(reach.min(axis=0)).astype(int) - 2, 0, np.asarray(volume.grid.shape) - 1)
    high = np.clip(np.ceil(reach.max(axis=0)).astype(int) + 3, low + 1, volume.grid.shape)
    start, stop = tuple(low.tolist()), tuple(high.tolist())
    return volume.cropped((start[0], start[1], start[2]), (stop[0], stop[1], stop[2]))


def _clipped(image: Any, where: NDArray[np.bool_]) -> Any:
    values = SimpleITK.GetArrayViewFromImage(image)
    low, high = np.percentile(values[where] if where.any() else values, _CLIPPED_PERCENTILES)
    return SimpleITK.Clamp(image, SimpleITK.sitkFloat32, float(low), float(high))


def nudged(rigid: Rigid, about_mm: NDArray[np.float64], turn_rad: Any, shift_mm: Any) -> Rigid:
    """`rigid`, then turned about a point of its target frame by a small rotation vector and shifted."""
    x, y, z = turn_rad
    euler = SimpleITK.Euler3DTransform(tuple(map(float, about_mm)), x, y, z)
    rotation = np.array(euler.GetMatrix()).reshape(3, 3)
    translation = about_mm - rotation @ about_mm + np.asarray(shift_mm, dtype=float)
    return Rigid(rotation, translation, to=rigid.to, source=rigid.to) @ rigid


def moved_mm(one: Rigid, other: Rigid, at: Points) -> float:
    """Root mean square distance between where two transforms put the same points of the moving image.

    `at` are points of the fixed image; they are carried back by `one` first.
    """
    back = one.inverse(at)
    return float(np.sqrt((one(back).distance_mm(other(back)) ** 2).mean()))


def overlap_share(fixed_from_moving: Rigid, moving: Grid, at: Points) -> float:
    """Share of points of the fixed image that lie inside the moving image."""
    return float(moving.contains(fixed_from_moving.inverse(at)).mean())


def spread_points(region: Volume[np.bool_], most: int = 2000) -> Points:
    """Points all over a region, at most `most`, always the same."""
    at = np.argwhere(region.values)
    return region.grid.points_at(at[:: max(1, len(at) // most)])
