"""A volume that the beam will meet again and again, kept in the order that each beam asks for."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.stack import Stack, restack, restack_volume
from sacroplasty.geometry import Grid, Volume
from sacroplasty.imaging import CTVolume

AXES = (0, 1, 2)


class StackedVolume:
    """One quantity per voxel, uint16, with a stack for every principal axis that was asked for.

    A stack is a copy of the volume, made the first time that a beam follows its axis and kept: three
    of them for a C-arm that looks along all axes. 0 is air and costs nothing.
    """

    def __init__(self, volume: Volume[np.uint16]) -> None:
        """Of any quantity: 1000 × its value per mm, say. Raises `BadInput` for other numbers."""
        if volume.values.dtype != np.uint16:
            raise BadInput(
                f"A volume for the beam must hold whole numbers from 0 to 65535 (uint16), not "
                f"{volume.values.dtype}."
            )
        self._begin(volume.grid, partial(restack_volume, volume))

    @classmethod
    def of_scan(cls, ct: CTVolume) -> "StackedVolume":
        """The scan in milliwater, 1000 μ/μ_water."""
        made = cls.__new__(cls)
        made._begin(ct.grid, partial(restack, ct))
        return made

    def _begin(self, grid: Grid, make: Callable[[int], Stack]) -> None:
        self.grid = grid
        self._make = make
        self._stacks: dict[int, Stack] = {}

    def along(self, principal_axis: int) -> Stack:
        """The stack along an array axis (0 k, 1 j, 2 i)."""
        if principal_axis not in self._stacks:
            self._stacks[principal_axis] = self._make(principal_axis)
        return self._stacks[principal_axis]

    def prepare(self) -> None:
        """Make every stack now, so that no beam has to wait for one."""
        for axis in AXES:
            self.along(axis)

    @property
    def kept_bytes(self) -> int:
        """Memory that the stacks take beyond the volume itself."""
        return sum(s.values.nbytes + s.first.nbytes + s.last.nbytes for s in self._stacks.values())

    def coarser(self) -> "StackedVolume":
        """Half the voxels along each axis, each the mean of eight; an odd last one is left out."""
        if min(self.grid.shape) < 2:
            return self
        stack = next(iter(self._stacks.values())) if self._stacks else self.along(1)
        return StackedVolume(_halved(unstacked(stack), self.grid))


def unstacked(stack: Stack) -> NDArray[np.uint16]:
    """The voxels (k, j, i) of a stack; a view of it."""
    return stack.values[1:-1, :, 1:-1].transpose(np.argsort(stack.order))


def _halved(values: NDArray[np.uint16], grid: Grid) -> Volume[np.uint16]:
    nk, nj, ni = (n // 2 for n in values.shape)
    total = np.zeros((nk, nj, ni), dtype=np.uint32)
    for k in (0, 1):
        for j in (0, 1):
            for i in (0, 1):
                total += values[k : 2 * nk : 2, j : 2 * nj : 2, i : 2 * ni : 2]
    origin = grid.points_at(np.full(3, 0.5)).single
    di, dj, dk = grid.spacing_mm
    halved = Grid(
        (nk, nj, ni),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        (2 * di, 2 * dj, 2 * dk),
        grid.direction,
        grid.frame,
    )
    return Volume(((total + 4) // 8).astype(np.uint16), halved)
