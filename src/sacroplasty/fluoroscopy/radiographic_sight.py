"""The injection monitor's eyes: in which views does the cement outside the bone show?

It fills the port `LeakSight` of the injection room. The patient's own pictures are made once per
view; each look only throws the shadow of the cement that is outside, and asks the observer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe
from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.blur import narrow_blur
from sacroplasty.fluoroscopy.observer import Observer
from sacroplasty.fluoroscopy.prepared_view import PreparedView, Window
from sacroplasty.fluoroscopy.rays import project_points
from sacroplasty.fluoroscopy.visibility import Look, region_around
from sacroplasty.geometry import Points, require_same_frame
from sacroplasty.reference import constant

_MARGIN = 3  # pixels that a voxel's shadow may reach beyond its centre's


@dataclass(frozen=True, eq=False, slots=True)
class RadiographicSight:
    """`views` that are looked at, `subtracting` a mask taken before the injection or live."""

    views: tuple[PreparedView, ...]
    recipe: CementRecipe
    observer: Observer = Observer.EYE
    subtracting: bool = True

    def __post_init__(self) -> None:
        if not self.views:
            raise BadInput("Someone who looks at no view sees no leak; give one view or more.")

    def first_seen(self, where: Points, volume_mm3: NDArray[np.float64]) -> tuple[str, ...]:
        """Names of the views in which cement at these points (n) of these volumes (n) is seen.

        Only rays that miss the bone to be filled count, as in the visibility table.
        """
        if len(volume_mm3) != len(where.xyz):
            raise BadInput(
                f"{len(where.xyz)} places of cement with {len(volume_mm3)} volumes do not match."
            )
        if not len(volume_mm3):
            return ()
        if not (np.isfinite(volume_mm3).all() and (volume_mm3 >= 0).all()):
            raise BadInput("Cement outside the bone has volumes from 0 on; one is negative or NaN.")
        threshold = constant("observer_threshold").value
        return tuple(
            view.name
            for view in self.views
            if self._detectability(view, where, volume_mm3) >= threshold
        )

    def _detectability(
        self, view: PreparedView, where: Points, volume_mm3: NDArray[np.float64]
    ) -> float:
        window, path_mm = splat_mm(view, where, volume_mm3)
        if not path_mm.any():
            return 0.0
        shadow = view.shadow(window, path_mm, self.recipe)
        live, subtracted = Look(view, window, self.observer).detects(shadow)
        return subtracted if self.subtracting else live


def splat_mm(
    view: PreparedView, where: Points, volume_mm3: NDArray[np.float64]
) -> tuple[Window, NDArray[np.float32]]:
    """mm of cement on the rays around small lumps, and the window of the picture.

    A lump of volume V at the magnification M covers the detector with ∫ path dA = V·M², so it
    adds V·M²/pixel² mm, shared bilinearly between four pixels and spread by the shadow of a cube
    of V (standard deviation edge·M/√12).
    """
    require_same_frame(view.pose, where)
    pose = view.pose
    at = project_points(pose, where)
    beam = pose.detector_centre.single - pose.source.single
    reach = float(np.linalg.norm(beam))
    magnified = reach / ((where.xyz - pose.source.single) @ beam / reach)
    low, high = np.floor(at.min(axis=0)).astype(int), np.ceil(at.max(axis=0)).astype(int)
    window = region_around(
        (low[0] - _MARGIN, high[0] + _MARGIN + 1, low[1] - _MARGIN, high[1] + _MARGIN + 1), view
    )
    image = np.zeros((window[1] - window[0], window[3] - window[2]))
    added = volume_mm3 * magnified**2 / pose.pixel_mm**2
    whole = np.floor(at).astype(int)
    part = at - whole
    for down in (0, 1):
        for right in (0, 1):
            rows, columns = whole[:, 0] + down - window[0], whole[:, 1] + right - window[2]
            weight = np.abs(1 - down - part[:, 0]) * np.abs(1 - right - part[:, 1])
            within = (rows >= 0) & (rows < image.shape[0])
            within &= (columns >= 0) & (columns < image.shape[1])
            np.add.at(image, (rows[within], columns[within]), (added * weight)[within])
    edge = float(np.cbrt(volume_mm3.max())) * float(magnified.mean()) / pose.pixel_mm
    return window, narrow_blur(image.astype(np.float32), edge / np.sqrt(12.0))
