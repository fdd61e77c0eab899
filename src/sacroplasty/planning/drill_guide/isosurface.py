"""Marching tetrahedra: the surface on which a sampled field is zero, closed by construction.

Every cell of the lattice is cut into the six tetrahedra around its main diagonal (Kuhn), the same
way in every cell, so that neighbours agree on every face. In a tetrahedron the field is linear and
its zero surface a triangle or a quadrangle; its corners lie on edges that all neighbours share, so
every edge of the surface belongs to exactly two triangles. No table of cases with ambiguous faces
is needed (Doi and Koide 1991).
"""

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Volume
from sacroplasty.planning.drill_guide.triangle_mesh import TriangleMesh

# A field value nearer to zero than this share of a voxel is moved there, so that no triangle
# shrinks to a point; the surface moves by less than that.
_LEAST_SHARE = 0.03


def extract_surface(field: Volume[np.float64]) -> TriangleMesh:
    """The surface of the solid where `field` (mm, about a distance) is negative.

    Raises `BadInput` where the solid is empty or touches the lattice's faces: it would not close.
    """
    values = _away_from_zero(field.values, _LEAST_SHARE * min(field.grid.spacing_mm))
    inside = values < 0
    if not inside.any():
        raise BadInput("The solid is empty: there is no surface to extract.")
    if inside.sum() != inside[1:-1, 1:-1, 1:-1].sum():
        raise BadInput("The solid reaches the end of its lattice; make the lattice larger.")
    triangles = _triangles(_crossed_tetrahedra(inside), inside.ravel())
    # The inner corner comes first in every edge, so that an edge has one name.
    edges, faces = np.unique(triangles.reshape(-1, 2), axis=0, return_inverse=True)
    crossings = field.grid.points_at(_crossings(edges, values))
    faces = faces.reshape(-1, 3)
    inner, outer = (
        field.grid.points_at(np.stack(np.unravel_index(edges[:, n], values.shape), axis=1)).xyz
        for n in (0, 1)
    )
    outwards = (outer - inner)[faces].sum(axis=1)
    return TriangleMesh(crossings, _facing(crossings.xyz, faces, outwards))


def _away_from_zero(values: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    return np.where(values < 0, np.minimum(values, -least), np.maximum(values, least))


def _crossed_tetrahedra(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Flat corner numbers (n, 4) of all tetrahedra with corners on both sides."""
    nk, nj, ni = inside.shape
    count = np.zeros((nk - 1, nj - 1, ni - 1), dtype=np.int8)
    for k, j, i in np.ndindex(2, 2, 2):
        count += inside[k : nk - 1 + k, j : nj - 1 + j, i : ni - 1 + i]
    cells = np.argwhere((count > 0) & (count < 8))
    step = np.array([nj * ni, ni, 1])
    first = cells @ step
    ways = [[0, *np.cumsum(step[list(order)]).tolist()] for order in permutations(range(3))]
    corners = (first[:, None, None] + np.array(ways)).reshape(-1, 4)
    within = inside.ravel()[corners].sum(axis=1)
    return np.asarray(corners[(within > 0) & (within < 4)])


def _triangles(tetrahedra: NDArray[np.int64], inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Triangles (m, 3, 2), either way round: each corner as the edge (inner, outer) that it lies on."""
    order = np.argsort(~inside[tetrahedra], axis=1, kind="stable")
    a, b, c, d = np.take_along_axis(tetrahedra, order, axis=1).T
    within = inside[tetrahedra].sum(axis=1)
    cuts = (
        (1, ((a, b), (a, c), (a, d))),
        (3, ((a, d), (b, d), (c, d))),
        (2, ((a, c), (a, d), (b, d))),
        (2, ((a, c), (b, d), (b, c))),
    )
    found = []
    for number, corners in cuts:
        here = within == number
        found.append(np.stack([np.stack([p[here], q[here]], axis=1) for p, q in corners], axis=1))
    return np.concatenate(found)


def _crossings(edges: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the field is zero on each edge, as (k, j, i)."""
    start, end = (np.stack(np.unravel_index(edges[:, n], values.shape), axis=1) for n in (0, 1))
    inner, outer = values.ravel()[edges].T
    share = inner / (inner - outer)
    return np.asarray(start + share[:, None] * (end - start))


def _facing(
    xyz: NDArray[np.float64], faces: NDArray[np.int64], outwards: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The faces, each turned so that its normal has a positive share of `outwards` (m, 3).

    The sum of the way out along a triangle's three edges rises with the field, and so does the
    normal of a linear field's zero plane: the sign is never in doubt.
    """
    a, b, c = np.moveaxis(xyz[faces], 1, 0)
    wrong = np.einsum("ij,ij->i", np.cross(b - a, c - a), outwards) < 0
    return np.where(wrong[:, None], faces[:, ::-1], faces)
