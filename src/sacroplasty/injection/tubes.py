"""Tubes thinner than a voxel, as chains of voxels that hang together by faces.

A tube of the length L that conducts Q = −(G/μ) ∂p/∂l (G in mm⁴: π r⁴/8 for a pipe, π d b³/12 for
the gap b around a shaft of diameter d) runs through N + 1 voxels and N faces. All voxels get

    K = (N h / L) G / h²,

N h / L being 1 along an axis and up to √3 askew: N faces of the conductance K h / μ in a row then
conduct as the tube does, whatever its direction. A lumen of the area A takes the share
A L / (N h³) of each voxel; a tube that is wider than a voxel holds less cement than it should.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]
Floats = NDArray[np.float64]

_INNER, _END = 1, 2


@dataclass(frozen=True, eq=False, slots=True)
class Tube:
    """A chain of voxels.

    cells: flat indices (n,). links (n,): bit f is set where the tube passes the face f of the cell
    (0…5: +i, −i, +j, −j, +k, −k). detour: N h / L.
    """

    cells: Ints
    links: Bits
    detour: float

    def permeability_mm2(self, conduction_mm4: float, h: float) -> float:
        """K of its voxels for G."""
        return self.detour * conduction_mm4 / h**2

    def void_share(self, area_mm2: float, h: float) -> float:
        """Share of its voxels that a lumen of this cross-section takes, at most 1."""
        return min(1.0, area_mm2 / (self.detour * h**2))

    @property
    def along_ijk(self) -> NDArray[np.bool_]:
        """Axes (n, 3), in the order i, j, k, along which it passes each of its cells."""
        return np.stack([self.links >> (2 * axis) & 3 for axis in range(3)], axis=1) > 0


def tube_of(
    cells: Ints, line_kji: Floats, whole: int, shape: tuple[int, int, int], h: float
) -> Tube:
    """The tube through the first `cells` of the `whole` number that a line (m, 3) runs through."""
    line_mm = h * float(np.linalg.norm(np.diff(line_kji, axis=0), axis=1).sum())
    return Tube(cells, _links(cells, shape), max(1.0, (whole - 1) * h / line_mm))


@njit(cache=True)
def walk(line: Floats, allowed: NDArray[np.bool_]) -> tuple[Ints, int]:
    """Voxels that a line (m, 3) of fractional indices (k, j, i) runs through, one face at a time.

    Amanatides and Woo 1987. Returns the flat voxels up to the first that is not `allowed` (the one
    that it starts in is not asked) or not in the grid, and how many the whole line runs through.
    """
    nk, nj, ni = allowed.shape
    most = 1
    for leg in range(line.shape[0] - 1):
        for a in range(3):
            most += int(abs(line[leg + 1, a] - line[leg, a])) + 2
    kept = np.empty(most, dtype=np.int64)
    at = np.floor(line[0] + 0.5)
    count, whole = 0, 1
    inside = 0 <= at[0] < nk and 0 <= at[1] < nj and 0 <= at[2] < ni
    if inside:
        kept[0] = int((at[0] * nj + at[1]) * ni + at[2])
        count = 1
    going = inside
    for leg in range(line.shape[0] - 1):
        here, way = line[leg], line[leg + 1] - line[leg]
        last = np.floor(line[leg + 1] + 0.5)
        steps = int(np.abs(last - at).sum())
        for _ in range(steps):
            axis, soonest = -1, np.inf
            for a in range(3):
                if at[a] == last[a]:
                    continue
                wall = at[a] + (0.5 if way[a] > 0 else -0.5)
                when = (wall - here[a]) / way[a]
                if when < soonest:
                    axis, soonest = a, when
            at[axis] += 1.0 if way[axis] > 0 else -1.0
            whole += 1
            if not going:
                continue
            going = 0 <= at[0] < nk and 0 <= at[1] < nj and 0 <= at[2] < ni
            if going and allowed[int(at[0]), int(at[1]), int(at[2])]:
                kept[count] = int((at[0] * nj + at[1]) * ni + at[2])
                count += 1
            else:
                going = False
    return kept[:count].copy(), whole


def _links(cells: Ints, shape: tuple[int, int, int]) -> Bits:
    """Faces that a chain passes."""
    steps = np.diff(np.stack(np.unravel_index(cells, shape)), axis=1)
    axis = np.abs(steps).argmax(axis=0)
    forward = np.take_along_axis(steps, axis[None, :], axis=0)[0] > 0
    faces = (2 * (2 - axis) + ~forward).astype(np.uint8)
    links = np.zeros(cells.size, dtype=np.uint8)
    links[:-1] |= np.uint8(1) << faces
    links[1:] |= np.uint8(1) << (faces ^ 1)
    return links


def walls_around(tubes: tuple[Tube, ...], shape: tuple[int, int, int]) -> Bits:
    """Tight faces (k, j, i) around tubes that are open at both ends and nowhere else."""
    walls = np.zeros(shape, dtype=np.uint8)
    if tubes:
        part = np.zeros(walls.size, dtype=np.uint8)
        links = np.zeros(walls.size, dtype=np.uint8)
        for tube in tubes:
            np.bitwise_or.at(links, tube.cells, tube.links)
            ends = tube.cells[[0, -1]]
            part[ends] = np.where(part[ends] == _INNER, _INNER, _END)
            part[tube.cells[1:-1]] = _INNER
        _wall_in(np.flatnonzero(part == _INNER), links, walls.ravel(), shape)
    return walls


@njit(cache=True)
def _wall_in(cells: Ints, links: Bits, walls: Bits, shape: tuple[int, int, int]) -> None:
    """Close every face of the cells that no tube passes, from both sides."""
    nk, nj, ni = shape
    steps = (1, -1, ni, -ni, nj * ni, -nj * ni)
    for cell in cells:
        k, j, i = cell // (nj * ni), cell // ni % nj, cell % ni
        within = (i + 1 < ni, i > 0, j + 1 < nj, j > 0, k + 1 < nk, k > 0)
        for f in range(6):
            if within[f] and (links[cell] >> f) & 1 == 0:
                walls[cell] |= np.uint8(1 << f)
                walls[cell + steps[f]] |= np.uint8(1 << (f ^ 1))
