"""The sacral curve: the ventral midline from promontory to apex, and coordinates along it.

The anatomy is written in curved coordinates of the midsagittal plane: `s`, the arc length from the
promontory along the ventral surface, and `v`, the distance dorsal of that surface. The curve's
direction is ``(sin θ, −cos θ)`` in (y dorsal, z cranial), with θ falling from sacral slope plus the
promontory wedge by the kyphosis, most of it at the apex of the curvature (S3). The origin is the centre of the S1 endplate.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.phantom.dimensions import PatientDimensions

# The tables over the midsagittal plane: 1 mm nodes; kernels read them bilinearly.
TABLE_Y0, TABLE_Z0 = -170.0, -190.0
TABLE_NY, TABLE_NZ = 361, 351
S, V, ILIUM_OUTLINE, ILIUM_MIDDLE, ILIUM_HALF_THICKNESS = range(5)

PROMONTORY_WEDGE_DEG = 23.0
_BEND_SHARE = 0.8  # the part of the curve, about its apex, that bends
_STEP_MM = 0.1
_COARSE = 20  # points of the line, 2 mm: far below its radii of curvature
_BEYOND_MM = 260.0


@dataclass(frozen=True, eq=False, slots=True)
class SacralCurve:
    """`s` and `v` are tables (nz, ny) of curved coordinates; `line` (n, 2) the curve in (y, z)."""

    length_mm: float
    slope_rad: float
    promontory: tuple[float, float]
    s: NDArray[np.float32]
    v: NDArray[np.float32]
    line: NDArray[np.float64]
    line_s: NDArray[np.float64]
    normal: NDArray[np.float64]

    def point(self, s: float, v: float) -> tuple[float, float]:
        """(y, z) of curved coordinates."""
        y, ny, z, nz = (
            float(np.interp(s, self.line_s, column))
            for column in (self.line[:, 0], self.normal[:, 0], self.line[:, 1], self.normal[:, 1])
        )
        return y + v * ny, z + v * nz


def trace_sacral_curve(d: PatientDimensions) -> SacralCurve:
    """The curve whose chord from promontory to apex is the sacral height."""
    length = d.sacral_height
    for _ in range(20):
        line_s, line, theta = _trace(length, d)
        ends = [int(np.searchsorted(line_s, at)) for at in (0.0, length)]
        chord = float(np.linalg.norm(line[ends[1]] - line[ends[0]]))
        length *= d.sacral_height / chord
    normal = np.stack([np.cos(theta), np.sin(theta)], axis=1)
    slope = np.deg2rad(d.sacral_slope)
    promontory = -0.5 * d.s1_endplate_depth * np.array([np.cos(slope), np.sin(slope)])
    line = line + promontory
    s, v = _coordinates(line, line_s, normal)
    return SacralCurve(
        length,
        float(slope),
        (float(promontory[0]), float(promontory[1])),
        s,
        v,
        line,
        line_s,
        normal,
    )


def table_nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """y and z (nz, ny) of the table nodes."""
    y, z = np.meshgrid(TABLE_Y0 + np.arange(TABLE_NY), TABLE_Z0 + np.arange(TABLE_NZ))
    return y.astype(np.float64), z.astype(np.float64)


def _trace(
    length: float, d: PatientDimensions
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    s = np.arange(-_BEYOND_MM, length + _BEYOND_MM, _STEP_MM)
    along = np.clip((s / length - d.curvature_apex) / _BEND_SHARE + 0.5, 0.0, 1.0)
    bend = along * along * (3.0 - 2.0 * along)
    theta = np.deg2rad(d.sacral_slope + PROMONTORY_WEDGE_DEG - d.sacral_kyphosis * bend)
    steps = np.stack([np.sin(theta), -np.cos(theta)], axis=1) * _STEP_MM
    line = np.cumsum(steps, axis=0)
    return s, line - line[np.searchsorted(s, 0.0)], theta


def _coordinates(
    line: NDArray[np.float64], line_s: NDArray[np.float64], normal: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, z = table_nodes()
    nodes = np.stack([y.ravel(), z.ravel()], axis=1)
    nearest = _nearest(line, nodes)
    v = ((nodes - line[nearest]) * normal[nearest]).sum(axis=1)
    return (
        line_s[nearest].reshape(y.shape).astype(np.float32),
        v.reshape(y.shape).astype(np.float32),
    )


@njit(cache=True, error_model="numpy")
def _nearest(line: NDArray[np.float64], nodes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index of the point of the line nearest to each node: every 20th first, then those about it."""
    found = np.empty(len(nodes), np.int64)
    for n in range(len(nodes)):
        best, least = 0, np.inf
        for i in range(0, len(line), _COARSE):
            apart = (line[i, 0] - nodes[n, 0]) ** 2 + (line[i, 1] - nodes[n, 1]) ** 2
            if apart < least:
                best, least = i, apart
        for i in range(max(best - _COARSE, 0), min(best + _COARSE + 1, len(line))):
            apart = (line[i, 0] - nodes[n, 0]) ** 2 + (line[i, 1] - nodes[n, 1]) ** 2
            if apart < least:
                best, least = i, apart
        found[n] = best
    return found
