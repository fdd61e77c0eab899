"""Shutters and iris: where the beam is let through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.material_paths import MaterialPaths

_MOSTLY = 0.5  # a row or column with more open rays than this shows nothing of the patient


@dataclass(frozen=True, slots=True)
class Collimation:
    """A rectangle and a disc around the picture's middle, both in mm on the detector.

    half_rows_mm, half_columns_mm: from the middle to the shutters along rows' and columns'
    index. iris_mm: radius of the iris. Infinite means open.
    """

    half_rows_mm: float = np.inf
    half_columns_mm: float = np.inf
    iris_mm: float = np.inf

    def __post_init__(self) -> None:
        for name in ("half_rows_mm", "half_columns_mm", "iris_mm"):
            if not getattr(self, name) > 0:
                raise BadInput(
                    f"Collimation: {name} is {getattr(self, name)}; closed shutters show nothing."
                )

    def open_part(self, pose: CArmPose) -> NDArray[np.bool_]:
        """Pixels whose centres the beam reaches, (rows, columns)."""
        down, right = ((np.arange(n) - (n - 1) / 2.0) * pose.pixel_mm for n in pose.shape)
        within = (np.abs(down) <= self.half_rows_mm)[:, None] & (
            np.abs(right) <= self.half_columns_mm
        )[None, :]
        return np.asarray(within & (np.hypot(down[:, None], right[None, :]) <= self.iris_mm))


def shuttered_to_patient(paths: MaterialPaths) -> Collimation:
    """Both pairs of shutters drawn in until no column and no row of mostly open rays is left.

    The bare beam beside a patient floods the screen with glare, and shutters of a C-arm move in
    pairs. They stay open by a quarter of the detector at least.
    """
    open_rays = ~paths.through_patient
    down, right = (_half_width_mm(open_rays, axis, paths.pose.pixel_mm) for axis in (1, 0))
    return Collimation(half_rows_mm=down, half_columns_mm=right)


def _half_width_mm(open_rays: NDArray[np.bool_], along: int, pixel_mm: float) -> float:
    """From the middle to the nearest line (row for `along` 1) that is mostly open."""
    n = open_rays.shape[1 - along]
    off = np.abs(np.arange(n) - (n - 1) / 2.0)
    middle = slice(open_rays.shape[along] // 4, -(open_rays.shape[along] // 4) or None)
    lines = open_rays[:, middle] if along else open_rays[middle, :]
    bare = off[lines.mean(axis=along) > _MOSTLY]
    nearest = float(bare.min()) - 1.0 if bare.size else n / 2.0
    return max(nearest, n / 8.0) * pixel_mm
