"""The surface between L5 and the sacrum: through the disc, then down between the laminae."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.dark_gap import gap_and_bone, sampled_lines
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.surface_search import cheapest_surface
from sacroplasty.geometry import Volume

_SOFT_HU, _HARD_HU = 80.0, 350.0
_REACH_MM = 24.0
_STRAY_MM, _BODY_TO_ALA_MM, _STRAY_WEIGHTS = 10.0, (22.0, 32.0), (0.3, 0.1)
_MARROW_COST = 0.45  # so that the surface prefers free space to the inside of a bone
_FLANK_MM = 6
_STEP_MM = 1.0
_SLOPE = 0.08
_GAP_WEIGHT = 0.5  # vertebral marrow lies between bright plates too
# Lines through a disc: across, along and through it. A disc is up to 12 mm high.
_ACROSS_MM, _ALONG_MM = tuple(range(-18, 19, 6)), tuple(range(-12, 13, 4))
_THROUGH_MM = (-8, -6, -4, 0, 4, 6, 8)
_FLOOR_HU, _CEILING_HU, _PLATE_HU = -50.0, 800.0, 300.0
_CROSSED_WEIGHT = 0.5
_FAR_WEIGHT, _USUAL_Z_MM, _USUAL_TILT_DEG = 0.0001, 12.0, 42.0  # in the template's frame
_TILTS_DEG = tuple(range(-5, 66, 5))
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
    """The place where a gap between two plates lies on a body that has alae beside it.

    A gap alone may be a remnant disc within the sacrum, darkness alone the marrow of L5: behind the
    one there is no open canal at the same tilt, and the other has no plates within a few mm.
    """
    bone = np.clip((ct.values - _SOFT_HU) / (_HARD_HU - _SOFT_HU), 0, 1)
    bone = ndimage.gaussian_filter(bone, 1.5 / axes.step_mm)
    plates = np.clip(ct.values, _FLOOR_HU, _CEILING_HU)
    plates = ndimage.gaussian_filter(plates, 1.0 / axes.step_mm) / _PLATE_HU
    (points, weights), crossings = _probe(), _crossings()
    best = DiscPlane(0.0, 0.0, 0.0, -np.inf)
    for tilt in _TILTS_DEG:
        turned, crossed = (_turned_kji(p, tilt) / axes.step_mm for p in (points, crossings))
        for y0, z0 in product(_DEPTHS_MM, _HEIGHTS_MM):
            place = np.array([z0 - axes.z_mm[0], y0 - axes.y_mm[0], -axes.x_mm[0]]) / axes.step_mm
            score = float(weights @ _nearest(bone, turned + place))
            score += _CROSSED_WEIGHT * _crossed(_nearest(plates, crossed + place))
            score -= _FAR_WEIGHT * ((z0 - _USUAL_Z_MM) ** 2 + (tilt - _USUAL_TILT_DEG) ** 2)
            if score > best.score:
                best = DiscPlane(float(y0), float(z0), float(tilt), score)
    return best


def _turned_kji(points: NDArray[np.float64], tilt_deg: float) -> NDArray[np.float64]:
    """Points (n, 3) as x, y, z turned about x, in the order z, y, x."""
    cos, sin = np.cos(np.deg2rad(tilt_deg)), np.sin(np.deg2rad(tilt_deg))
    x, y, z = points.T
    return np.column_stack([sin * y + cos * z, cos * y - sin * z, x])


def _nearest(values: NDArray[np.float32], kji: NDArray[np.float64]) -> NDArray[np.float32]:
    k, j, i = np.rint(kji).astype(int).T
    return np.asarray(values[np.clip(k, 0, values.shape[0] - 1), j, i])


def _probe() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (n, 3) and weights around a disc at the origin with its normal along z."""
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
        (disc, -0.4),
        (below, 0.8),
        (above, 0.2),
        (ala, 0.6),
        (free, -0.6),
        (ventral, -0.5),
        (canal, -0.3),
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


def expected_height_mm(plane: DiscPlane, y_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """z of the L5/S1 boundary for y: along the disc, level behind it where the laminae are."""
    along = np.clip(y_mm - plane.y_mm, -25.0, 16.0)
    return np.asarray(plane.z_mm + np.tan(np.deg2rad(plane.tilt_deg)) * along)


def disc_surface(
    ct: Volume[np.float32], solid: NDArray[np.bool_], axes: PelvisAxes, plane: DiscPlane
) -> NDArray[np.float64]:
    """z (mm) of the boundary for every (y, x) of the grid, shape (nj, ni).

    Beside the body the disc says nothing about the boundary: it passes over the alae, however high.
    """
    n = _FLANK_MM
    depth = np.arange(-_REACH_MM - n, _REACH_MM + n + 0.5, _STEP_MM)
    expected = np.broadcast_to(
        expected_height_mm(plane, axes.y_mm)[:, None], (len(axes.y_mm), len(axes.x_mm))
    )
    k = (expected[..., None] + depth - axes.z_mm[0]) / axes.step_mm
    j, i = (
        a[..., None].astype(np.float64)
        for a in np.meshgrid(*map(np.arange, expected.shape), indexing="ij")
    )
    valley, bone = gap_and_bone(sampled_lines(ct.values, (k, j, i), order=1), n)
    inside = sampled_lines(solid.view(np.uint8), (k[..., n:-n], j, i), order=0)
    bone = np.maximum(bone, _MARROW_COST * inside)
    depth = depth[n:-n]
    stray = np.interp(np.abs(axes.x_mm), _BODY_TO_ALA_MM, _STRAY_WEIGHTS)[None, :, None]
    cost = bone - _GAP_WEIGHT * valley + stray * (depth / _STRAY_MM) ** 2
    found = cheapest_surface(np.ascontiguousarray(cost, dtype=np.float32), _SLOPE)
    return np.asarray(expected + depth[0] + _STEP_MM * found)
