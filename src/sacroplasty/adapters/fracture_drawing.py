"""A fracture as the user draws it: a label volume, points from 3D Slicer or a table, or a plane."""

import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.volume_files import read_volume, volume_suffix
from sacroplasty.anatomy import fracture_from_mask, fracture_from_plane, fracture_from_points
from sacroplasty.errors import BadUsage, UnreadableInput
from sacroplasty.geometry import Frame, Points, Volume
from sacroplasty.pathway import GivenFracture
from sacroplasty.provenance import digest

_FARTHEST_MM = 1e5  # no scanner reaches 100 m; beyond it arithmetic overflows
_RAS_TO_LPS = np.array([-1.0, -1.0, 1.0])


def read_drawing(path: Path, frame: Frame) -> GivenFracture:
    """A label volume (every value one limb), a Slicer markup (`.mrk.json`) or a CSV of x, y, z in LPS mm.

    Raises `UnreadableInput` for anything else, and `BadInput` errors of the volume reader.
    """
    if path.name.endswith(".mrk.json"):
        return _through(_markup_points(path), frame)
    if path.suffix.lower() == ".csv":
        return _through(_table_points(path), frame)
    if not path.is_file() or volume_suffix(path) is None:
        raise UnreadableInput(
            f"{path.name!r} is no drawing of a fracture: give a label volume (NIfTI, NRRD, "
            "MetaImage), a Slicer markup (.mrk.json) or a CSV of x, y, z in LPS mm."
        )
    drawn = read_volume(path, frame)
    values = np.asarray(drawn.values)
    if not _are_labels(values):
        raise UnreadableInput(
            f"{path.name!r} holds other values than whole numbers from 0 to 255: it is no label "
            "map; export the segmentation as labels."
        )
    mask = Volume(values.astype(np.uint8), drawn.grid)
    key = digest(mask.values, mask.grid.origin_mm, mask.grid.spacing_mm, mask.grid.direction)
    return GivenFracture(key, partial(fracture_from_mask, mask))


def plane_drawing(text: str, frame: Frame) -> GivenFracture:
    """A plane as ``x,y,z,nx,ny,nz``: a point in LPS mm and a normal. Raises `BadUsage`."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 6 or not _reachable(np.array(numbers)):
        raise BadUsage(
            f"--fracture-plane {text!r} must be six numbers x,y,z,nx,ny,nz: a point in LPS mm and "
            "a normal."
        )
    point, normal = Points.at(tuple(numbers[:3]), frame), np.array(numbers[3:])
    return GivenFracture(digest(numbers), lambda sacrum: fracture_from_plane(point, normal, sacrum))


def _through(xyz: NDArray[np.float64], frame: Frame) -> GivenFracture:
    points = Points(xyz, frame)
    return GivenFracture(digest(xyz), partial(fracture_from_points, points))


def _markup_points(path: Path) -> NDArray[np.float64]:
    try:
        markups = json.loads(path.read_text(encoding="utf-8"))["markups"]
        markup = markups[0]
        system = markup["coordinateSystem"]
        xyz = np.array([p["position"] for p in markup["controlPoints"]], dtype=np.float64)
        if system not in {"LPS", "RAS"} or xyz.ndim != 2 or xyz.shape[1] != 3:
            raise ValueError(system)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        raise UnreadableInput(
            f"{path.name!r} is no Slicer markup with control points in LPS or RAS; save the points "
            "from the Markups module."
        ) from None
    if len(markups) > 1:
        raise UnreadableInput(
            f"{path.name!r} holds {len(markups)} markups, and one surface is made of one; save "
            "each by itself, or draw several limbs as a label volume."
        )
    return _placed(xyz * _RAS_TO_LPS if system == "RAS" else xyz, path)


def _table_points(path: Path) -> NDArray[np.float64]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row and not row[0].strip().startswith("#")]
        if rows and not _is_number(rows[0][0]):
            rows = rows[1:]
        xyz = np.array([[float(cell) for cell in row[:3]] for row in rows], dtype=np.float64)
        if xyz.ndim != 2 or xyz.shape[1] != 3:
            raise ValueError(path.name)
    except (OSError, ValueError, IndexError, csv.Error):
        raise UnreadableInput(
            f"{path.name!r} is no table of points: each row must hold x, y, z in LPS mm."
        ) from None
    return _placed(xyz, path)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _are_labels(values: NDArray[Any]) -> bool:
    whole = values.dtype.kind in "iub" or (
        np.isfinite(values).all() and np.array_equal(values, np.rint(values))
    )
    return bool(whole and values.min() >= 0 and values.max() <= 255)


def _reachable(numbers: NDArray[np.float64]) -> bool:
    return bool((np.abs(numbers) < _FARTHEST_MM).all())


def _placed(xyz: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    if not _reachable(xyz):
        raise UnreadableInput(
            f"{path.name!r} holds a coordinate that is no number or further than 100 m; points "
            "are x, y, z in LPS mm."
        )
    return xyz
