"""Cropped pieces of one voxel lattice, put together again."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import UnreadableInput
from sacroplasty.geometry import Grid

# Files keep positions as float32: a voxel may be off by this part of itself.
_ROUNDING_VOXELS = 0.02
_MOST_VOXELS = 2**31


@dataclass(frozen=True, eq=False, slots=True)
class PlacedPieces:
    """The grid that holds every piece, and where in its array (k, j, i) each of them lies."""

    grid: Grid
    boxes: dict[str, tuple[slice, ...]]


def common_lattice(pieces: Mapping[str, Grid]) -> PlacedPieces:
    """The smallest grid around all pieces; raises `UnreadableInput` where one is off the lattice."""
    names = list(pieces)
    first = pieces[names[0]]
    starts: dict[str, NDArray[np.int64]] = {}
    for name, grid in pieces.items():
        corners = first.kji_at(grid.corners)
        start = np.rint(corners[0])
        span = np.rint(corners[-1]) - start
        off = np.abs(corners - np.rint(corners)).max()
        if off > _ROUNDING_VOXELS or (span != np.asarray(grid.shape) - 1).any():
            raise UnreadableInput(
                f"Mask {name[:60]!r} lies on another grid than {names[0][:60]!r}; export all masks "
                "on the CT's grid."
            )
        starts[name] = start.astype(np.int64)
    low = np.min(list(starts.values()), axis=0)
    shape = np.max([starts[n] + pieces[n].shape for n in names], axis=0) - low
    if np.prod(shape.astype(float)) > _MOST_VOXELS:
        raise UnreadableInput(
            f"The masks lie so far apart that they span {shape.tolist()} voxels; are they of one "
            "scan?"
        )
    k, j, i = shape.tolist()
    origin = tuple(first.points_at(low).single.tolist())
    grid = Grid((k, j, i), origin, first.spacing_mm, first.direction, first.frame)
    boxes = {
        name: tuple(
            slice(a, a + n) for a, n in zip((start - low).tolist(), pieces[name].shape, strict=True)
        )
        for name, start in starts.items()
    }
    return PlacedPieces(grid, boxes)
