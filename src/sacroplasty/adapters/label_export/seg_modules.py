"""The modules of a DICOM SEG (PS3.3 A.51): identity from the CT, everything else from the labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, SegmentationStorage
from pydicom.valuerep import DSfloat

from sacroplasty.adapters.label_export.ct_slices import CtSlice
from sacroplasty.adapters.label_export.derived_object import (
    SeriesWords,
    coded,
    derived_object,
    instance_reference,
)

_SEGMENTATION_PURPOSE = ("121322", "DCM", "Source image for image processing operation")
_SEGMENTATION_DERIVATION = ("113076", "DCM", "Segmentation")


@dataclass(frozen=True, slots=True)
class SegWords:
    """What a segmentation is called; overlap: a voxel may belong to several segments."""

    series: SeriesWords
    label: str
    description: str
    overlap: bool = False


def seg_object(ct: Any, words: SegWords, content: tuple[Any, ...]) -> FileDataset:
    """The object without segments and frames; its UIDs depend on CT and content only."""
    seg = derived_object(ct, SegmentationStorage, words.series, content)
    _image(seg, ct, words)
    _dimensions(seg)
    return seg


def _image(seg: FileDataset, ct: Any, words: SegWords) -> None:
    seg.ImageType = ["DERIVED", "PRIMARY"]
    seg.ContentLabel, seg.ContentDescription = words.label, words.description
    seg.ContentCreatorName = "sacroplasty"
    seg.SegmentationType = "BINARY"
    seg.SegmentsOverlap = "YES" if words.overlap else "NO"
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


def segment_item(number: int, name: str, category: Dataset, kind: Dataset) -> Dataset:
    """One segment: number, our name, codes of its category and type."""
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel = number, name
    item.SegmentedPropertyCategoryCodeSequence = Sequence([category])
    item.SegmentedPropertyTypeCodeSequence = Sequence([kind])
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
    derivation, source = Dataset(), instance_reference(header)
    source.PurposeOfReferenceCodeSequence = Sequence([coded(*_SEGMENTATION_PURPOSE)])
    derivation.SourceImageSequence = Sequence([source])
    derivation.DerivationCodeSequence = Sequence([coded(*_SEGMENTATION_DERIVATION)])
    return derivation
