"""DICOM attributes as `SliceHeader`s: one per image, or one per frame of a multi-frame image."""

import hashlib
from typing import Any

from pydicom.uid import UID

from sacroplasty.imaging import SliceHeader

_PATIENT_FACTS = ("PatientID", "PatientName", "PatientBirthDate")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_DIRECTORY = "1.2.840.10008.1.3.10"


def object_kind(dataset: Any) -> str:
    """A DICOM object's kind in words: "CT Image", "Encapsulated PDF"; "" when it does not say."""
    uid = str(dataset.get("SOPClassUID", "") or "")
    meta = getattr(dataset, "file_meta", None)
    uid = uid or str((meta.get("MediaStorageSOPClassUID", "") if meta is not None else "") or "")
    if uid == _DIRECTORY or "DirectoryRecordSequence" in dataset:
        return "DICOMDIR"
    return UID(uid).name.removesuffix(" Storage") if uid else ""


def is_image(dataset: Any) -> bool:
    """Whether the object has a pixel matrix."""
    return bool(dataset.get("Rows")) and bool(dataset.get("Columns"))


def slice_headers(dataset: Any, source: int) -> list[SliceHeader]:
    """Every image plane of one object; `source` is the reader's handle for it."""
    count = len(dataset.get("PerFrameFunctionalGroupsSequence") or [dataset])
    return [_header(dataset, frame_places(dataset, n), (source, n)) for n in range(count)]


def find(places: list[Any], keyword: str) -> Any:
    """The first value of `keyword` in a frame's own groups, the shared groups, the object."""
    for place in places:
        value = place.get(keyword)
        if value is not None and value != "":
            return value
    return None


def frame_places(dataset: Any, frame: int) -> list[Any]:
    """Where the attributes of one frame may stand, the nearest first."""
    frames = dataset.get("PerFrameFunctionalGroupsSequence")
    if not frames:
        return [dataset]
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or [])
    return [*_macros(frames[frame]), *(m for s in shared for m in _macros(s)), dataset]


def _macros(group: Any) -> list[Any]:
    """The items of a functional group: each macro is a sequence of one item."""
    return [e.value[0] for e in group if e.VR == "SQ" and e.value]


def _header(dataset: Any, places: list[Any], key: tuple[int, int]) -> SliceHeader:
    def get(keyword: str) -> Any:
        return find(places, keyword)

    orientation = _numbers(get("ImageOrientationPatient"), 6)
    spacing = _numbers(get("PixelSpacing"), 2)
    words = get("FrameType") or get("ImageType") or ()
    return SliceHeader(
        key=key,
        uid=str(dataset.get("SOPInstanceUID", "")),
        series_uid=str(dataset.get("SeriesInstanceUID", "")),
        patient=_patient(dataset),
        modality=str(dataset.get("Modality", "") or "").strip(),
        image_type=tuple(str(word).strip().upper() for word in _list(words)),
        picture=_is_picture(dataset),
        series_number=_whole(dataset.get("SeriesNumber")),
        description=str(dataset.get("SeriesDescription", "") or ""),
        acquisition=_whole(get("FrameAcquisitionNumber") or get("AcquisitionNumber")),
        frame_uid=str(get("FrameOfReferenceUID") or ""),
        position_mm=_numbers(get("ImagePositionPatient"), 3),
        row=orientation[:3] if orientation else None,
        column=orientation[3:] if orientation else None,
        pixel_spacing_mm=spacing,
        rows=int(dataset.get("Rows") or 0),
        columns=int(dataset.get("Columns") or 0),
        kernel=" ".join(str(word) for word in _list(get("ConvolutionKernel") or ())),
        kvp=_number(get("KVP")),
        manufacturer=str(dataset.get("Manufacturer", "") or ""),
        patient_position=str(get("PatientPosition") or ""),
        slice_thickness_mm=_number(get("SliceThickness")),
        stated_tilt_deg=_number(get("GantryDetectorTilt")),
    )


def _is_picture(dataset: Any) -> bool:
    """Colour images and captured screens are pictures of a CT, not a CT."""
    uid = str(dataset.get("SOPClassUID", "") or "")
    colour = int(dataset.get("SamplesPerPixel") or 1) != 1
    return uid.startswith(_SECONDARY_CAPTURE) or colour


def _patient(dataset: Any) -> tuple[str, str, str]:
    """One-way hashes of what identifies the patient; absent stays ""."""
    facts = (" ".join(str(dataset.get(f, "") or "").split()).casefold() for f in _PATIENT_FACTS)
    first, second, third = (
        hashlib.sha256(fact.rstrip("^ ").encode()).hexdigest() if fact.rstrip("^ ") else ""
        for fact in facts
    )
    return first, second, third


def _list(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _numbers(value: Any, count: int) -> Any:
    """A tuple of exactly `count` numbers, or None: half a position is no position."""
    if value is None or isinstance(value, str) or not hasattr(value, "__len__"):
        return None
    numbers = tuple(_number(item) for item in value)
    return numbers if len(numbers) == count and None not in numbers else None
