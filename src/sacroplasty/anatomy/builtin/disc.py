"""Where L5 ends and the sacrum begins: the dark disc between two plates, or a seam of two bones."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.seam import lines_across, seam_of
from sacroplasty.geometry import Volume

_SOFT_HU, _HARD_HU = 80.0, 350.0
# Lines through a disc: across, along and through it. A disc is up to 12 mm high.
_ACROSS_MM, _ALONG_MM = tuple(range(-18, 19, 6)), tuple(range(-12, 13, 4))
_THROUGH_MM = (-8, -6, -4, 0, 4, 6, 8)
_FLOOR_HU, _CEILING_HU, _PLATE_HU = -50.0, 800.0, 300.0
_CROSSED_WEIGHT = 0.5
_FAR_WEIGHT, _USUAL_Z_MM, _USUAL_TILT_DEG = 0.0001, 12.0, 42.0  # in the template's frame
_TILTS_DEG = tuple(range(-5, 66, 5))
# A disc this faint may be none (real and virtual discs 0.17 to 0.77, bones that touch 0.05); then a
# seam this clear decides (0.59 where bones touch; 0.16 elsewhere in real scans without a dark disc).
_SEEN_GAP, _SEEN_SEAM, _SEAM_WEIGHT = 0.25, 0.3, 2.0
_STEEP_DEG = tuple(range(70, 91, 5))  # sacra that lie nearly flat
_HEIGHTS_MM = tuple(range(-20, 47, 2))
_DEPTHS_MM = tuple(range(-34, 13, 3))


@dataclass(frozen=True, slots=True)
class DiscPlane:
    """Centre of the L5/S1 disc in the midplane, its tilt, and how clearly it stood out."""

    y_mm: float
    z_mm: float
    tilt_deg: float
    score: float


def find_disc(ct: Volume[np.float32], axes: PelvisAxes) -> DiscPlane:
    """The L5/S1 disc, or the seam where L5 and sacrum touch and no disc is seen.

    A disc seen counts more than any seam: S1's own endplate is nearly one.
    """
    bone = np.clip((ct.values - _SOFT_HU) / (_HARD_HU - _SOFT_HU), 0, 1)
    bone = ndimage.gaussian_filter(bone, 1.5 / axes.step_mm)
    plates = np.clip(ct.values, _FLOOR_HU, _CEILING_HU)
    plates = ndimage.gaussian_filter(plates, 1.0 / axes.step_mm) / _PLATE_HU
    disc, gap = _dark_disc(bone, plates, axes)
    if gap >= _SEEN_GAP:
        return disc
    return _touching(bone, plates, axes) or disc


def _dark_disc(
    bone: NDArray[np.float32], plates: NDArray[np.float32], axes: PelvisAxes
) -> tuple[DiscPlane, float]:
    """The place where a gap between two plates lies on a body with alae beside it, and that gap.

    A gap alone may be a remnant disc within the sacrum, darkness alone the marrow of L5: behind the
    one there is no open canal at the same tilt, and the other has no plates within a few mm.
    """
    points, weights = _probe()
    crossings, gap = _crossings(), 0.0
    best = DiscPlane(0.0, 0.0, 0.0, -np.inf)
    for tilt in _TILTS_DEG:
        turned, crossed = (_turned_kji(p, tilt) / axes.step_mm for p in (points, crossings))
        for y0, z0 in product(_DEPTHS_MM, _HEIGHTS_MM):
            place = _place(axes, y0, z0)
            here = _crossed(_nearest(plates, crossed + place))
            score = float(weights @ _nearest(bone, turned + place)) + _CROSSED_WEIGHT * here
            score -= _unusual(z0, tilt)
            if score > best.score:
                best, gap = DiscPlane(float(y0), float(z0), float(tilt), score), here
    return best, gap


def _touching(
    bone: NDArray[np.float32], plates: NDArray[np.float32], axes: PelvisAxes
) -> DiscPlane | None:
    """The place of the clearest seam on a body with alae beside it; None where there is no seam."""
    points, weights = _probe(with_gap=False)
    seams = lines_across(_ACROSS_MM, _ALONG_MM)
    best = DiscPlane(0.0, 0.0, 0.0, -np.inf)
    for tilt in (*_TILTS_DEG, *_STEEP_DEG):
        turned, crossed = (_turned_kji(p, tilt) / axes.step_mm for p in (points, seams))
        for y0, z0 in product(_DEPTHS_MM, _HEIGHTS_MM):
            place = _place(axes, y0, z0)
            seam = seam_of(_nearest(plates, crossed + place))
            if seam < _SEEN_SEAM:
                continue
            score = float(weights @ _nearest(bone, turned + place)) + _SEAM_WEIGHT * seam
            score -= _unusual(z0, tilt)
            if score > best.score:
                best = DiscPlane(float(y0), float(z0), float(tilt), score)
    return best if np.isfinite(best.score) else None


def _place(axes: PelvisAxes, y_mm: float, z_mm: float) -> NDArray[np.float64]:
    """Index (k, j, i) of a place in the midplane."""
    return np.array([z_mm - axes.z_mm[0], y_mm - axes.y_mm[0], -axes.x_mm[0]]) / axes.step_mm


def _unusual(z_mm: float, tilt_deg: float) -> float:
    return _FAR_WEIGHT * ((z_mm - _USUAL_Z_MM) ** 2 + (tilt_deg - _USUAL_TILT_DEG) ** 2)


def _turned_kji(points: NDArray[np.float64], tilt_deg: float) -> NDArray[np.float64]:
    """Points (n, 3) as x, y, z turned about x, in the order z, y, x."""
    cos, sin = np.cos(np.deg2rad(tilt_deg)), np.sin(np.deg2rad(tilt_deg))
    x, y, z = points.T
    return np.column_stack([sin * y + cos * z, cos * y - sin * z, x])


def _nearest(values: NDArray[np.float32], kji: NDArray[np.float64]) -> NDArray[np.float32]:
    k, j, i = np.rint(kji).astype(int).T
    return np.asarray(values[np.clip(k, 0, values.shape[0] - 1), j, i])


def _probe(with_gap: bool = True) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (n, 3) and weights around a disc, or a seam, at the origin with its normal along z."""
    sides = (-1.0, 1.0)
    disc = [(x, y, z) for x in _ACROSS_MM for y in _ALONG_MM for z in (-2, 0, 2)]
    below = [(x, y, z) for x in _ACROSS_MM for y in _ALONG_MM for z in (-7, -9)]
    above = [(x, y, z) for x in _ACROSS_MM for y in range(-10, 11, 4) for z in (7, 9, 11)]
    ala = [(s * x, y, z) for s in sides for x in (30, 36) for y in (-2, 4, 10) for z in (-12, -18)]
    free = [
        (s * x, y, z) for s in sides for x in (28, 34, 40) for y in (-14, -8, -2) for z in (5, 12)
    ]
    ventral = [(x, y, z) for x in (-10, 0, 10) for y in (-24, -28) for z in (-25, -15, -5)]
    canal = [(x, y, z) for x in (-6, 0, 6) for y in (22, 26) for z in (-6, 0, 6)]
    groups = (
        *(((disc, -0.4), (canal, -0.3)) if with_gap else ()),
        (below, 0.8),
        (above, 0.2),
        (ala, 0.6),
        (free, -0.6),
        (ventral, -0.5),
    )
    points = np.concatenate([np.asarray(p, dtype=np.float64) for p, _ in groups])
    weights = np.concatenate([np.full(len(p), w / len(p)) for p, w in groups])
    return points, weights


def _crossings() -> NDArray[np.float64]:
    """Points (n, 3) of lines through a disc at the origin, `len(_THROUGH_MM)` points a line."""
    return np.array(list(product(_ACROSS_MM, _ALONG_MM, _THROUGH_MM)), dtype=np.float64)


def _crossed(values: NDArray[np.float32]) -> float:
    """How much darker than the plates on both sides the middle of the lines is; mean, 1 at most."""
    lines = values.reshape(-1, len(_THROUGH_MM))
    middle = len(_THROUGH_MM) // 2
    plate = np.minimum(lines[:, :middle].max(axis=1), lines[:, middle + 1 :].max(axis=1))
    return float(np.clip(plate - lines[:, middle], -0.3, 1.0).mean())
