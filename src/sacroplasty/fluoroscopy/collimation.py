"""Shutters and iris: where the beam is let through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.material_paths import MaterialPaths
from sacroplasty.reference import constant


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
    """Both pairs of shutters drawn in as far as the patient thins out beside the isocentre.

    A line of pixels that has met less than `shutter_limit` of what the middle has met would flood
    the screen with light and scatter. Shutters of a C-arm move in pairs, and stay open by a
    quarter of the detector at least.
    """
    met = paths.water_mm + paths.bone_mm
    rows, columns = (_half_width_mm(met, axis, paths.pose.pixel_mm) for axis in (1, 0))
    return Collimation(half_rows_mm=rows, half_columns_mm=columns)


def _half_width_mm(met: NDArray[np.float32], along: int, pixel_mm: float) -> float:
    """From the middle to the nearest line (row for `along` 1) that is too thin."""
    across, n = met.shape[along], met.shape[1 - along]
    middle = slice(across // 3, across - across // 3)
    thickness = np.median(met[:, middle] if along else met[middle, :], axis=along)
    central = thickness[n // 2 - n // 16 - 1 : n // 2 + n // 16 + 1].mean()
    off = np.abs(np.arange(n) - (n - 1) / 2.0)
    thin = off[thickness < constant("shutter_limit").value * central]
    nearest = float(thin.min()) if thin.size else n / 2.0
    return max(nearest, n / 8.0) * pixel_mm
