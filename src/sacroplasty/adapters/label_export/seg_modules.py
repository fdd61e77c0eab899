"""The modules of a DICOM SEG (PS3.3 A.51): identity from the CT, everything else from the labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, SegmentationStorage
from pydicom.valuerep import DSfloat

from sacroplasty.adapters.label_export.ct_slices import CtSlice
from sacroplasty.adapters.label_export.segment_codes import category_code, type_code
from sacroplasty.anatomy import Structure
from sacroplasty.provenance import digest, software_version

_FROM_THE_CT = (
    "SpecificCharacterSet", "PatientID", "PatientName", "PatientBirthDate", "PatientSex",
    "PatientAge", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
    "ReferringPhysicianName", "FrameOfReferenceUID", "PositionReferenceIndicator",
)  # fmt: skip
_MAY_BE_EMPTY = {
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyID", "AccessionNumber", "ReferringPhysicianName", "PositionReferenceIndicator",
}  # fmt: skip
_NO_DATE, _NO_TIME = "20000101", "000000"
_SEGMENTATION_PURPOSE = ("121322", "DCM", "Source image for image processing operation")
_SEGMENTATION_DERIVATION = ("113076", "DCM", "Segmentation")
_SERIES_NUMBER = 99


def seg_object(ct: Any, labels: NDArray[np.uint8]) -> FileDataset:
    """The object without segments and frames; its UIDs depend on CT and labels only."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SegmentationStorage
    meta.MediaStorageSOPInstanceUID = _uid(ct, labels, "instance")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    seg = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    seg.SOPClassUID, seg.SOPInstanceUID = SegmentationStorage, meta.MediaStorageSOPInstanceUID
    for keyword in _FROM_THE_CT:
        if keyword in ct or keyword in _MAY_BE_EMPTY:
            setattr(seg, keyword, ct.get(keyword, ""))
    _series_and_equipment(seg, ct, labels)
    _image(seg, ct)
    _dimensions(seg)
    return seg


def _series_and_equipment(seg: FileDataset, ct: Any, labels: NDArray[np.uint8]) -> None:
    seg.Modality = "SEG"
    seg.SeriesInstanceUID = _uid(ct, labels, "series")
    seg.SeriesNumber, seg.InstanceNumber = _SERIES_NUMBER, 1
    seg.SeriesDescription = "Sacrum model (research software)"
    # No clock: the moment of the CT, so that the same input gives the same bytes.
    seg.ContentDate = seg.SeriesDate = ct.get("StudyDate") or _NO_DATE
    seg.ContentTime = seg.SeriesTime = ct.get("StudyTime") or _NO_TIME
    seg.Manufacturer = seg.ManufacturerModelName = "sacroplasty"
    seg.DeviceSerialNumber = "none"
    seg.SoftwareVersions = software_version()


def _image(seg: FileDataset, ct: Any) -> None:
    seg.ImageType = ["DERIVED", "PRIMARY"]
    seg.ContentLabel, seg.ContentDescription = "SACRUM", "Sacrum model"
    seg.ContentCreatorName = "sacroplasty"
    seg.SegmentationType, seg.SegmentsOverlap = "BINARY", "NO"
    seg.LossyImageCompression = str(ct.get("LossyImageCompression") or "00")
    if seg.LossyImageCompression == "01":
        for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
            if keyword in ct:
                setattr(seg, keyword, ct.get(keyword))
    seg.Rows, seg.Columns = ct.Rows, ct.Columns
    seg.SamplesPerPixel, seg.PhotometricInterpretation = 1, "MONOCHROME2"
    seg.BitsAllocated, seg.BitsStored, seg.HighBit, seg.PixelRepresentation = 1, 1, 0, 0


def _dimensions(seg: FileDataset) -> None:
    """Frames are counted by segment, then by position."""
    organization = Dataset()
    organization.DimensionOrganizationUID = UID(f"{seg.SOPInstanceUID}.1"[:64])
    seg.DimensionOrganizationSequence = Sequence([organization])
    index = []
    for pointer, group, label in (
        (0x0062000B, 0x0062000A, "ReferencedSegmentNumber"),
        (0x00200032, 0x00209113, "ImagePositionPatient"),
    ):
        item = Dataset()
        item.DimensionIndexPointer, item.FunctionalGroupPointer = pointer, group
        item.DimensionOrganizationUID = organization.DimensionOrganizationUID
        item.DimensionDescriptionLabel = label
        index.append(item)
    seg.DimensionIndexSequence = Sequence(index)


def segment_item(number: int, structure: Structure) -> Dataset:
    """One segment: number, our name, codes."""
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel = number, structure.label
    item.SegmentedPropertyCategoryCodeSequence = Sequence([category_code()])
    item.SegmentedPropertyTypeCodeSequence = Sequence([type_code(structure)])
    item.SegmentAlgorithmType, item.SegmentAlgorithmName = "SEMIAUTOMATIC", "sacroplasty"
    return item


def shared_groups(slices: list[CtSlice]) -> Dataset:
    """Orientation and pixel size, which all frames share."""
    grid = slices[0].grid
    shared, plane, measures = Dataset(), Dataset(), Dataset()
    cosines = [*grid.direction[:, 0].tolist(), *grid.direction[:, 1].tolist()]
    plane.ImageOrientationPatient = [DSfloat(c, auto_format=True) for c in cosines]
    between_columns, between_rows, thickness = grid.spacing_mm
    measures.PixelSpacing = [DSfloat(s, auto_format=True) for s in (between_rows, between_columns)]
    measures.SliceThickness = DSfloat(thickness, auto_format=True)
    if len(slices) > 1:
        step = np.subtract(slices[1].grid.origin_mm, slices[0].grid.origin_mm)
        measures.SpacingBetweenSlices = DSfloat(float(np.linalg.norm(step)), auto_format=True)
    shared.PlaneOrientationSequence = Sequence([plane])
    shared.PixelMeasuresSequence = Sequence([measures])
    return shared


def frame_groups(ct_slice: CtSlice, k: int, segment: int) -> Dataset:
    """Place, segment and source image of one frame."""
    frame, place, content, number = Dataset(), Dataset(), Dataset(), Dataset()
    place.ImagePositionPatient = [DSfloat(x, auto_format=True) for x in ct_slice.grid.origin_mm]
    content.DimensionIndexValues = [segment, k + 1]
    number.ReferencedSegmentNumber = segment
    frame.FrameContentSequence = Sequence([content])
    frame.PlanePositionSequence = Sequence([place])
    frame.SegmentIdentificationSequence = Sequence([number])
    frame.DerivationImageSequence = Sequence([_derivation(ct_slice.header)])
    return frame


def _derivation(header: Any) -> Dataset:
    derivation, source = Dataset(), Dataset()
    source.ReferencedSOPClassUID = header.SOPClassUID
    source.ReferencedSOPInstanceUID = header.SOPInstanceUID
    source.PurposeOfReferenceCodeSequence = Sequence([_code(*_SEGMENTATION_PURPOSE)])
    derivation.SourceImageSequence = Sequence([source])
    derivation.DerivationCodeSequence = Sequence([_code(*_SEGMENTATION_DERIVATION)])
    return derivation


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _uid(ct: Any, labels: NDArray[np.uint8], purpose: str) -> UID:
    content = digest(str(ct.SeriesInstanceUID), labels, purpose)
    return UID(f"2.25.{int(content[:32], 16)}")
