"""Exact Euclidean distance to a set of voxels, and the signed distance to its surface.

**The lecture.** The squared distance transform separates: along one axis it is the lower envelope
of parabolas, ``D(p) = min_q (p − q)² + f(q)``, found in linear time, and running it along the three
axes in turn gives the exact 3-D transform (Felzenszwalb and Huttenlocher). The transform measures
from voxel centre to voxel centre; a surface lies half a voxel before the first centre inside, so
``signed = distance − h/2`` outside and ``−(distance to the outside − h/2)`` inside.

**How accurate.** A wall on voxel faces is exact. A label map does not say where between two centres
a wall runs, so any one wall may be off by up to h/2; walls that are not parallel to an axis come
out nearer than they are by 0.28 h on average, which errs on the safe side. Checked by
``test_distance_field.py`` against planes of any direction and against scipy.
"""

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

# Beyond any distance on a pelvis, and small enough that its square stays exact enough in float64.
FAR_MM = 1.0e4


def signed_distance_mm(mask: NDArray[np.bool_], spacing_mm: float) -> NDArray[np.float32]:
    """Signed distance in mm from each voxel centre to the surface of `mask`; negative inside.

    mask: (k, j, i) on an isotropic grid of `spacing_mm`. An empty mask is FAR_MM away everywhere.
    """
    if not mask.any():
        return np.full(mask.shape, FAR_MM, dtype=np.float32)
    distance = _distance_to(mask, spacing_mm)
    distance -= np.float32(0.5 * spacing_mm)
    box = tuple(slice(max(a - 1, 0), b + 1) for a, b in _extent(mask))
    inside = mask[box]
    depth = _distance_to(~inside, spacing_mm) - np.float32(0.5 * spacing_mm)
    distance[box] = np.where(inside, -depth, distance[box])
    return distance


def _extent(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one-past-last index with anything in it, per axis."""
    extents = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        hit = np.flatnonzero(mask.any(axis=others))
        extents.append((int(hit[0]), int(hit[-1]) + 1))
    return extents


def _distance_to(mask: NDArray[np.bool_], spacing_mm: float) -> NDArray[np.float32]:
    far = (FAR_MM / spacing_mm) ** 2
    squared = np.where(mask, np.float32(0.0), np.float32(far))
    for axis in range(3):
        lines = np.moveaxis(squared, axis, 2)
        _sweep(lines)
    return np.asarray(np.sqrt(squared, out=squared) * np.float32(spacing_mm))


@njit(cache=True, parallel=True)
def _sweep(lines: NDArray[np.float32]) -> None:
    """One pass along the last axis, in place; every line is its own, so the order is free."""
    rows, columns, n = lines.shape
    for row in prange(rows):
        line = np.empty(n, dtype=np.float64)
        apex = np.empty(n, dtype=np.int64)
        start = np.empty(n + 1, dtype=np.float64)
        for column in range(columns):
            smallest = np.inf
            largest = 0.0
            for q in range(n):
                line[q] = lines[row, column, q]
                smallest = min(smallest, line[q])
                largest = max(largest, line[q])
            if largest == smallest:
                continue
            _lower_envelope(line, apex, start)
            k = 0
            for p in range(n):
                while start[k + 1] < p:
                    k += 1
                lines[row, column, p] = (p - apex[k]) ** 2 + line[apex[k]]


@njit(cache=True)
def _lower_envelope(
    line: NDArray[np.float64], apex: NDArray[np.int64], start: NDArray[np.float64]
) -> None:
    """Which parabola is lowest from where: `apex[k]` rules from `start[k]` to `start[k + 1]`."""
    k = 0
    apex[0] = 0
    start[0] = -math.inf
    start[1] = math.inf
    for q in range(1, line.size):
        meet = _meeting(line, apex[k], q)
        while meet <= start[k]:
            k -= 1
            meet = _meeting(line, apex[k], q)
        k += 1
        apex[k] = q
        start[k] = meet
        start[k + 1] = math.inf


@njit(cache=True)
def _meeting(line: NDArray[np.float64], left: int, right: int) -> float:
    """Where the parabolas of two apexes cross."""
    return ((line[right] + right * right) - (line[left] + left * left)) / (2.0 * (right - left))
