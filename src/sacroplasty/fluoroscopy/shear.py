"""The sum over slices on a plane: what costs the time of a picture.

For each slice p the plane's point (v, u) reads the slice at

    b = b₀ + v·Δb,     a = a₀ + u·Δa

with numbers that depend on p only. Eight rows v of the plane make a tile, held by one thread from
the first slice to the last. Per slice the tile's rows are blended from rows b and b + 1 (a runs in
memory, so eight neighbours at a time), turned so that the eight lie side by side, and blended
between a and a + 1 onto the tile. No number is fetched alone. Tiles are summed in the order of
slices by one thread each, so the result does not depend on how many there are.
"""

import numpy as np
from numba import njit, prange

from sacroplasty.fluoroscopy.lanes import LANES, add_between, transpose_block

_SPARE = 2 * LANES  # a transposed block may read that far behind the last column


@njit(cache=True, parallel=True)
def shear(values, first, last, source, plane, sampling, shape):  # type: ignore[no-untyped-def]
    """∑ over slices on the plane, `shape` (nv, nu), float32.

    values uint16 (nb, np, na), of which first…last in each row (nb, np) count; source (b, p, a);
    plane: the slice it lies in, fractions allowed; sampling: first b and step, first a and step.
    """
    n_v, n_u = shape
    summed = np.zeros((n_v, n_u), dtype=np.float32)
    for number in prange((n_v + LANES - 1) // LANES):
        v0 = number * LANES
        tile = np.zeros(n_u * LANES, dtype=np.float32)
        _sum_tile(values, first, last, source, plane, sampling, v0, tile)
        for lane in range(min(LANES, n_v - v0)):
            for u in range(n_u):
                summed[v0 + lane, u] = tile[u * LANES + lane]
    return summed


@njit(cache=True)
def _sum_tile(values, first, last, source, plane, sampling, v0, tile):  # type: ignore[no-untyped-def]
    """All slices onto rows v0…v0 + 7 of the plane; `tile` holds (u, lane)."""
    n_p, n_a = values.shape[1:]
    n_u = len(tile) // LANES
    whole, part = np.zeros(n_u, dtype=np.int32), np.zeros(n_u, dtype=np.float32)
    rows = np.zeros((LANES, n_a + _SPARE), dtype=np.float32)
    turned = np.zeros((n_a + _SPARE) * LANES, dtype=np.float32)
    pair = np.zeros((2, n_a), dtype=np.float32)
    for p in range(n_p):
        scale = (p - source[1]) / (plane - source[1])
        b_start = source[0] + (sampling[0] + v0 * sampling[1] - source[0]) * scale
        b_step = sampling[1] * scale
        a_start, a_step = source[2] + (sampling[2] - source[2]) * scale, sampling[3] * scale
        begin, end = _met(first, last, p, b_start, b_start + (LANES - 1) * b_step, n_a)
        u0 = max(int(np.floor((begin - 1 - a_start) / a_step)), 0)
        u1 = min(int(np.ceil((end + 1 - a_start) / a_step)) + 1, n_u)
        if end < 0 or u1 <= u0:
            continue
        a0 = min(max(int(a_start + a_step * u0), 0), n_a - 2)
        width = min(max(int(a_start + a_step * (u1 - 1)), 0), n_a - 2) + 2 - a0
        _split(a_start + a_step * u0 - a0, a_step, width, whole[: u1 - u0], part[: u1 - u0])
        _blend_rows(values, first, last, p, b_start, b_step, a0, width, pair, rows)
        for a in range(0, width, LANES):
            transpose_block(rows, a, turned, LANES * a)
        _add(tile[LANES * u0 :], turned, whole[: u1 - u0], part[: u1 - u0])


@njit(cache=True)
def _met(first, last, p, b_start, b_stop, n_a):  # type: ignore[no-untyped-def]
    """First and last voxel that stops anything in the rows a tile reads; last −1 if none does."""
    begin, end = n_a, -1
    low, high = int(np.floor(b_start)), int(np.floor(b_stop)) + 1
    for b in range(max(low, 0), min(high, len(first) - 1) + 1):
        begin, end = min(begin, first[b, p]), max(end, last[b, p])
    return begin, end


@njit(cache=True, fastmath=True)
def _split(start, step, width, whole, part):  # type: ignore[no-untyped-def]
    """Positions start + u·step as an index into (a, lane) and the share of the next a."""
    begin, by = np.float32(start), np.float32(step)
    top, last = np.float32(width - 1), np.int32(width - 2)
    for u in range(len(whole)):
        x = min(max(begin + by * np.float32(u), np.float32(0.0)), top)
        index = min(np.int32(x), last)
        whole[u], part[u] = LANES * index, x - np.float32(index)


@njit(cache=True)
def _blend_rows(values, first, last, p, b_start, b_step, a0, width, pair, rows):  # type: ignore[no-untyped-def]
    """The tile's rows at b = b_start + lane·b_step, columns from a0 on; zero beyond the scan."""
    n_b = len(values)
    at, upper, lower = -2, 0, 1
    for lane in range(LANES):
        y = b_start + lane * b_step
        b = int(np.floor(y))
        if b < 0 or b + 1 >= n_b:
            rows[lane, :width] = 0.0
            continue
        if b != at:
            if b == at + 1:
                upper, lower = lower, upper
            else:
                _read(values[b, p], first[b, p], last[b, p], a0, pair[upper, :width])
            _read(values[b + 1, p], first[b + 1, p], last[b + 1, p], a0, pair[lower, :width])
            at = b
        _mix(pair[upper, :width], pair[lower, :width], np.float32(y - b), rows[lane, :width])


@njit(cache=True, fastmath=True)
def _read(row, first, last, a0, out):  # type: ignore[no-untyped-def]
    """Columns from a0 on as floats; what does not count is zero."""
    low = min(max(first - a0, 0), len(out))
    high = max(min(last + 1 - a0, len(out)), low)
    out[:low] = 0.0
    out[high:] = 0.0
    inside, counted = row[a0 + low : a0 + high], out[low:high]
    for a in range(len(counted)):
        counted[a] = np.float32(np.int32(inside[a]))


@njit(cache=True, fastmath=True)
def _mix(upper, lower, share, out):  # type: ignore[no-untyped-def]
    for a in range(len(out)):
        out[a] = upper[a] + (lower[a] - upper[a]) * share


@njit(cache=True, fastmath=True)
def _add(tile, turned, whole, part):  # type: ignore[no-untyped-def]
    for u in range(len(whole)):
        add_between(tile, LANES * u, turned, np.int64(whole[u]), part[u])
