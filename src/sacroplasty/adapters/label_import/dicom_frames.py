"""The frames of a DICOM SEG as one regular stack in the patient."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.dicom_series.headers import find, frame_places
from sacroplasty.errors import BrokenGeometry, UnreadableInput

_DIRECTION_TOLERANCE = 1e-4
_PLACE_TOLERANCE = 0.05  # of a pixel, of a slice: positions are decimal text
_MOST_VOXELS = 2**31


@dataclass(frozen=True, eq=False, slots=True)
class FrameStack:
    """`slices[n]` is the k of frame n; `segments[n]` its segment's number, or None in a label map."""

    slices: list[int]
    segments: list[int | None]
    shape: tuple[int, int, int]
    lps_from_ijk: NDArray[np.float64]


def stack_frames(dataset: Any) -> FrameStack:
    """Where the frames of a SEG lie; empty slices between them may be missing from the file.

    Raises `UnreadableInput` for frames without position, orientation or spacing, `BrokenGeometry`
    for frames that do not lie on one straight stack.
    """
    count = len(dataset.get("PerFrameFunctionalGroupsSequence") or [])
    if not count:
        raise UnreadableInput("it holds no frames.")
    places = [frame_places(dataset, n) for n in range(count)]
    positions = np.array([_numbers(p, "ImagePositionPatient", 3) for p in places])
    orientations = np.array([_numbers(p, "ImageOrientationPatient", 6) for p in places])
    spacings = np.array([_numbers(p, "PixelSpacing", 2) for p in places])
    if np.ptp(orientations, axis=0).max() > _DIRECTION_TOLERANCE or np.ptp(spacings, axis=0).max():
        raise BrokenGeometry("its frames differ in orientation or pixel spacing.")
    row, column = orientations[0, :3], orientations[0, 3:]
    normal = np.cross(row, column)
    depth = positions @ normal
    across = positions - depth[:, None] * normal
    if np.ptp(across, axis=0).max() > _PLACE_TOLERANCE * spacings[0].min():
        raise BrokenGeometry("its frames are shifted sideways against each other.")
    step = _step(depth, places[0])
    k = np.rint((depth - depth.min()) / step).astype(int)
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1] = row * spacings[0, 1], column * spacings[0, 0]
    matrix[:3, 2], matrix[:3, 3] = normal * step, positions[int(np.argmin(depth))]
    shape = (int(k.max()) + 1, int(dataset.Rows), int(dataset.Columns))
    if np.prod(np.array(shape, dtype=float)) > _MOST_VOXELS or min(shape) < 1:
        raise UnreadableInput(f"its frames span {shape} voxels, which no scan has.")
    return FrameStack(k.tolist(), [_segment(p) for p in places], shape, matrix)


def _step(depth: NDArray[np.float64], places: list[Any]) -> float:
    """The slice spacing: as stated if the frames lie on it, else the smallest distance of two."""
    gaps = np.diff(np.unique(np.round(depth, 3)))
    stated = find(places, "SpacingBetweenSlices") or find(places, "SliceThickness")
    candidates = [float(stated)] if stated and float(stated) > 0 else []
    candidates += [float(gaps.min())] if len(gaps) else []
    for step in candidates:
        places_in_steps = (depth - depth.min()) / step
        if np.abs(places_in_steps - np.rint(places_in_steps)).max() <= _PLACE_TOLERANCE:
            return step
    raise BrokenGeometry("its frames do not lie at equal distances.")


def _numbers(places: list[Any], keyword: str, count: int) -> list[float]:
    value = find(places, keyword)
    if value is None or isinstance(value, str) or len(value) != count:
        raise UnreadableInput(f"a frame has no {keyword}, so its place is unknown.")
    numbers = [float(v) for v in value]
    if not np.isfinite(numbers).all():
        raise UnreadableInput(f"a frame's {keyword} is not finite.")
    return numbers


def _segment(places: list[Any]) -> int | None:
    number = find(places, "ReferencedSegmentNumber")
    return None if number is None else int(number)
