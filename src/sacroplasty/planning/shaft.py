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
# A structure this many voxels away is not on the map, and its distance is no distance.
NOWHERE = 2000.0
# Between voxels an interpolated distance may fall a little faster than one walks.
TRUST = 0.8
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


@njit(cache=True)
def sample_one(field: NDArray[np.generic], k: float, j: float, i: float, outside: float) -> float:
    """One scalar field (k, j, i) by trilinear interpolation; `outside` beyond its voxels."""
    nk, nj, ni = field.shape
    if not (0.0 <= k <= nk - 1 and 0.0 <= j <= nj - 1 and 0.0 <= i <= ni - 1):
        return outside
    k0 = min(int(k), nk - 2)
    j0 = min(int(j), nj - 2)
    i0 = min(int(i), ni - 2)
    fk, fj, fi = k - k0, j - j0, i - i0
    total = 0.0
    for dk in range(2):
        for dj in range(2):
            weight = (fk if dk else 1 - fk) * (fj if dj else 1 - fj)
            row = field[k0 + dk, j0 + dj]
            total += weight * (row[i0] * (1 - fi) + row[i0 + 1] * fi)
    return total


@njit(cache=True, parallel=True)
def reach(
    bone: NDArray[np.float32],
    air: NDArray[np.uint8],
    air_start: NDArray[np.int64],
    tips: NDArray[np.float64],
    directions: NDArray[np.float64],
    limits: tuple[float, float, float],
) -> NDArray[np.float64]:
    """Where each path, walked back from its tip, leaves bone and body; (n, 3) in voxels.

    bone: signed distance, negative inside; air: 1 outside the patient, in a box that begins at
    voxel `air_start` of bone's. limits: the step; the longest gap in bone that is crossed, such as
    a fracture cleft; and the least soft tissue between bone and skin (air nearer to bone is the
    edge of a mask). Columns: tip to the cortex where the path enters bone (−1 where the tip is not
    in bone), tip to the skin (−1 where the image ends first), and tip forward to where the path
    would leave bone.
    """
    found = np.full((len(tips), 3), -1.0)
    for n in prange(len(tips)):
        tip, direction = tips[n], directions[n]
        if sample_one(bone, tip[0], tip[1], tip[2], FAR) >= 0.0:
            continue
        _walk_back(bone, air, air_start, tip, direction, limits, found[n])
        found[n, OUT_OF_BONE] = _leaves_bone(bone, tip, direction, limits[0])
    return found


@njit(cache=True)
def _walk_back(
    bone: NDArray[np.float32],
    air: NDArray[np.uint8],
    air_start: NDArray[np.int64],
    tip: NDArray[np.float64],
    direction: NDArray[np.float64],
    limits: tuple[float, float, float],
    found: NDArray[np.float64],
) -> None:
    """Fill the bone entry and the skin of one path."""
    step, gap, soft = limits
    s, outside_since, air_now = 0.0, -1.0, 0.0
    bone_now = sample_one(bone, tip[0], tip[1], tip[2], FAR)
    while True:
        s_before, bone_before, air_before = s, bone_now, air_now
        s += max(step, -TRUST * bone_now) if found[BONE_ENTRY] < 0.0 else step
        k, j, i = tip[0] - s * direction[0], tip[1] - s * direction[1], tip[2] - s * direction[2]
        air_now = sample_one(air, k - air_start[0], j - air_start[1], i - air_start[2], -1.0)
        if air_now < 0.0:
            break
        if found[BONE_ENTRY] < 0.0:
            bone_now = sample_one(bone, k, j, i, FAR)
            if bone_now < 0.0:
                outside_since = -1.0
            elif outside_since < 0.0:
                outside_since = s - (s - s_before) * bone_now / (bone_now - bone_before)
            if outside_since >= 0.0 and s - outside_since > gap:
                found[BONE_ENTRY] = outside_since
        if air_now >= 0.5:
            skin = s - (s - s_before) * (air_now - 0.5) / max(air_now - air_before, 1e-9)
            if found[BONE_ENTRY] >= 0.0 and skin - found[BONE_ENTRY] >= soft:
                found[SKIN] = skin
            break
    if found[BONE_ENTRY] < 0.0 and outside_since >= 0.0:
        found[BONE_ENTRY] = outside_since


@njit(cache=True)
def _leaves_bone(
    bone: NDArray[np.float32],
    tip: NDArray[np.float64],
    direction: NDArray[np.float64],
    step: float,
) -> float:
    """Length from the tip, which lies in bone, forward to the surface of bone."""
    s, before, walked = 0.0, 0.0, 0.0
    now = sample_one(bone, tip[0], tip[1], tip[2], 0.0)
    while now < 0.0:
        before, walked = now, max(step, -TRUST * now)
        s += walked
        now = sample_one(
            bone,
            tip[0] + s * direction[0],
            tip[1] + s * direction[1],
            tip[2] + s * direction[2],
            0.0,
        )
    return s - walked * now / (now - before)


@njit(cache=True, parallel=True)
def closest(
    stack: NDArray[np.float32],
    tips: NDArray[np.float64],
    directions: NDArray[np.float64],
    lengths: NDArray[np.float64],
    radius: float,
    step: float,
    floors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Least surface-to-surface distance of each needle to each channel, (n, channels).

    A needle that comes below one of `floors` (channels,) is hopeless: it is walked no farther, and
    its distances are upper bounds.

    `lengths`, `radius`, `step` and the fields themselves are all in voxels. Where every structure
    is farther than the least so far by some length, that length is skipped: a distance cannot fall
    faster than one walks (sphere tracing, Hart 1996).
    """
    channels = stack.shape[3]
    least = np.full((len(tips), channels), FAR)
    for n in prange(len(tips)):
        values = np.empty(channels)
        tip, d = tips[n], directions[n]
        end = max(lengths[n], radius)
        s = radius
        while True:
            if not sample(stack, tip[0] - s * d[0], tip[1] - s * d[1], tip[2] - s * d[2], values):
                break
            spare, hopeless = FAR, False
            for c in range(channels):
                if values[c] < NOWHERE:
                    least[n, c] = min(least[n, c], values[c] - radius)
                    spare = min(spare, values[c] - radius - least[n, c])
                    hopeless |= least[n, c] < floors[c]
            if hopeless or s >= end:
                break
            s = min(s + max(step, TRUST * spare), end)
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
