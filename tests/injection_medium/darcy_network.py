"""Darcy flow through a whole medium by a sparse direct solver: shares no line with the front model."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from sacroplasty.injection import BoneMedium

MU = 1e-4  # MPa·s


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def links(medium: BoneMedium) -> tuple[Ints, Ints, Floats]:
    """Pairs of flat voxels, and the conductance between them at viscosity MU."""
    shape, h = medium.grid.shape, medium.grid.spacing_mm[0]
    lines = np.arange(int(np.prod(shape))).reshape(shape)
    first, second, found = [], [], []
    for axis in range(3):
        k = np.moveaxis(medium.along_kji_mm2[axis], axis, 0)
        cells = np.moveaxis(lines, axis, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            link = np.nan_to_num(2 * h / MU / (1 / k[:-1] + 1 / k[1:]))
        # bit of the face towards +axis: 0 for i, 2 for j, 4 for k
        tight = np.moveaxis(medium.walls >> (2 * (2 - axis)) & 1, axis, 0)[:-1]
        back = np.moveaxis(medium.walls >> (2 * (2 - axis) + 1) & 1, axis, 0)[1:]
        np.testing.assert_array_equal(tight, back)  # a wall stands on both its sides
        first.append(cells[:-1].ravel())
        second.append(cells[1:].ravel())
        found.append(np.where(tight, 0.0, link).ravel())
    a, b, t = (np.concatenate(part) for part in (first, second, found))
    keep = t > 0
    return a[keep], b[keep], t[keep]


def network(medium: BoneMedium) -> sparse.csr_matrix:
    """The matrix of the flow that leaves every voxel, by the pressures."""
    a, b, t = links(medium)
    size = int(np.prod(medium.grid.shape))
    values = np.concatenate([t, t, -t, -t])
    return sparse.csr_matrix((values, (np.r_[a, b, a, b], np.r_[a, b, b, a])), (size, size))


def fed_pressure(medium: BoneMedium, filled: NDArray[np.bool_], feed: Floats) -> Floats:
    """Pressure (k, j, i) where `feed` (k, j, i; mm³/s) enters filled voxels, 0 in all others."""
    inside = filled.ravel()
    pressure = np.zeros(inside.size)
    pressure[inside] = spsolve(network(medium)[inside][:, inside].tocsc(), feed.ravel()[inside])
    return pressure.reshape(filled.shape)


def flow_between(
    medium: BoneMedium, start: NDArray[np.bool_], end: NDArray[np.bool_], drop_mpa: float = 0.01
) -> float:
    """Flow in mm³/s between voxels held at `drop_mpa` and voxels held at 0, at viscosity MU."""
    matrix = network(medium)
    _, parts = connected_components(matrix, directed=False)
    fixed = (start | end).ravel()
    free = np.isin(parts, np.unique(parts[fixed])) & ~fixed
    pressure = np.where(start.ravel(), drop_mpa, 0.0)
    right = -matrix[free][:, fixed] @ pressure[fixed]
    pressure[free] = spsolve(matrix[free][:, free].tocsc(), right)
    return float((matrix @ pressure)[start.ravel()].sum())
