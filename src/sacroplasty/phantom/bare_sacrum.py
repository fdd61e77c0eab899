"""The sacrum alone, as a field and as points on its surface: fast, without rendering a CT.

What `truth` finds voxel by voxel among muscles and vessels is asked here of the sacrum's own solid.
Shapes are compared with real surfaces and measured over a population on this.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.phantom.pelvis_solids import FAR_MM
from sacroplasty.phantom.sacral_curve import S, SacralCurve, V
from sacroplasty.phantom.sacrum_solid import sacral_bone
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import table_at
from sacroplasty.phantom.tissue import warped_x

FloatArray = NDArray[np.float64]
_HALF_WIDTH_MM, _MARGIN_MM, _ABOVE_MM, _BEHIND_MM = 84.0, 24.0, 40.0, 62.0
_REACH_MM = 32.0  # no sacral bone beyond the ends of its curve, or in front of it, by more


@dataclass(frozen=True, eq=False, slots=True)
class BareSacrum:
    """Signed distance (about) to the sacral bone, negative inside: `field` (nz, ny, nx) in mm.

    `origin` (x, y, z) is the template position of the first value, `spacing_mm` the step. Axes as
    the template's: +x left, +y dorsal, +z cranial, origin at the centre of the S1 endplate.
    """

    field: NDArray[np.float32]
    origin: FloatArray
    spacing_mm: float

    @property
    def volume_ml(self) -> float:
        """Volume of the bone, partial cells counted in part."""
        inside = np.clip(0.5 - self.field / self.spacing_mm, 0.0, 1.0)
        return float(inside.sum(dtype=np.float64)) * self.spacing_mm**3 / 1000.0

    def surface(self) -> FloatArray:
        """Points (n, 3) where the bone's surface crosses the grid's edges."""
        points = []
        for axis in range(3):
            a = np.moveaxis(self.field, axis, 0)
            at = np.argwhere((a[:-1] < 0.0) != (a[1:] < 0.0))
            low, high = a[:-1][tuple(at.T)], a[1:][tuple(at.T)]
            where = at.astype(np.float64)
            where[:, 0] += low / (low - high)
            order = [axis, *(n for n in range(3) if n != axis)]
            points.append(where[:, np.argsort(order)])
        return self.origin + self.spacing_mm * np.concatenate(points)[:, ::-1]


def bare_sacrum(shape: Shape, curve: SacralCurve, spacing_mm: float = 2.0) -> BareSacrum:
    """The sacral bone of a shape, its canal and foramina open, on a grid of `spacing_mm`."""
    apex_y, apex_z = curve.point(shape.length, 0.0)
    low = np.array(
        [-_HALF_WIDTH_MM, min(shape.promontory_y, apex_y) - _MARGIN_MM, apex_z - _MARGIN_MM]
    )
    back = max(curve.line[(curve.line_s > 0.0) & (curve.line_s < shape.length), 0].max(), 0.0)
    high = np.array([_HALF_WIDTH_MM, back + _BEHIND_MM, _ABOVE_MM])
    nx, ny, nz = (int(n) for n in np.ceil((high - low) / spacing_mm) + 1)
    field = np.empty((nz, ny, nx), np.float32)
    _fill(shape, field, low, spacing_mm)
    return BareSacrum(field, low, spacing_mm)


@njit(cache=True, error_model="numpy", nogil=True)
def _fill(shape: Shape, field: NDArray[np.float32], low: FloatArray, step: float) -> None:
    nz, ny, nx = field.shape
    for k in range(nz):
        z = low[2] + k * step
        for j in range(ny):
            y = low[1] + j * step
            s = table_at(shape.tables, S, y, z)
            v = table_at(shape.tables, V, y, z)
            if not (-_REACH_MM < s < shape.length + 8.0 and -_REACH_MM < v < 2.0 * _REACH_MM):
                field[k, j, :] = FAR_MM
                continue
            h = (z - shape.promontory_z) * shape.slope_cos
            h -= (y - shape.promontory_y) * shape.slope_sin
            for i in range(nx):
                ax = abs(warped_x(shape, low[0] + i * step, y, z))
                field[k, j, i] = sacral_bone(shape, ax, s, v, h)
