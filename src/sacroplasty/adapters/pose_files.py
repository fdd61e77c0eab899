"""A C-arm pose as JSON: where source and detector stand in one patient, and how the picture is hung.

The file is versioned, its keys carry units, and it names its patient's frame of reference: a pose of
one patient is never taken for another. Anything else than that is refused in a sentence.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.errors import BadInput, BadUsage, SacroplastyError, UnreadableInput
from sacroplasty.fluoroscopy import CArmPose
from sacroplasty.geometry import Frame, Points

POSE_VERSION = 1
_KEYS = {
    "schema_version", "name", "frame_of_reference_uid", "source_lps_mm",
    "detector_centre_lps_mm", "right_lps", "down_lps", "shape_rows_columns", "pixel_mm",
}  # fmt: skip
# A pose's name becomes the name of its files.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_LARGEST_FILE = 100_000
_FARTHEST_MM = 10_000.0
_MOST_PIXELS = 4096
_LONGEST_UID = 200


def pose_document(pose: CArmPose) -> dict[str, Any]:
    """The pose to full precision; right and down are unit vectors along a row and a column, LPS."""
    return {
        "schema_version": POSE_VERSION,
        "name": pose.name,
        "frame_of_reference_uid": pose.frame.uid,
        "source_lps_mm": pose.source.single.tolist(),
        "detector_centre_lps_mm": pose.detector_centre.single.tolist(),
        "right_lps": pose.right.tolist(),
        "down_lps": pose.down.tolist(),
        "shape_rows_columns": list(pose.shape),
        "pixel_mm": pose.pixel_mm,
    }


def pose_from(document: Any) -> CArmPose:
    """The pose that `pose_document` wrote.

    Raises `BadInput` that names the first key that is absent, unknown, or no such thing.
    """
    if not isinstance(document, dict):
        raise BadInput("A pose is a JSON object with the keys of `sacroplasty schema pose`.")
    version = document.get("schema_version")
    if version != POSE_VERSION or isinstance(version, bool):
        raise BadInput(
            f"A pose of schema_version {_short(version)} is not known; this software reads {POSE_VERSION}."
        )
    for name in sorted(_KEYS - document.keys()):
        raise BadInput(f"The pose lacks {name!r}; `sacroplasty schema pose` says what it holds.")
    for name in sorted(document.keys() - _KEYS):
        raise BadInput(f"The pose holds {_short(name)}, which is no key of a pose; take it out.")
    rows, columns = _numbers(document, "shape_rows_columns", 2, _MOST_PIXELS)
    if not (rows.is_integer() and columns.is_integer() and min(rows, columns) >= 1):
        raise BadInput("The pose's 'shape_rows_columns' must be two whole numbers from 1 to 4096.")
    frame = Frame(_text(document, "frame_of_reference_uid", _LONGEST_UID))
    pixel = _number(document["pixel_mm"], "pixel_mm", _FARTHEST_MM)
    return CArmPose(
        name=_name(document),
        source=Points.at(_numbers(document, "source_lps_mm", 3, _FARTHEST_MM), frame),
        detector_centre=Points.at(
            _numbers(document, "detector_centre_lps_mm", 3, _FARTHEST_MM), frame
        ),
        right=np.array(_numbers(document, "right_lps", 3, 1.0 + 1e-6)),
        down=np.array(_numbers(document, "down_lps", 3, 1.0 + 1e-6)),
        shape=(int(rows), int(columns)),
        pixel_mm=pixel,
    )


def read_pose(path: Path) -> CArmPose:
    """The pose in a JSON file; raises `UnreadableInput` or `BadInput` naming the file."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise UnreadableInput(f"{path.name!r} is too large for a pose; name a pose file.")
        document = json.loads(path.read_bytes(), object_pairs_hook=_without_doubles)
    except OSError as problem:
        raise UnreadableInput(f"{str(path)!r} cannot be read ({problem.strerror}).") from None
    except (ValueError, RecursionError):
        raise UnreadableInput(
            f"{path.name!r} is not readable as JSON; write a pose as `sacroplasty schema pose` says."
        ) from None
    try:
        return pose_from(document)
    except SacroplastyError as problem:
        raise BadInput(f"{path.name!r}: {problem}") from None


def write_pose(pose: CArmPose, path: Path) -> None:
    """Write the pose for a person; raises `CaseConflict` where the file cannot be written."""
    text = json.dumps(pose_document(pose), indent=2, allow_nan=False) + "\n"
    write_for_a_person(path, text.encode("utf-8"))


def require_file_name(name: str) -> None:
    """Raises `BadUsage` for a pose's name that could not name its files."""
    if not _NAME.fullmatch(name):
        raise BadUsage(
            f"The view's name {_short(name)} cannot name a file; use up to 60 letters, digits, "
            "hyphens and underscores."
        )


def _name(document: dict[str, Any]) -> str:
    name = _text(document, "name", _LONGEST_UID)
    require_file_name(name)
    return name


def _text(document: dict[str, Any], key: str, longest: int) -> str:
    text = document[key]
    if not isinstance(text, str) or not text.strip() or len(text) > longest:
        raise BadInput(f"The pose's {key!r} must be a text of 1 to {longest} letters.")
    return text


def _numbers(document: dict[str, Any], key: str, count: int, limit: float) -> list[float]:
    values = document[key]
    if not isinstance(values, list) or len(values) != count:
        raise BadInput(f"The pose's {key!r} must be {count} numbers.")
    return [_number(value, key, limit) for value in values]


def _number(value: Any, key: str, limit: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"The pose's {key!r} holds {_short(value)}, which is no number.")
    # An integer beyond any float cannot be compared as one.
    if (isinstance(value, float) and not math.isfinite(value)) or not -limit <= value <= limit:
        raise BadInput(f"The pose's {key!r} holds {_short(value)}, beyond ±{limit:g}.")
    return float(value)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice")
    return document


def _short(value: Any) -> str:
    """What was given, in at most forty letters."""
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**15 else "a huge number"
    return text if len(text) <= 40 else text[:37] + "…"
