"""Needle plans as 3D Slicer line markups (`.mrk.json`), out and in.

Written in LPS mm, as everything here. Slicer itself saves LPS or RAS as its settings say, so both
are read: RAS is LPS with x and y turned round.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import UnreadableInput
from sacroplasty.geometry import Frame, Points
from sacroplasty.planning import TrajectoryPlan

_SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/"
    "Resources/Schema/markups-schema-v1.0.3.json#"
)
_TO_LPS = {"LPS": np.array([1.0, 1.0, 1.0]), "RAS": np.array([-1.0, -1.0, 1.0])}
_MILLIMETRES = "mm"
_FARTHEST_MM = 1e5  # no scanner reaches 100 m; beyond it arithmetic overflows
_SHORTEST_MM = 1.0
_LARGEST_BYTES = 10_000_000


@dataclass(frozen=True, eq=False, slots=True)
class DrawnLine:
    """A needle path as somebody drew it: single points in the CT's frame (LPS mm)."""

    name: str
    entry: Points
    target: Points


def markups_document(plan: TrajectoryPlan) -> dict[str, Any]:
    """One Slicer line per needle, from entry to target, in LPS."""
    return {
        "@schema": _SCHEMA,
        "markups": [
            {
                "type": "Line",
                "coordinateSystem": "LPS",
                "coordinateUnits": _MILLIMETRES,
                "controlPoints": [
                    _control_point("1", f"{planned.name} entry", planned.needle.entry),
                    _control_point("2", f"{planned.name} target", planned.needle.tip),
                ],
            }
            for planned in plan.needles
        ],
    }


def read_markups(path: Path, frame: Frame) -> tuple[DrawnLine, ...]:
    """The lines in a Slicer markups file, LPS or RAS, first control point taken as the entry.

    Slicer's markups name no frame of reference: whoever calls vouches for it that they were drawn
    on the CT of `frame`. Raises `UnreadableInput` for anything but lines of two points in mm.
    """
    markups = _markups_in(path)
    return tuple(_line(markup, n, path, frame) for n, markup in enumerate(markups, start=1))


def _control_point(number: str, label: str, point: Points) -> dict[str, Any]:
    return {"id": number, "label": label, "position": point.single.tolist()}


def _markups_in(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ValueError(path.name)
        markups = json.loads(path.read_text(encoding="utf-8"))["markups"]
        if not isinstance(markups, list) or not markups:
            raise ValueError(path.name)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        raise UnreadableInput(
            f"{path.name!r} is no Slicer markups file with a line in it; save the lines from the "
            "Markups module as .mrk.json."
        ) from None
    return markups


def _line(markup: Any, number: int, path: Path, frame: Frame) -> DrawnLine:
    where = f"Markup {number} of {path.name!r}"
    if not isinstance(markup, dict) or markup.get("type") != "Line":
        kind = markup.get("type") if isinstance(markup, dict) else None
        raise UnreadableInput(f"{where} is a {kind!r}, not a 'Line'; draw each needle as a line.")
    unit = markup.get("coordinateUnits", _MILLIMETRES)
    # Newer schemas write a code triple, as ["mm", "UCUM", "millimeter"].
    if (unit[0] if isinstance(unit, list) and unit else unit) != _MILLIMETRES:
        raise UnreadableInput(f"{where} counts in {unit!r}, not mm; save it in millimetres.")
    system = markup.get("coordinateSystem")
    if not isinstance(system, str) or system not in _TO_LPS:
        raise UnreadableInput(
            f"{where} is in the axes {system!r}; save it in LPS or RAS, so that left stays left."
        )
    points = markup.get("controlPoints")
    if not isinstance(points, list) or len(points) != 2:
        count = len(points) if isinstance(points, list) else 0
        raise UnreadableInput(
            f"{where} has {count} control points, and a needle has 2: entry, then target."
        )
    entry, target = (_position(p, where) * _TO_LPS[system] for p in points)
    if np.linalg.norm(target - entry) <= _SHORTEST_MM:
        raise UnreadableInput(f"{where} is shorter than {_SHORTEST_MM:g} mm; draw it again.")
    return DrawnLine(_name(markup, points, number), Points(entry, frame), Points(target, frame))


def _position(point: Any, where: str) -> NDArray[np.float64]:
    try:
        if point.get("positionStatus", "defined") != "defined":
            raise UnreadableInput(f"{where} has a control point that was never placed; place it.")
        if any(isinstance(number, bool | str) for number in point["position"]):
            raise ValueError(where)
        xyz = np.array(point["position"], dtype=np.float64)
        if xyz.shape != (3,) or not (np.abs(xyz) < _FARTHEST_MM).all():
            raise ValueError(where)
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError):
        raise UnreadableInput(
            f"{where} has a control point that is not three finite numbers of mm within 100 m; "
            "place it again."
        ) from None
    return xyz


def _name(markup: dict[str, Any], points: list[Any], number: int) -> str:
    """The markup's own name, else the label of its first point without our " entry"."""
    for said in (markup.get("name"), points[0].get("label")):
        if isinstance(said, str) and said.strip() and said.isprintable():
            return said.strip().removesuffix(" entry")[:64]
    return f"line {number}"
