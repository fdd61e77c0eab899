"""The small geometry that every kernel uses: table look-ups, smooth unions, tubes, value noise.

Distances are signed, in mm, negative inside. A smooth maximum (intersection) rounds an edge with
radius about `r`; a smooth minimum (union) fills a groove.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.phantom.kernel import kernel
from sacroplasty.phantom.sacral_curve import TABLE_NY, TABLE_NZ, TABLE_Y0, TABLE_Z0
from sacroplasty.phantom.sacral_profiles import U0, U_COUNT, U_STEP
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.texture import GRAIN_N, GRAIN_PER_FEATURE


@kernel
def clamp(value: float, low: float, high: float) -> float:
    """`value` held between `low` and `high`."""
    return min(max(value, low), high)


@kernel
def ramp(low: float, high: float, value: float) -> float:
    """0 below `low`, 1 above `high`, smooth between."""
    t = clamp((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@kernel
def meet(a: float, b: float, r: float) -> float:
    """Smooth intersection of two solids."""
    h = max(r - abs(a - b), 0.0) / r
    return max(a, b) + 0.25 * h * h * r


@kernel
def join(a: float, b: float, r: float) -> float:
    """Smooth union of two solids."""
    h = max(r - abs(a - b), 0.0) / r
    return min(a, b) - 0.25 * h * h * r


@kernel
def table_at(tables: NDArray[np.float32], which: int, y: float, z: float) -> float:
    """Bilinear value of a table over the midsagittal plane; held constant beyond its border."""
    fy = clamp(y - TABLE_Y0, 0.0, TABLE_NY - 1.001)
    fz = clamp(z - TABLE_Z0, 0.0, TABLE_NZ - 1.001)
    j, k = int(fy), int(fz)
    ty, tz = fy - j, fz - k
    low = tables[which, k, j] * (1.0 - ty) + tables[which, k, j + 1] * ty
    high = tables[which, k + 1, j] * (1.0 - ty) + tables[which, k + 1, j + 1] * ty
    return low * (1.0 - tz) + high * tz


@kernel
def profile_at(profiles: NDArray[np.float64], row: int, u: float) -> float:
    """Linear value of one profile row at station `u`."""
    f = clamp((u - U0) / U_STEP, 0.0, U_COUNT - 1.001)
    i = int(f)
    t = f - i
    return profiles[row, i] * (1.0 - t) + profiles[row, i + 1] * t


@kernel
def tube(
    x: float, y: float, z: float,
    ax: float, ay: float, az: float, bx: float, by: float, bz: float,
    radius: float,
) -> float:  # fmt: skip
    """Distance to a round-ended tube from a to b."""
    dx, dy, dz = bx - ax, by - ay, bz - az
    px, py, pz = x - ax, y - ay, z - az
    t = clamp((px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz), 0.0, 1.0)
    px -= t * dx
    py -= t * dy
    pz -= t * dz
    return math.sqrt(px * px + py * py + pz * pz) - radius


@kernel
def ellipsoid(x: float, y: float, z: float, rx: float, ry: float, rz: float) -> float:
    """Approximate distance to an ellipsoid about the origin."""
    k = math.sqrt((x / rx) ** 2 + (y / ry) ** 2 + (z / rz) ** 2)
    return (k - 1.0) * min(rx, ry, rz)


@kernel
def _lattice(seed: int, i: int, j: int, k: int) -> float:
    """A number in −1…1 that depends on a lattice node only (integer mixing)."""
    h = (seed * 374761393 + i * 668265263 + j * 2147483647 + k * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822519) & 0xFFFFFFFF
    h ^= h >> 15
    return (h & 0xFFFFFF) / 8388607.5 - 1.0


@kernel
def noise(seed: int, x: float, y: float, z: float, size: float) -> float:
    """Smooth value noise in about −1…1 with features of `size` mm, the same on every grid."""
    x /= size
    y /= size
    z /= size
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    fx, fy, fz = x - i, y - j, z - k
    fx = fx * fx * (3.0 - 2.0 * fx)
    fy = fy * fy * (3.0 - 2.0 * fy)
    fz = fz * fz * (3.0 - 2.0 * fz)
    total = 0.0
    for dk in range(2):
        wz = fz if dk else 1.0 - fz
        for dj in range(2):
            wy = fy if dj else 1.0 - fy
            row = _lattice(seed, i, j + dj, k + dk) * (1.0 - fx)
            row += _lattice(seed, i + 1, j + dj, k + dk) * fx
            total += wz * wy * row
    return total


@kernel
def grain(shape: Shape, channel: int, x: float, y: float, z: float, size: float) -> float:
    """Texture in about −1…1 with features of `size` mm, read from the patient's tile of noise.

    Far cheaper than `noise`, in steps of a quarter of the feature: for HU, not for surfaces.
    """
    fine = GRAIN_PER_FEATURE / size
    i = (math.floor(x * fine) + 23 * channel) & (GRAIN_N - 1)
    j = (math.floor(y * fine) + 41 * channel) & (GRAIN_N - 1)
    k = math.floor(z * fine) & (GRAIN_N - 1)
    return float(shape.grain[k, j, i])
