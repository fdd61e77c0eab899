"""What each view can and cannot see of a leak, on this patient.

A reference leak (0.2 mL) is put into each compartment and looked at in each view:

* contrast to noise: mean darkening in the core of the shadow over the noise of one pixel;
* bone in front of and behind it: ∫ μ dl of bone at the scan's energy;
* told apart: share of the shadow's energy on rays that miss the bone to be filled. Only there is
  a dark spot known to be a leak; on the other rays it looks like cement where it should be;
* d' of what is told apart, live (photon noise and this patient's anatomy, through an eye) and
  subtracted (photon noise of the frame and of the mask, no anatomy);
* the smallest leak whose d' reaches the threshold, by growing it.

A contrast alone would call AP the best view of nearly everything, because it is the thinnest way
through a patient. What tells the views apart is the last-but-two: in AP a presacral leak hides
behind the cement in the ala, in the lateral it stands clear of the sacrum.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, Side
from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy.leak_places import LeakPlace
from sacroplasty.fluoroscopy.material_paths import cement_path_mm
from sacroplasty.fluoroscopy.materials import cortical_bone, scan_energy_kev
from sacroplasty.fluoroscopy.observer import (
    NO_ANATOMY,
    AnatomicalNoise,
    Observer,
    anatomical_noise,
    detectability,
)
from sacroplasty.fluoroscopy.prepared_view import PreparedView, Window
from sacroplasty.leaks import LeakSite
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3, mm3_from_ml

FloatImage = NDArray[np.float64]
_REGION_MM = 48.0  # edge of the square around a shadow, on the detector
_CORE = 0.5  # of the darkest pixel
_VOLUMES_ML = tuple(float(v) for v in np.geomspace(0.002, 2.0, 13))


@dataclass(frozen=True, slots=True)
class LeakVisibility:
    """One leak place in one view. Detectabilities are d' of the reference leak.

    seen_ml: smallest leak told apart live, subtracted_ml: the same in a subtraction; None where
    even 2 mL are not. Whatever the smallest volume tried already shows reads 0.002.
    """

    site: LeakSite
    side: Side | None
    level: Level | None
    place: str
    view: str
    contrast_to_noise: float
    bone_integral: float
    told_apart: float
    live: float
    subtracted: float
    seen_ml: float | None
    subtracted_ml: float | None


@dataclass(frozen=True, slots=True)
class VisibilityTable:
    """All places by all views of one patient; `reference_ml` and `threshold` that it is for."""

    rows: tuple[LeakVisibility, ...]
    views: tuple[str, ...]
    reference_ml: float
    threshold: float
    observer: Observer

    def row(self, place: str, view: str) -> LeakVisibility:
        """One place in one view; raises `BadUsage` listing what is there."""
        for row in self.rows:
            if (row.place, row.view) == (place, view):
                return row
        known = ", ".join(dict.fromkeys(row.place for row in self.rows))
        raise BadUsage(
            f"There is no {place!r} in view {view!r}; places are {known}; views are "
            f"{', '.join(self.views)}."
        )

    def best_view(self, place: str) -> str | None:
        """The view that tells a leak there apart best, live; None where none reaches the threshold."""
        best = max(self.views, key=lambda view: self.row(place, view).live)
        return best if self.row(place, best).live >= self.threshold else None


def visibility_table(
    views: tuple[PreparedView, ...],
    places: tuple[LeakPlace, ...],
    recipe: CementRecipe,
    observer: Observer = Observer.EYE,
) -> VisibilityTable:
    """Every place in every view. Deterministic: detectability needs no draw of noise."""
    reference_ml = constant("reference_leak").value
    rows = []
    for place in places:
        sizes = [place.filled(mm3_from_ml(v)) for v in (reference_ml, *_VOLUMES_ML)]
        rows += [_row(place, view, sizes, recipe, observer) for view in views]
    names = tuple(view.name for view in views)
    threshold = constant("observer_threshold").value
    return VisibilityTable(tuple(rows), names, reference_ml, threshold, observer)


def _row(
    place: LeakPlace,
    view: PreparedView,
    sizes: list[CementField],
    recipe: CementRecipe,
    observer: Observer,
) -> LeakVisibility:
    window = region_around(cement_path_mm(sizes[0], view.pose)[0], view)
    look = Look(view, window, observer).settled()
    shadow = view.shadow(window, _in_region(sizes[0], view, window), recipe)
    threshold = constant("observer_threshold").value
    volumes, seen = [], []
    for field in sizes[1:]:
        volumes.append(ml_from_mm3(field.volume_mm3))
        path_mm = _in_region(field, view, window)
        seen.append(look.detects(view.shadow(window, path_mm, recipe)))
        if min(seen[-1]) >= threshold:
            break
    core = shadow >= _CORE * shadow.max() if shadow.max() > 0 else np.zeros(shadow.shape, bool)
    told = float((shadow[look.outside] ** 2).sum() / (shadow**2).sum()) if core.any() else 0.0
    live, subtracted = look.detects(shadow)
    return LeakVisibility(
        site=place.site,
        side=place.side,
        level=place.level,
        place=place.name,
        view=view.name,
        contrast_to_noise=look.contrast_to_noise(shadow, core),
        bone_integral=look.bone_integral(core),
        told_apart=told,
        live=live,
        subtracted=subtracted,
        seen_ml=smallest_ml(volumes, [d for d, _ in seen], threshold),
        subtracted_ml=smallest_ml(volumes, [d for _, d in seen], threshold),
    )


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """One observer before one region of one view."""

    view: PreparedView
    window: Window
    observer: Observer
    anatomy: AnatomicalNoise | None = None

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Rays of the region that miss the bone to be filled."""
        return self._part(self.view.outside)

    def detects(self, shadow: FloatImage) -> tuple[float, float]:
        """d' of the part of a shadow that is told apart: live, and in a subtraction."""
        apart = np.where(self.outside, shadow, 0.0)
        energy = float((apart**2).sum())
        if energy <= 0:
            return 0.0, 0.0
        variance = float((apart**2 * self._log_variance).sum() / energy)
        frames, mask = constant("observer_frames").value, constant("mask_frames").value
        pixel = self.view.pose.pixel_mm
        anatomy = self.anatomy or anatomical_noise(self._part(self.view.apparent))
        live = detectability(apart, variance / frames, anatomy, self.observer, pixel)
        both = variance * (1.0 / frames + 1.0 / mask)
        return live, detectability(apart, both, NO_ANATOMY, self.observer, pixel)

    def contrast_to_noise(self, shadow: FloatImage, core: NDArray[np.bool_]) -> float:
        """Mean of the core over the noise of one pixel in one frame."""
        if not core.any():
            return 0.0
        return float(shadow[core].mean() / np.sqrt(self._log_variance[core].mean()))

    def bone_integral(self, core: NDArray[np.bool_]) -> float:
        """∫ μ dl of the bone on the rays of the core."""
        mu = float(cortical_bone().attenuation_per_mm(scan_energy_kev()))
        return mu * float(self._part(self.view.paths.bone_mm)[core].mean()) if core.any() else 0.0

    def settled(self) -> "Look":
        """The same look with this region's anatomy measured once for many shadows."""
        return replace(self, anatomy=anatomical_noise(self._part(self.view.apparent)))

    @property
    def _log_variance(self) -> FloatImage:
        return self._part(self.view.log_variance).astype(np.float64)

    def _part(self, image: NDArray[np.generic]) -> NDArray:  # type: ignore[type-arg]
        r0, r1, c0, c1 = self.window
        return image[r0:r1, c0:c1]


def smallest_ml(
    volumes_ml: list[float], detectabilities: list[float], threshold: float
) -> float | None:
    """Where d' of a growing leak first reaches the threshold, straight lines on a log-log plot."""
    before: tuple[float, float] | None = None
    for volume, d in zip(volumes_ml, detectabilities, strict=True):
        if d >= threshold:
            if before is None or before[1] <= 0:
                return volume
            part = np.log(threshold / before[1]) / np.log(d / before[1])
            return float(before[0] * (volume / before[0]) ** part)
        before = (volume, d)
    return None


def _in_region(field: CementField, view: PreparedView, window: Window) -> NDArray[np.float32]:
    """A leak's paths in a region; what falls beside it is cut off."""
    (r0, r1, c0, c1), path_mm = cement_path_mm(field, view.pose)
    image = np.zeros((window[1] - window[0], window[3] - window[2]), dtype=np.float32)
    top, bottom = max(r0, window[0]), min(r1, window[1])
    left, right = max(c0, window[2]), min(c1, window[3])
    if bottom > top and right > left:
        inner = path_mm[top - r0 : bottom - r0, left - c0 : right - c0]
        image[top - window[0] : bottom - window[0], left - window[2] : right - window[2]] = inner
    return image


def region_around(shadow: Window, view: PreparedView) -> Window:
    """The square around a shadow, moved inside the detector where it would reach out."""
    r0, r1 = _span(shadow[0], shadow[1], view, 0)
    c0, c1 = _span(shadow[2], shadow[3], view, 1)
    return r0, r1, c0, c1


def _span(first: int, last: int, view: PreparedView, axis: int) -> tuple[int, int]:
    n = view.pose.shape[axis]
    edge = min(n, max(round(_REGION_MM / view.pose.pixel_mm), last - first))
    start = min(max(0, (first + last - edge) // 2), n - edge)
    return start, start + edge
