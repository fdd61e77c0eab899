"""A coarse adult pelvis: where bone must be, and where it must not be.

`pelvis_points.csv` holds points of the patient's left half, read off the mean of virtual patients by
``benchmarks/pelvis_template.py``; the right half is their mirror image. The frame is the patient's
(x left, y dorsal, z cranial, mm); the centre of the S1 endplate lies at (0, −12, 21).
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.structures import Side

# Points of marrow are worth little on a bone map, points of cortex much.
_LEAST_WORTH = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class PelvisTemplate:
    """Groups of points (n, 3) with weights (n,) that sum to 1; `wings` by side."""

    wings: dict[Side, tuple[NDArray[np.float64], NDArray[np.float64]]]
    spine: tuple[NDArray[np.float64], NDArray[np.float64]]
    empty: tuple[NDArray[np.float64], NDArray[np.float64]]


@lru_cache
def pelvis_template() -> PelvisTemplate:
    """The template: both iliac wings, sacrum with L5, and the empty space between and around."""
    rows: dict[str, list[list[float]]] = {}
    table = files("sacroplasty.anatomy.builtin").joinpath("pelvis_points.csv")
    with table.open(encoding="utf-8") as lines:
        for part, *numbers in list(csv.reader(lines))[1:]:
            rows.setdefault("sacrum" if part == "l5" else part, []).append([*map(float, numbers)])
    left = {part: np.asarray(numbers) for part, numbers in rows.items()}
    return PelvisTemplate(
        {side: _group(left["ilium"] * (side.sign, 1.0, 1.0, 1.0)) for side in Side},
        _group(_both(left["sacrum"])),
        _group(_both(left["empty"])),
    )


def _both(half: NDArray[np.float64]) -> NDArray[np.float64]:
    """A left half (n, 4) and its mirror image."""
    return np.concatenate([half, half * (-1.0, 1.0, 1.0, 1.0)])


def _group(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sealed points and weights of rows (n, 4)."""
    points, worth = rows[:, :3].copy(), np.maximum(rows[:, 3], _LEAST_WORTH)
    weights = worth / worth.sum()
    points.flags.writeable = weights.flags.writeable = False
    return points, weights


def wing_points() -> NDArray[np.float64]:
    """Points (n, 3) on the left iliac wing."""
    return pelvis_template().wings[Side.LEFT][0]


def empty_points() -> NDArray[np.float64]:
    """Points (n, 3) where no bone is expected."""
    return pelvis_template().empty[0]
