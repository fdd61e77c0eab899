"""Darcy flow through a whole medium by a sparse direct solver: shares no line with the front model."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from sacroplasty.injection import BoneMedium

MU = 1e-4  # MPa·s


def flow_between(
    medium: BoneMedium, start: NDArray[np.bool_], end: NDArray[np.bool_], drop_mpa: float = 0.01
) -> float:
    """Flow in mm³/s between voxels held at `drop_mpa` and voxels held at 0, at viscosity MU."""
    shape, h = medium.grid.shape, medium.grid.spacing_mm[0]
    lines = np.arange(start.size).reshape(shape)
    first, second, links = [], [], []
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
        links.append(np.where(tight, 0.0, link).ravel())
    a, b, t = (np.concatenate(part) for part in (first, second, links))
    keep = t > 0
    a, b, t = a[keep], b[keep], t[keep]
    graph = sparse.coo_matrix((t, (a, b)), (start.size, start.size))
    _, parts = connected_components(graph, directed=False)
    fixed = (start | end).ravel()
    free = np.isin(parts, np.unique(parts[fixed])) & ~fixed
    matrix = sparse.csr_matrix(
        (np.concatenate([t, t, -t, -t]), (np.r_[a, b, a, b], np.r_[a, b, b, a])), graph.shape
    )
    pressure = np.where(start.ravel(), drop_mpa, 0.0)
    right = -matrix[free][:, fixed] @ pressure[fixed]
    pressure[free] = spsolve(matrix[free][:, free].tocsc(), right)
    return float((matrix @ pressure)[start.ravel()].sum())
