"""Walking along needle shafts through a stack of distance fields (compiled).

All positions are voxel indices (k, j, i) of an isotropic grid, all lengths voxels, so that the
kernels know nothing of frames. The needle is a cylinder with a flat end: spheres of its radius
along the axis, stopping one radius short of the tip, and twelve points on the rim of its end.
"""

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

RIM_POINTS = 12
FAR = 1.0e9
# Columns of what `reach` finds.
BONE_ENTRY, SKIN, OUT_OF_BONE = 0, 1, 2


@njit(cache=True)
def sample(
    stack: NDArray[np.float32], k: float, j: float, i: float, values: NDArray[np.float64]
) -> bool:
    """All channels of `stack` (k, j, i, channel) by trilinear interpolation; False outside."""
    nk, nj, ni, channels = stack.shape
    if not (0.0 <= k <= nk - 1 and 0.0 <= j <= nj - 1 and 0.0 <= i <= ni - 1):
        return False
    k0 = min(int(k), nk - 2)
    j0 = min(int(j), nj - 2)
    i0 = min(int(i), ni - 2)
    fk, fj, fi = k - k0, j - j0, i - i0
    for c in range(channels):
        low = (
            stack[k0, j0, i0, c] * (1 - fj) * (1 - fi)
            + stack[k0, j0, i0 + 1, c] * (1 - fj) * fi
            + stack[k0, j0 + 1, i0, c] * fj * (1 - fi)
            + stack[k0, j0 + 1, i0 + 1, c] * fj * fi
        )
        high = (
            stack[k0 + 1, j0, i0, c] * (1 - fj) * (1 - fi)
            + stack[k0 + 1, j0, i0 + 1, c] * (1 - fj) * fi
            + stack[k0 + 1, j0 + 1, i0, c] * fj * (1 - fi)
            + stack[k0 + 1, j0 + 1, i0 + 1, c] * fj * fi
        )
        values[c] = low * (1 - fk) + high * fk
    return True


@njit(cache=True, parallel=True)
def reach(
    stack: NDArray[np.float32],
    tips: NDArray[np.float64],
    directions: NDArray[np.float64],
    step: float,
    gap: float,
    soft: float,
) -> NDArray[np.float64]:
    """Where each path, walked back from its tip, leaves bone and body; (n, 3) in voxels.

    stack has two channels: signed distance to bone (negative inside) and to air. Columns: tip to
    the dorsal cortex (−1 where the tip is not in bone; gaps in bone shorter than `gap`, such as a
    fracture cleft, are crossed), tip to the skin (−1 where the image ends first, or where air lies
    within `soft` of bone, as on images masked to bone), and tip forward to where the path would
    leave bone.
    """
    found = np.full((len(tips), 3), -1.0)
    for n in prange(len(tips)):
        values = np.empty(stack.shape[3])
        tip, direction = tips[n], directions[n]
        if not sample(stack, tip[0], tip[1], tip[2], values) or values[0] >= 0.0:
            continue
        s, outside_since = 0.0, -1.0
        while True:
            bone_before, air_before = values[0], values[1]
            s += step
            if not sample(
                stack,
                tip[0] - s * direction[0],
                tip[1] - s * direction[1],
                tip[2] - s * direction[2],
                values,
            ):
                break
            if found[n, 0] < 0.0:
                if values[0] < 0.0:
                    outside_since = -1.0
                elif outside_since < 0.0:
                    outside_since = s - step * values[0] / (values[0] - bone_before)
                if outside_since >= 0.0 and s - outside_since > gap:
                    found[n, 0] = outside_since
            if values[1] <= 0.0:
                skin = s + step * values[1] / max(air_before - values[1], 1e-9)
                if found[n, 0] >= 0.0 and skin - found[n, 0] >= soft:
                    found[n, 1] = skin
                break
        if found[n, 0] < 0.0 and outside_since >= 0.0:
            found[n, 0] = outside_since
        found[n, 2] = _leaves_bone(stack, tip, direction, step, values)
    return found


@njit(cache=True)
def _leaves_bone(
    stack: NDArray[np.float32],
    tip: NDArray[np.float64],
    direction: NDArray[np.float64],
    step: float,
    values: NDArray[np.float64],
) -> float:
    """Length from the tip forward to the surface of bone."""
    s, before = 0.0, 0.0
    sample(stack, tip[0], tip[1], tip[2], values)
    while values[0] < 0.0:
        before = values[0]
        s += step
        if not sample(
            stack,
            tip[0] + s * direction[0],
            tip[1] + s * direction[1],
            tip[2] + s * direction[2],
            values,
        ):
            return s
    if s == 0.0:
        return 0.0
    return s - step * values[0] / (values[0] - before)


@njit(cache=True, parallel=True)
def closest(
    stack: NDArray[np.float32],
    tips: NDArray[np.float64],
    directions: NDArray[np.float64],
    lengths: NDArray[np.float64],
    radius: float,
    step: float,
) -> NDArray[np.float64]:
    """Least surface-to-surface distance of each needle to each channel, (n, channels).

    `lengths`, `radius`, `step` and the fields themselves are all in voxels.
    """
    channels = stack.shape[3]
    least = np.full((len(tips), channels), FAR)
    for n in prange(len(tips)):
        values = np.empty(channels)
        tip, d = tips[n], directions[n]
        behind = max(lengths[n] - radius, 0.0)
        count = math.ceil(behind / step) + 1
        for m in range(count):
            s = radius + behind * m / max(count - 1, 1)
            if sample(stack, tip[0] - s * d[0], tip[1] - s * d[1], tip[2] - s * d[2], values):
                for c in range(channels):
                    least[n, c] = min(least[n, c], values[c] - radius)
        _include_end(stack, tip, d, radius, values, least[n])
    return least


@njit(cache=True)
def _include_end(
    stack: NDArray[np.float32],
    tip: NDArray[np.float64],
    d: NDArray[np.float64],
    radius: float,
    values: NDArray[np.float64],
    least: NDArray[np.float64],
) -> None:
    """The flat end: its centre and its rim."""
    across = np.zeros(3)
    across[np.argmin(np.abs(d))] = 1.0
    u = np.cross(d, across)
    u /= np.sqrt((u * u).sum())
    v = np.cross(d, u)
    for m in range(RIM_POINTS + 1):
        angle = 2.0 * math.pi * m / RIM_POINTS
        r = radius if m < RIM_POINTS else 0.0
        p = tip + r * (math.cos(angle) * u + math.sin(angle) * v)
        if sample(stack, p[0], p[1], p[2], values):
            for c in range(least.size):
                least[c] = min(least[c], values[c])
