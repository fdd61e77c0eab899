"""Candidate tunnels from the ventral to the dorsal lid: the cheapest ways through the sacrum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra

from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.structures import Side

# Where foramina can lie: between these distances from the midline and depths below the endplate.
_NEAR_MM, _FAR_MM = 9.0, 38.0
_TOP_MM, _BOTTOM_MM = 10.0, 112.0
# Two mouths or two middles nearer than this are one tunnel.
_APART_MM = 7.0
# A way with less room than this is a notch of the border: cheap, but it must not hide a foramen.
_NOTCH_ROOM_MM = 1.0
_MOST = 16
_BONE_HU = 120


@dataclass(frozen=True, eq=False, slots=True)
class Tunnel:
    """One way through: `path` (n, 3) as (k, j, i), ventral to dorsal.

    bone_mm: how much of it crosses bone of the mask. room_mm: to the nearest wall where it is wide
    (0 in bone); a notch of the border has none. depth_mm: of its middle below the endplate;
    offset_mm: of its middle from the midline, without sign.
    """

    path: NDArray[np.int64]
    bone_mm: float
    room_mm: float
    cost: float
    depth_mm: float
    offset_mm: float

    @property
    def climb_mm(self) -> float:
        """How much higher or lower one mouth lies than the other, 1 mm voxels."""
        return abs(float(self.path[-1, 0] - self.path[0, 0]))

    @property
    def middle(self) -> NDArray[np.int64]:
        """The voxel half way."""
        return self.path[len(self.path) // 2]


def resistance(sheet: SacralSheet) -> NDArray[np.float64]:
    """Cost per mm of a way through each voxel.

    Open space costs least in its middle. What stops a way is bright bone, not the mask: a segmenter
    that fills marrow also fills a narrow foramen (fat and nerve), and its own opinion of what is
    open must not hide it. A fatty void of the ala still costs its two cortices, in and out.
    """
    d = sheet.distance
    open_cost = 0.15 + 0.4 * np.exp(-np.maximum(d, 0) / 1.5)
    bright = np.clip((sheet.hu.astype(np.float64) - 50) / 300, 0, 1)
    filled_cost = 0.45 + 3.5 * bright + 0.05 * np.minimum(-d, 3)
    return np.asarray(
        np.where(d > 0, open_cost + 1.5 * np.clip((sheet.hu - 150) / 300, 0, 1), filled_cost)
    )


def find_tunnels(sheet: SacralSheet, side: Side) -> list[Tunnel]:
    """Up to sixteen candidates of one side: ways with room first, notches of the border after them."""
    columns = np.flatnonzero(
        (sheet.x_mm * side.sign >= _NEAR_MM) & (sheet.x_mm * side.sign <= _FAR_MM)
    )
    rows = np.flatnonzero((sheet.depth_mm >= _TOP_MM) & (sheet.depth_mm <= _BOTTOM_MM))
    k0, i0 = int(rows[0]), int(columns[0])
    box = (slice(k0, int(rows[-1]) + 1), slice(None), slice(i0, int(columns[-1]) + 1))
    inside = sheet.between_lids[box]
    cost = resistance(sheet)[box]
    ventral, dorsal = sheet.ventral[box[0], box[2]], sheet.dorsal[box[0], box[2]]
    index = np.where(inside, np.cumsum(inside).reshape(inside.shape) - 1, -1)
    sheets = np.argwhere(ventral < dorsal)
    sources = np.array([index[k, ventral[k, i], i] for k, i in sheets])
    ends = np.array([index[k, dorsal[k, i], i] for k, i in sheets])
    if not len(sources):
        return []
    spent, before, _ = dijkstra(
        _graph(index, cost), indices=sources, min_only=True, return_predecessors=True
    )
    voxels = np.argwhere(inside)
    exits = np.full(ventral.shape, np.inf)
    exits[tuple(sheets.T)] = spent[ends]
    lowest = exits == ndimage.minimum_filter(exits, size=7, mode="constant", cval=np.inf)
    mouths = [n for n, (k, i) in enumerate(sheets) if lowest[k, i] and np.isfinite(exits[k, i])]
    found = [
        _described(
            sheet,
            voxels[_walk_back(before, int(ends[n]))] + np.array([k0, 0, i0]),
            float(spent[ends[n]]),
        )
        for n in mouths
    ]
    kept: list[Tunnel] = []
    for tunnel in sorted(found, key=lambda one: (one.room_mm < _NOTCH_ROOM_MM, one.cost)):
        if all(_apart(tunnel, other) for other in kept):
            kept.append(tunnel)
        if len(kept) == _MOST:
            break
    return kept


def _graph(index: NDArray[np.int64], cost: NDArray[np.float64]) -> sparse.csr_matrix:
    """18-neighbour graph over the voxels with an index; an edge costs its mean times its length."""
    steps = [
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
        (0, 1, 1),
        (0, 1, -1),
        (1, 0, 1),
        (1, 0, -1),
        (1, 1, 0),
        (1, -1, 0),
    ]
    first, second, weight = [], [], []
    for step in steps:
        a = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(step, index.shape, strict=True))
        b = tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(step, index.shape, strict=True))
        both = (index[a] >= 0) & (index[b] >= 0)
        first.append(index[a][both])
        second.append(index[b][both])
        weight.append((cost[a][both] + cost[b][both]) / 2 * np.linalg.norm(step))
    u, v, w = np.concatenate(first), np.concatenate(second), np.concatenate(weight)
    n = int(index.max()) + 1
    return sparse.csr_matrix(
        (np.concatenate([w, w]), (np.concatenate([u, v]), np.concatenate([v, u]))), shape=(n, n)
    )


def _walk_back(before: NDArray[np.int32], end: int) -> list[int]:
    path = [end]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return path[::-1]


def _described(sheet: SacralSheet, path: NDArray[np.int64], cost: float) -> Tunnel:
    at = tuple(path.T)
    bone = float(((sheet.distance[at] < 0) & (sheet.hu[at] > _BONE_HU)).sum())
    k, _, i = path[len(path) // 2]
    room = float(max(np.percentile(sheet.distance[at], 80), 0.0))
    return Tunnel(path, bone, room, cost, float(sheet.depth_mm[k]), abs(float(sheet.x_mm[i])))


def _apart(one: Tunnel, other: Tunnel) -> bool:
    """Whether two tunnels differ in the middle and at the ventral mouth."""
    return bool(
        np.linalg.norm(one.middle - other.middle) > _APART_MM
        and np.linalg.norm(one.path[0] - other.path[0]) > _APART_MM
    )
