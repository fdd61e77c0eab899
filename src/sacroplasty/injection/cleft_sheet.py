"""The surface that a fracture limb's points lie on, as a height over a plane.

A limb is a cloud of voxels, one or several thick, that follows a surface which may bend. The
surface is a quadratic over the plane of least squares, plus what is left over, smoothed.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.errors import BadInput

Floats = NDArray[np.float64]

# Search settings: bins of the height, width of the smoothing that takes the voxels' steps out, and
# points that a quadratic needs.
_BIN_MM, _SMOOTH_MM, _CURVED_FROM = 1.0, 2.0, 8
_LEAST_POINTS, _MARGIN = 3, 4


@dataclass(frozen=True, eq=False, slots=True)
class CleftSheet:
    """Height w(u, v) over a plane through `centre` (3,) with the rows u, v, w of `axes` (3, 3).

    quadratic: coefficients of 1, u, v, u², u v, v². rest_mm (nu, nv): height above the quadratic in
    bins of 1 mm from `corner_mm` (2,) on. reaches (nu, nv): where the limb is.
    """

    centre: Floats
    axes: Floats
    quadratic: Floats
    rest_mm: Floats
    reaches: NDArray[np.bool_]
    corner_mm: Floats

    @classmethod
    def through(cls, xyz: Floats, outward: Floats) -> Self:
        """The sheet through points (n, 3), its w axis towards `outward` (3,).

        `outward` only says which of two voxels a sheet takes that runs midway between them.
        """
        centre = xyz.mean(axis=0)
        _, spread, axes = np.linalg.svd(xyz - centre, full_matrices=False)
        if len(xyz) < _LEAST_POINTS or spread[1] < _BIN_MM:
            raise BadInput(
                f"A fracture limb of {len(xyz)} points holds no surface; draw it on several slices."
            )
        axes = np.where(axes[2] @ outward < 0, -1.0, 1.0) * axes
        axes[0] = np.cross(axes[1], axes[2])
        u, v, w = ((xyz - centre) @ axes.T).T
        terms = _terms(u, v)
        kept = terms if len(xyz) >= _CURVED_FROM else terms[:, :3]
        quadratic = np.zeros(6)
        quadratic[: kept.shape[1]] = np.linalg.lstsq(kept, w, rcond=None)[0]
        half = np.ceil(np.abs([u, v]).max(axis=1) / _BIN_MM) + _MARGIN
        corner = -half * _BIN_MM  # the middle of the limb is the middle of a bin
        rest, reaches = _binned(u, v, w - terms @ quadratic, corner)
        return cls(centre, axes, quadratic, rest, reaches, corner)

    def at(self, xyz: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """For points (n, 3): distance to the sheet along its normal (mm, positive towards w), the
        normal (n, 3), and whether the limb reaches there."""
        u, v, w = ((xyz - self.centre) @ self.axes.T).T
        place = np.stack([u - self.corner_mm[0], v - self.corner_mm[1]]) / _BIN_MM
        slopes = np.gradient(self.rest_mm, _BIN_MM)
        rest, slope_u, slope_v = (
            ndimage.map_coordinates(field, place, order=1, mode="nearest")
            for field in (self.rest_mm, *slopes)
        )
        reached = ndimage.map_coordinates(
            self.reaches.astype(np.uint8), np.rint(place), order=0, mode="constant"
        )
        q = self.quadratic
        slope_u += q[1] + 2.0 * q[3] * u + q[4] * v
        slope_v += q[2] + q[4] * u + 2.0 * q[5] * v
        steep = np.sqrt(1.0 + slope_u**2 + slope_v**2)
        away = (w - _terms(u, v) @ q - rest) / steep
        normals = np.stack([-slope_u, -slope_v, np.ones_like(w)], axis=1) / steep[:, None]
        return away, normals @ self.axes, reached > 0


def _terms(u: Floats, v: Floats) -> Floats:
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)


def _binned(u: Floats, v: Floats, rest: Floats, corner: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Smoothed mean of `rest` in bins of 1 mm, and the bins that hold points, without holes."""
    at = np.rint(np.stack([u - corner[0], v - corner[1]]) / _BIN_MM).astype(int)
    shape = tuple((1 - 2 * np.rint(corner / _BIN_MM)).astype(int).tolist())
    count, total = np.zeros(shape), np.zeros(shape)
    np.add.at(count, tuple(at), 1.0)
    np.add.at(total, tuple(at), rest)
    weight = ndimage.gaussian_filter(count, _SMOOTH_MM / _BIN_MM)
    smooth = ndimage.gaussian_filter(total, _SMOOTH_MM / _BIN_MM)
    height = np.divide(smooth, weight, out=np.zeros(shape), where=weight > 1e-6)
    return height, _filled(count > 0)


def _filled(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Bins of a limb: holes closed, and one bin more all round, so that it ends at bone's surface."""
    square = np.ones((3, 3), bool)
    closed = ndimage.binary_closing(seen, square, iterations=2)
    return np.asarray(ndimage.binary_dilation(closed, square))
