"""From a heap of slices to the stacks that it holds: one series, frame, orientation and size each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BrokenGeometry, MixedPatients, UnreadableInput
from sacroplasty.imaging.slice_header import SliceHeader

FEWEST_SLICES = 3  # two slices have a distance, but nothing that could contradict it
_SAME_COSINE = 1e-3  # 0.06°: half a voxel across a 512 matrix
_SAME_SPACING = 1e-4
ONE_POSITION_MM = 0.01
_PATIENT_FACTS = ("PatientID", "PatientName", "PatientBirthDate")


@dataclass(frozen=True, slots=True)
class SliceStack:
    """Slices that share series, frame of reference, orientation, pixel spacing and matrix."""

    slices: tuple[SliceHeader, ...]

    @property
    def first(self) -> SliceHeader:
        return self.slices[0]

    @property
    def positions(self) -> int:
        """How many different places along the normal the slices have."""
        return 1 + int((np.diff(self.along_mm) > ONE_POSITION_MM).sum())

    @property
    def along_mm(self) -> NDArray[np.float64]:
        """Positions projected on the first slice's normal, ascending, one per slice."""
        _, row, column = self.first.plane
        normal = np.cross(row, column)
        return np.sort([float(s.plane[0] @ normal) for s in self.slices])

    @property
    def is_derived(self) -> bool:
        return self.first.is_derived


def sort_into_stacks(
    headers: Iterable[SliceHeader], modality: str = "CT"
) -> tuple[list[SliceStack], tuple[str, ...]]:
    """All stacks of a heap, in an order that does not depend on the heap's, and reading notes.

    `modality` is DICOM's word for what is wanted ("CT", "MR"). Raises `MixedPatients`;
    `UnreadableInput` where no such slice is left; `BrokenGeometry` where one does not say where it
    lies.
    """
    heap = sorted(headers, key=_content_order)
    _require_one_patient(heap)
    wanted = [s for s in heap if s.modality == modality]
    if not wanted:
        raise UnreadableInput(
            f"There is no {modality} here, only {_counted(s.modality for s in heap)}."
        )
    notes = []
    if len(wanted) < len(heap):
        notes.append(f"skipped {_counted(s.modality for s in heap if s.modality != modality)}")
    if localisers := [s for s in wanted if s.is_localiser]:
        notes.append(f"skipped {_images(len(localisers), 'localiser')}")
    if pictures := [s for s in wanted if s.picture and not s.is_localiser]:
        notes.append(f"skipped {_images(len(pictures), 'secondary capture')}")
    slices = [s for s in wanted if not s.is_localiser and not s.picture]
    if not slices:
        raise UnreadableInput(
            "There are only localisers and screen captures here; export the slices themselves."
        )
    lost = sum(not s.has_geometry for s in slices)
    if lost:
        raise BrokenGeometry(
            f"{lost} of {len(slices)} {modality} images do not say where they lie (position, orientation "
            "or pixel spacing is missing or no number); export the series again."
        )
    return _stacked(slices), tuple(notes)


def _stacked(slices: list[SliceHeader]) -> list[SliceStack]:
    stacks: list[list[SliceHeader]] = []
    for header in slices:
        home = next((s for s in stacks if _belong_together(s[0], header)), None)
        if home is None:
            stacks.append([header])
        else:
            home.append(header)
    return [SliceStack(tuple(stack)) for stack in stacks]


def _belong_together(one: SliceHeader, other: SliceHeader) -> bool:
    if (one.series_uid, one.frame_uid, one.rows, one.columns) != (
        other.series_uid,
        other.frame_uid,
        other.rows,
        other.columns,
    ):
        return False
    turned = np.abs(one.plane[1:] - other.plane[1:]).max()
    scaled = np.abs(one.pixel_mm / other.pixel_mm - 1).max()
    return bool(turned < _SAME_COSINE and scaled < _SAME_SPACING)


def _content_order(header: SliceHeader) -> tuple[object, ...]:
    number = header.series_number if header.series_number is not None else 1 << 40
    return (number, header.series_uid, header.position_mm or (), header.uid, header.key[1])


def _require_one_patient(headers: list[SliceHeader]) -> None:
    differing = [
        fact
        for place, fact in enumerate(_PATIENT_FACTS)
        if len({s.patient[place] for s in headers} - {""}) > 1
    ]
    if differing:
        raise MixedPatients(
            f"The input holds more than one patient (different {' and '.join(differing)} between "
            "images); put one patient's scan into a folder of its own."
        )


def _images(count: int, kind: str) -> str:
    return f"{count} {kind} image{'s' if count != 1 else ''}"


def _counted(kinds: Iterable[str]) -> str:
    found: dict[str, int] = {}
    for kind in kinds:
        found[kind] = found.get(kind, 0) + 1
    return ", ".join(_images(n, kind or "unnamed") for kind, n in sorted(found.items()))
