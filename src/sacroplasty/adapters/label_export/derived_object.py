"""A DICOM object made from a CT: identity and study from the CT, UIDs from the content, no clock.

Derived objects carry the patient identity of the CT, because they must match it in a PACS: each is
as confidential as the CT.
"""

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.uid import UID, ExplicitVRLittleEndian

from sacroplasty.provenance import digest, software_version

PRIVATE_SCHEME = "99SACROPLASTY"
_FROM_THE_CT = (
    "SpecificCharacterSet", "PatientID", "PatientName", "PatientBirthDate", "PatientSex",
    "PatientAge", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
    "ReferringPhysicianName",
)  # fmt: skip
_OF_ITS_FRAME = ("FrameOfReferenceUID", "PositionReferenceIndicator")
_MAY_BE_EMPTY = {
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyID", "AccessionNumber", "ReferringPhysicianName", "PositionReferenceIndicator",
}  # fmt: skip
_NO_DATE, _NO_TIME = "20000101", "000000"


@dataclass(frozen=True, slots=True)
class SeriesWords:
    """What a derived series is called. in_frame: its pixels lie in the CT's frame of reference."""

    modality: str
    number: int
    description: str
    in_frame: bool = True


def derived_object(
    ct: Any, sop_class: UID, words: SeriesWords, content: tuple[Any, ...], *, instance: int = 1
) -> FileDataset:
    """The object without what makes its kind; its UIDs depend on CT series and `content` only.

    ct: header of one slice. instance: number within the series, which shares `content`.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    purpose = "instance" if instance == 1 else f"instance {instance}"
    meta.MediaStorageSOPInstanceUID = content_uid(ct, *content, purpose)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    for keyword in _FROM_THE_CT + (_OF_ITS_FRAME if words.in_frame else ()):
        if keyword in ct or keyword in _MAY_BE_EMPTY:
            setattr(made, keyword, ct.get(keyword, ""))
    made.Modality = words.modality
    made.SeriesInstanceUID = content_uid(ct, *content, "series")
    made.SeriesNumber, made.InstanceNumber = words.number, instance
    made.SeriesDescription = words.description
    # No clock: the moment of the CT, so that the same input gives the same bytes.
    made.ContentDate = made.SeriesDate = ct.get("StudyDate") or _NO_DATE
    made.ContentTime = made.SeriesTime = ct.get("StudyTime") or _NO_TIME
    made.Manufacturer = made.ManufacturerModelName = "sacroplasty"
    made.DeviceSerialNumber = "none"
    made.SoftwareVersions = software_version()
    return made


def content_uid(ct: Any, *content: Any) -> UID:
    """A UID under 2.25 of the CT's series and of any content, the same every time."""
    return UID(f"2.25.{int(digest(str(ct.SeriesInstanceUID), *content)[:32], 16)}")


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    """One coded concept."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def instance_reference(header: Any) -> Dataset:
    """A reference to one object."""
    item = Dataset()
    item.ReferencedSOPClassUID = header.SOPClassUID
    item.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return item


def dicom_bytes(made: FileDataset) -> bytes:
    """The object as a DICOM file."""
    buffer = DicomBytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return bytes(buffer.getvalue())
