"""Every place of the turned template on a coarse grid, the promising ones only."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.coarse_bone import COARSE_MM
from sacroplasty.anatomy.builtin.template import pelvis_template
from sacroplasty.anatomy.structures import Side
from sacroplasty.geometry import Grid, Volume

_SEARCH_MM = 2 * COARSE_MM
_BEYOND_MM = 200.0  # no point of the template lies farther from its origin
# The sacrum has ilia on both sides: no place of a scan has more bone within a few centimetres.
_NEIGHBOURHOOD_MM, _PROMISING = 16.0, 0.20
_EVERY = {"wing": 4, "spine": 5, "empty": 3}  # points that are enough for a first look

Floats = NDArray[np.float64]
Group = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class FitWeights:
    """What a fit is made of: two wings (nearly the weaker one), the spine, and empty space."""

    wings: float = 0.5
    lesser_wing: float = 0.9  # a pelvis has two wings: the better one cannot stand for both
    spine: float = 0.5
    empty: float = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class CoarseSearch:
    """The bone map on 8 mm with a margin of nothing, and the indices where a sacrum may be."""

    grid: Grid
    padded: NDArray[np.float32]
    places: NDArray[np.int64]
    weights: FitWeights

    @classmethod
    def of(cls, bone: Volume[np.float32], weights: FitWeights) -> "CoarseSearch":
        """The search in a `coarse_bone_map`."""
        pad = int(_BEYOND_MM / _SEARCH_MM) + 1
        padded = np.ascontiguousarray(np.pad(bone.values[::2, ::2, ::2], pad))
        origin = np.asarray(bone.grid.origin_mm) - pad * _SEARCH_MM
        grid = Grid.axis_aligned(padded.shape, tuple(origin), (_SEARCH_MM,) * 3, bone.grid.frame)
        inside = (slice(pad, -pad),) * 3
        around = ndimage.gaussian_filter(padded, _NEIGHBOURHOOD_MM / _SEARCH_MM)[inside]
        rich = np.zeros(padded.shape, dtype=bool)
        rich[inside] = around >= np.quantile(around, 1 - _PROMISING)
        return cls(grid, padded, np.flatnonzero(rich), weights)

    def best_place(self, rotation: Floats) -> tuple[float, Floats]:
        """Score and LPS place (3,) of the best translation of the turned template."""
        template, w = pelvis_template(), self.weights
        score, place = _best_place(
            self.padded.ravel(),
            self.places,
            self._turned(template.spine, rotation, "spine"),
            self._turned(template.wings[Side.LEFT], rotation, "wing"),
            self._turned(template.wings[Side.RIGHT], rotation, "wing"),
            self._turned(template.empty, rotation, "empty"),
            (w.wings, w.lesser_wing, w.spine, w.empty),
        )
        kji = np.array(np.unravel_index(place, self.padded.shape))
        return float(score), self.grid.points_at(kji).single

    def _turned(
        self, group: Group, rotation: Floats, kind: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Flat index steps and weights of some of a group's points."""
        points, weights = (a[:: _EVERY[kind]] for a in group)
        steps = np.rint((points @ rotation.T)[:, ::-1] / _SEARCH_MM).astype(np.int64)
        _, nj, ni = self.padded.shape
        flat = steps @ np.array([nj * ni, ni, 1])
        return flat, (weights / weights.sum()).astype(np.float32)


_Steps = tuple[NDArray[np.int64], NDArray[np.float32]]


@njit(cache=True)
def _match(bone: NDArray[np.float32], place: int, group: _Steps) -> float:
    """Weighted bone at the points of a group."""
    steps, weights = group
    found = 0.0
    for n in range(len(steps)):
        found += weights[n] * bone[place + steps[n]]
    return found


@njit(cache=True)
def _best_place(
    bone: NDArray[np.float32],
    places: NDArray[np.int64],
    spine: _Steps,
    left: _Steps,
    right: _Steps,
    empty: _Steps,
    weights: tuple[float, float, float, float],
) -> tuple[float, int]:
    """The best score and its flat index; a place is left as soon as it cannot win any more."""
    w_wings, w_lesser, w_spine, w_empty = weights
    best, where = -1e9, places[0]
    for place in places:
        body = w_spine * _match(bone, place, spine)
        one = _match(bone, place, left)
        if body + w_wings * (w_lesser * one + 1.0 - w_lesser) <= best:
            continue
        other = _match(bone, place, right)
        score = body + w_wings * (w_lesser * min(one, other) + (1 - w_lesser) * max(one, other))
        if score <= best:
            continue
        score -= w_empty * _match(bone, place, empty)
        if score > best:
            best, where = score, place
    return best, where
