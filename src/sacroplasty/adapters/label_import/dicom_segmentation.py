"""DICOM Segmentation objects (BINARY, FRACTIONAL, LABELMAP): segments by code and label, in their frame."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.utils import pixel_array

from sacroplasty.adapters.dicom_series.listing import list_sources
from sacroplasty.adapters.dicom_series.parsing import DAMAGE, parse, quietly
from sacroplasty.adapters.label_import.class_tables import ClassTable
from sacroplasty.adapters.label_import.dicom_frames import FrameStack, stack_frames
from sacroplasty.adapters.label_import.label_mapping import Meaning
from sacroplasty.adapters.label_import.painting import (
    LabelPainter,
    Reading,
    empty_masks,
    unknown_names,
)
from sacroplasty.adapters.label_import.segment_meaning import Code, segment_structure
from sacroplasty.adapters.label_import.structure_names import is_known, shown
from sacroplasty.anatomy import Structure
from sacroplasty.errors import AnatomyNotTrusted, BadInput, FrameMismatch, UnreadableInput
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame
from sacroplasty.imaging import CTVolume, place_array

_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
_LABELMAP_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.7"


@dataclass(frozen=True, eq=False, slots=True)
class DicomSegment:
    """One item of the Segment Sequence."""

    number: int
    label: str
    codes: tuple[Code, ...]


def read_dicom_segmentation(path: Path, meaning: Meaning | None, ct: CTVolume) -> Reading:
    """The one SEG object in `path` (a file or a folder) in one label map.

    The frame of reference is compared with the CT's before anything is placed, and the series that
    the object refers to is compared with the CT's. Raises `FrameMismatch`, `UnreadableInput`,
    `BrokenGeometry`, `AnatomyNotTrusted` (a segment's code against its label, no sacrum).
    """
    with quietly():
        dataset = _the_object(path)
        try:
            frame = _require_frame(dataset, ct)
            series = _series_finding(dataset, ct)
            painted = _painted(dataset, meaning, frame)
        except DAMAGE as problem:
            raise UnreadableInput(
                f"{path.name!r} is damaged DICOM ({type(problem).__name__}); copy it again."
            ) from None
        except (UnreadableInput, BadInput) as problem:
            raise type(problem)(f"The DICOM segmentation cannot be used: {problem}") from None
    return Reading(painted.labels, (*series, *painted.findings))


def _the_object(path: Path) -> Any:
    """The only segmentation among the objects of `path`."""
    with ExitStack() as held:
        found = [
            source
            for source in list_sources(path, held)
            if str(parse(source, pixels=False).get("SOPClassUID", ""))
            in {_SEGMENTATION, _LABELMAP_SEGMENTATION}
        ]
        if len(found) != 1:
            raise UnreadableInput(
                f"{path.name!r} holds {len(found)} DICOM segmentations and one is needed; --labels "
                "takes a label map, a folder of masks, a Slicer segmentation or a DICOM SEG."
            )
        return parse(found[0], pixels=True)


def _require_frame(dataset: Any, ct: CTVolume) -> Frame:
    uid = str(dataset.get("FrameOfReferenceUID", "") or "").strip()
    if uid and uid == ct.frame.uid:
        return ct.frame
    if not uid:
        raise FrameMismatch("it states no frame of reference, so its place in the CT is unknown.")
    if ct.frame.uid.startswith("file:"):
        raise FrameMismatch(
            "the CT came from a file that states no frame of reference to compare with; give the "
            "CT as its DICOM series."
        )
    raise FrameMismatch(
        f"it lies in frame of reference …{uid[-12:]} and the CT in …{ct.frame.uid[-12:]}: they are "
        "of different scans. Give the segmentation of this scan."
    )


def _series_finding(dataset: Any, ct: CTVolume) -> tuple[Finding, ...]:
    """Another series of the same frame of reference may be meant; the patient may have moved."""
    series = {
        str(item.get("SeriesInstanceUID", ""))
        for item in dataset.get("ReferencedSeriesSequence") or ()
    } - {""}
    check = "labels drawn on this series"
    if ct.acquisition.series_uid and ct.acquisition.series_uid in series:
        return (Finding(check, Verdict.PASS, "The segmentation refers to this CT series."),)
    why = "refers to another series of the same frame" if series else "refers to no series"
    return (
        Finding(
            check,
            Verdict.NOT_CHECKED,
            f"The segmentation {why}; look whether it lies on the bone.",
        ),
    )


def _painted(dataset: Any, meaning: Meaning | None, frame: Frame) -> Reading:
    stack = stack_frames(dataset)
    segments = _segments(dataset)
    structures = {s.number: _structure(s, meaning) for s in segments}
    painter = LabelPainter(stack.shape)
    filled: set[Structure] = set()
    for number, mask, k in _masks(dataset, stack):
        structure = structures.get(number)
        if structure is not None and mask.any():
            painter.add(structure, mask, k)
            filled.add(structure)
    if Structure.SACRUM not in filled:
        raise AnatomyNotTrusted(
            "No voxel of the DICOM segmentation is called sacrum; its segments are "
            f"{shown(s.label for s in segments) or 'none'}. Correct it, or give --label-map."
        )
    strange = [
        s
        for s in segments
        if structures[s.number] is None and not is_known(s.label) and not meaning
    ]
    named = [s for s in structures.values() if s is not None and s not in filled]
    volume, _ = place_array(painter.labels, stack.lps_from_ijk, frame)
    return Reading(
        volume, (*unknown_names(len(strange)), *empty_masks(named), *painter.overlap_findings())
    )


def _masks(dataset: Any, stack: FrameStack) -> Iterator[tuple[int, NDArray[np.bool_], int]]:
    """(segment number, mask of one slice, k) for every segment of every frame."""
    pixels = np.asarray(pixel_array(dataset, raw=True))
    pixels = pixels.reshape(-1, *stack.shape[1:])
    if len(pixels) != len(stack.slices):
        raise UnreadableInput(f"it describes {len(stack.slices)} frames and holds {len(pixels)}.")
    kind = str(dataset.get("SegmentationType", "")).strip()
    if kind not in {"BINARY", "FRACTIONAL", "LABELMAP"}:
        raise UnreadableInput(f"its segmentation type is {kind or 'absent'}.")
    most = int(dataset.get("MaximumFractionalValue") or 1) if kind == "FRACTIONAL" else 1
    for plane, k, number in zip(pixels, stack.slices, stack.segments, strict=True):
        if kind == "LABELMAP":
            yield from ((int(v), plane == v, k) for v in np.unique(plane) if v)
        elif number is None:
            raise UnreadableInput("a frame names no segment.")
        else:
            yield number, 2 * plane.astype(np.uint32) >= most, k


def _segments(dataset: Any) -> list[DicomSegment]:
    return [
        DicomSegment(
            int(item.SegmentNumber), str(item.get("SegmentLabel", "") or ""), tuple(_codes(item))
        )
        for item in dataset.get("SegmentSequence") or ()
    ]


def _codes(item: Any) -> Iterator[Code]:
    """Type, region and the modifiers of both, laterality among them."""
    for keyword, modifier in (
        ("SegmentedPropertyTypeCodeSequence", "SegmentedPropertyTypeModifierCodeSequence"),
        ("AnatomicRegionSequence", "AnatomicRegionModifierSequence"),
    ):
        for concept in item.get(keyword) or ():
            for code in (concept, *(concept.get(modifier) or ())):
                value = code.get("CodeValue") or ""
                yield Code(str(code.get("CodingSchemeDesignator") or ""), str(value))


def _structure(segment: DicomSegment, meaning: Meaning | None) -> Structure | None:
    if meaning is None:
        return segment_structure(segment.label, segment.codes)
    structures = meaning.structures if isinstance(meaning, ClassTable) else meaning
    return structures.get(segment.number)
