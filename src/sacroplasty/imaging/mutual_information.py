"""Mutual information of two images in a region, and the climb to its nearest peak (SimpleITK)."""

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

    Both are low-passed to `step_mm` by averaging, the fixed one sampled every `step_mm` within
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
        mask = region.on(grid, order=0).values
        self._mask = _image(mask.astype(np.uint8), grid)
        coarse = _smoothed(_image(fixed.values.astype(np.float32), fixed.grid), fixed.grid, step_mm)
        sampled = SimpleITK.Resample(
            coarse, self._mask, SimpleITK.Transform(), SimpleITK.sitkLinear
        )
        self._fixed = _clipped(sampled, mask)
        image = _image(moving.values.astype(np.float32), moving.grid)
        self._moving = _clipped(_smoothed(image, moving.grid, step_mm), moving.values > 0)

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


def _smoothed(image: Any, grid: Grid, step_mm: float) -> Any:
    """Gaussian of half a step where the image is finer than the step."""
    sigmas = [max(0.5 * step_mm if spacing < step_mm else 0.0, 1e-3) for spacing in grid.spacing_mm]
    return SimpleITK.SmoothingRecursiveGaussian(image, sigmas)


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
